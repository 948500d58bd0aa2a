"""Tells the lifters of a recording's sets apart, by clothes and build. Pure."""

from dataclasses import dataclass

import numpy as np

from services.writer.clothes import clothes_distance
from shared.data.skeleton import F32

#: Largest distance of the clothes of one person, see `clothes_distance`. Measured by
#: `benchmarks.lifters`: 95 % of the pairs of sets of one person before one camera are within 0.09,
#: or 0.26 in changing light; 1 % of the pairs of different people are within 0.17.
_SAME_CLOTHES = 0.2

#: Largest ratio of the trunks' lengths of one person. Chosen: the platform is always as far from
#: the camera, and a lifter stands a little nearer or farther on it.
_SAME_TRUNK = 1.3

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What a lifter looks like in one set.

    Attributes:
        clothes: What `clothes_in` gives.
        trunk_px: Length of the upright trunk; NaN where unknown.
    """

    clothes: F32
    trunk_px: float

    @property
    def are_known(self) -> bool:
        """Whether anything tells this lifter from others."""
        return bool(np.isfinite(self.clothes).any())


def name_lifters(looks: list[Looks]) -> list[str]:
    """A letter for the lifter of each set, in order of time; "" where nothing tells who it is.

    Each set is compared with the latest set of each known lifter: light changes over the day.
    """
    last: list[Looks] = []
    names = []
    for one in looks:
        if not one.are_known:
            names.append("")
            continue
        distances = [_distance(one, other) for other in last]
        nearest = int(np.argmin(distances)) if distances else -1
        if nearest >= 0 and distances[nearest] < 1.0:
            last[nearest] = one
        else:
            nearest = len(last)
            last.append(one)
        names.append(_letters(nearest))
    return names


def _distance(one: Looks, other: Looks) -> float:
    """How different two lifters look: below 1 they may be one person."""
    clothes = clothes_distance(one.clothes, other.clothes) / _SAME_CLOTHES
    if np.isnan(clothes):
        return np.inf
    trunk = abs(np.log(one.trunk_px / other.trunk_px)) / np.log(_SAME_TRUNK)
    return float(max(clothes, trunk if np.isfinite(trunk) else 0.0))


def _letters(number: int) -> str:
    """The letters of a number: A, B, … Z, AA, AB and so on.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    first, rest = divmod(number, len(_LETTERS))
    return (_letters(first - 1) if first else "") + _LETTERS[rest]
