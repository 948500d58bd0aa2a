"""What joins pieces of a person's track: place, size, clothes' colours and the bar they hold. Pure.

A track breaks where a skeleton jumps, for instance onto a plate for some frames. Everything here is
a median over many frames, so that a few bad skeletons at the end of a piece decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.holding import HandsOnBar, hands_on_bars
from services.scorer.lifter.tracks import Track, box_centre_px, box_size_px
from shared.data.messages import Person

F64 = NDArray[np.float64]

#: Weight of the difference in lightness beside those of the two colour axes. Chosen: shadow and
#: exposure change the lightness of one shirt most.
_LIGHTNESS_WEIGHT = 0.5

#: Distance of colours from which a shirt is another shirt, and from which both garments together
#: are. Chosen with 34 real clips: between parts of one lifter's clip the shirts' distance is 36 at
#: most (median of each clip's maximum: 13), and people beside the lifter have 36 to 76. Trousers
#: alone say little: plates before the legs move their colour by up to 55.
_OTHER_SHIRT, _OTHER_BOTH = 36.0, 30.0

#: Distance of colours up to which both garments are alike. Chosen: about the median distance
#: between parts of one lifter's clip (10), and 4 more.
_ALIKE = 14.0


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of one person's track, within one shot.

    Attributes:
        shot: Number of the shot.
        people: Row → the person there, in order.
        size_px: Usual size of the box.
        centre_px: float64 (2,), usual centre of the box.
        clothes_lab: float64 (2, 3), usual colours as in `Person`, NaN where unknown.
        hands: Number of a bar → how the hands hold it, of those that they hold or touch.
    """

    shot: int
    people: Mapping[int, Person]
    size_px: float
    centre_px: F64
    clothes_lab: F64
    hands: Mapping[int, HandsOnBar]

    @property
    def lifted(self) -> set[int]:
        """Numbers of the bars that move with the hands."""
        return {bar for bar, hands in self.hands.items() if hands.moves}


def describe_piece(track: Track, bars: Sequence[F64]) -> Piece:
    """What is known of a track; `bars` as in `find_lifters`."""
    people = list(track.people.values())
    return Piece(
        shot=track.shot,
        people=track.people,
        size_px=median_size_px(track.people),
        centre_px=np.median([box_centre_px(person) for person in people], axis=0),
        clothes_lab=_median_lab(people),
        hands=hands_on_bars(track.people, bars),
    )


def median_size_px(people: Mapping[int, Person]) -> float:
    """Usual size of a person's box."""
    return float(np.median([box_size_px(person) for person in people.values()]))


def wear_other_clothes(one: Piece, other: Piece) -> bool:
    """Whether the clothes' colours differ too much for one person; False where they are unknown."""
    shirt, trousers = _colour_distances(one, other)
    return bool(shirt > _OTHER_SHIRT or min(shirt, trousers) > _OTHER_BOTH)


def wear_same_clothes(one: Piece, other: Piece) -> bool:
    """Whether shirt and trousers have the same colours; False where either is unknown."""
    return bool((_colour_distances(one, other) <= _ALIKE).all())


def _colour_distances(one: Piece, other: Piece) -> F64:
    """Distances of the shirts and of the trousers, (2,); NaN where unknown."""
    weights = np.array([_LIGHTNESS_WEIGHT, 1.0, 1.0])
    return np.asarray(np.linalg.norm((one.clothes_lab - other.clothes_lab) * weights, axis=-1))


def _median_lab(people: Sequence[Person]) -> F64:
    colours = np.stack([person.clothes_lab for person in people]).astype(np.float64)
    known = np.isfinite(colours[..., 0])
    usual = np.full((2, 3), np.nan)
    for garment in range(2):
        if known[:, garment].any():
            usual[garment] = np.median(colours[known[:, garment], garment], axis=0)
    return usual
