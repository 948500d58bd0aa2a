"""Drops repetitions in which the bar stays on the floor: standing up without it. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.plate_tracking import (
    MAX_REST_STEP,
    MAX_SIZE_CHANGE,
    BarPlate,
    PlateSightings,
)
from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import RepBoundaries

F64 = NDArray[np.float64]

#: Minimum fraction of the frames of a rise in which the plate is seen at rest. Chosen: only the
#: lifter's legs can hide a plate on the floor.
_MIN_STILL = 0.6


def drop_reps_without_bar(
    motion: Motion, found: BarPlate, reps: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """The repetitions without those in which the bar stays where it was.

    This needs a plate that moves with the hands elsewhere in the clip. A rise is dropped if that
    plate is seen at its old position in most frames, and not with the hands at the top.
    """
    hands, seen, plate = found.hands_px, found.seen, found.plate
    if plate is None:
        return tuple(reps)
    kept = []
    for rep in reps:
        rest_px = hands[rep.start] + plate.offset_px
        still = [
            _is_at(seen, row, rest_px, plate.diameter_px, motion)
            for row in range(rep.start, rep.top + 1)
        ]
        near_top = slice(max(0, rep.top - 1), rep.top + 2)
        rose = bool((plate.sighting[near_top] >= 0).any())
        if rose or np.mean(still) < _MIN_STILL:
            kept.append(rep)
    return tuple(kept)


def _is_at(
    seen: PlateSightings, row: int, centre_px: F64, diameter_px: float, motion: Motion
) -> bool:
    """Whether a row shows a plate of this size at this position, (2,)."""
    here = seen.of_row(row)
    distance_px = np.linalg.norm(seen.xy_px[here] - centre_px, axis=1)
    near = distance_px < MAX_REST_STEP * motion.trunk_length_px
    alike = np.abs(seen.height_px[here] / diameter_px - 1) < MAX_SIZE_CHANGE
    return bool((near & alike).any())
