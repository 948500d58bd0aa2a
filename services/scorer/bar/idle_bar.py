"""Repetitions in which the bar stays on the floor: standing up without it. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.plate_tracking import (
    MAX_SIZE_CHANGE,
    SAME_PLACE,
    PlateSightings,
    gather_sightings,
    track_plate,
)
from services.scorer.motion.motion import Motion, hands_px
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.messages import Plate

F64 = NDArray[np.float64]

#: A plate on the floor is seen in the same place in at least this fraction of the frames: nothing
#: but the lifter's legs moves before it.
_MIN_STILL = 0.6


def drop_reps_without_bar(
    motion: Motion, plates: Sequence[Sequence[Plate]], reps: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """The repetitions without those in which the bar lies where it was.

    That can be told where a plate moves with the hands in the rest of the clip. In such a rise it
    is seen in its old place nearly all the way up, and not at the hands at the top.
    """
    hands = hands_px(motion)
    seen = gather_sightings(plates)
    plate = track_plate(motion, hands, seen)
    if plate is None:
        return tuple(reps)
    kept = []
    for rep in reps:
        place = hands[rep.start] + plate.offset_px
        still = [
            _is_at(seen, row, place, plate.diameter_px, motion)
            for row in range(rep.start, rep.top + 1)
        ]
        near_top = slice(max(0, rep.top - 1), rep.top + 2)
        rose = bool((plate.sighting[near_top] >= 0).any())
        if rose or np.mean(still) < _MIN_STILL:
            kept.append(rep)
    return tuple(kept)


def _is_at(seen: PlateSightings, row: int, place: F64, diameter_px: float, motion: Motion) -> bool:
    """Whether one of a row's plates has this size and place, (2,)."""
    here = seen.of_row(row)
    far = np.linalg.norm(seen.xy_px[here] - place, axis=1)
    near = far < SAME_PLACE * motion.trunk_length_px
    alike = np.abs(seen.height_px[here] / diameter_px - 1) < MAX_SIZE_CHANGE
    return bool((near & alike).any())
