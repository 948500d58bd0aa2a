"""How faults come and go over the progress of a lift, (n,) → (n,). Pure."""

import numpy as np
from numpy.typing import NDArray

from synthetic.timing import minimum_jerk

F64 = NDArray[np.float64]

#: Progress from which rounding and craning ease off, and the fraction of them left at lockout.
_EASE_FROM, _LEFT_AT_LOCKOUT = 0.65, 0.3


def bump(progress: F64) -> F64:
    """0 at the start and from lockout on, 1 a little before the middle."""
    return minimum_jerk(progress / 0.4) - minimum_jerk((progress - 0.45) / 0.4)


def tiptoe(progress: F64) -> F64:
    """0 at the start and at lockout, 1 where the bar passes the knees and plates hide no foot."""
    return minimum_jerk((progress - 0.05) / 0.3) - minimum_jerk((progress - 0.45) / 0.35)


def eased(amount: float, progress: F64) -> F64:
    """An amount that eases off towards lockout."""
    ease = (1 - _LEFT_AT_LOCKOUT) * minimum_jerk((progress - _EASE_FROM) / (1 - _EASE_FROM))
    return np.asarray(amount * (1 - ease))
