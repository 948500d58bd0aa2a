"""How faults come and go over a lift, and where two circles meet. Pure."""

import numpy as np
from numpy.typing import NDArray

from synthetic.timing import minimum_jerk

F64 = NDArray[np.float64]

#: Rounding and craning ease off above this share of the lift, to this share of themselves.
_EASE_FROM, _EASED_TO = 0.65, 0.3


def meet(a: F64, a_length: F64, b: F64, b_length: F64) -> F64:
    """The upper of the two points so far from a and from b, (n, 2); NaN where there is none."""
    between = b - a
    distance = np.linalg.norm(between, axis=-1)
    along = (a_length**2 - b_length**2 + distance**2) / (2 * distance)
    square = a_length**2 - along**2
    aside = np.sqrt(np.where(square >= 0, square, np.nan))
    unit = between / distance[:, None]
    across = np.stack([-unit[:, 1], unit[:, 0]], -1)
    across *= np.where(across[:, 1:] < 0, -1, 1)
    return np.asarray(a + along[:, None] * unit + aside[:, None] * across)


def bump(progress: F64) -> F64:
    """0 at the start and from lockout on, 1 a little before half way."""
    return minimum_jerk(progress / 0.4) - minimum_jerk((progress - 0.45) / 0.4)


def tiptoe(progress: F64) -> F64:
    """0 at the start and at lockout, 1 where the bar passes the knees and plates hide no foot."""
    return minimum_jerk((progress - 0.05) / 0.3) - minimum_jerk((progress - 0.45) / 0.35)


def eased(amount: float, progress: F64) -> F64:
    """An amount that eases off towards lockout; (n,) → (n,)."""
    ease = (1 - _EASED_TO) * minimum_jerk((progress - _EASE_FROM) / (1 - _EASE_FROM))
    return np.asarray(amount * (1 - ease))
