"""Tells the lifters of a recording's sets apart, by clothes and build. Pure."""

from dataclasses import dataclass

import numpy as np

from shared.data.analysis import Lifter
from shared.data.skeleton import F32

#: Largest distance of the colours of one garment for one person, in CIELAB. Chosen: a shirt's
#: colour moves by up to 15 with the light and the posture of a set.
_SAME_COLOUR = 22.0

#: Largest ratio of the trunks' lengths of one person. Chosen: the platform is always as far from
#: the camera, and a lifter stands a little nearer or farther on it.
_SAME_TRUNK = 1.3

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What a lifter looks like in one set.

    Attributes:
        clothes_lab: Median colours of shirt and trousers in CIELAB, (2, 3); NaN where unknown.
        trunk_px: Length of the upright trunk; NaN where unknown.
    """

    clothes_lab: F32
    trunk_px: float

    @classmethod
    def of(cls, lifter: Lifter) -> "Looks":
        """The looks of a set's lifter."""
        seen = [frame.measured.person for frame in lifter.frames]
        colours = [person.clothes_lab for person in seen if person is not None]
        known = np.stack(colours) if colours else np.full((1, 2, 3), np.nan, np.float32)
        clothes = np.full((2, 3), np.nan, np.float32)
        for garment in range(2):
            rows = known[:, garment][np.isfinite(known[:, garment]).all(1)]
            if len(rows):
                clothes[garment] = np.median(rows, axis=0)
        return cls(clothes, lifter.summary.trunk_length_px)

    @property
    def are_known(self) -> bool:
        """Whether anything tells this lifter from others."""
        return bool(np.isfinite(self.clothes_lab).any())


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
    colours = np.sqrt(((one.clothes_lab - other.clothes_lab) ** 2).sum(1)) / _SAME_COLOUR
    known = colours[np.isfinite(colours)]
    if not len(known):
        return np.inf
    trunk = abs(np.log(one.trunk_px / other.trunk_px)) / np.log(_SAME_TRUNK)
    return float(max(known.max(), trunk if np.isfinite(trunk) else 0.0))


def _letters(number: int) -> str:
    """The letters of a number: A, B, … Z, AA, AB and so on.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    first, rest = divmod(number, len(_LETTERS))
    return (_letters(first - 1) if first else "") + _LETTERS[rest]
