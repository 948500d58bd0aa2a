"""Drops repetitions in which the bar stays on the floor: standing up without it. Pure.

It stays if its plate is seen to, or if the lifter stands up for good without a plate that is seen
in the other repetitions. In a clip in which no plate is lifted, it stays if the plate before which
the hands begin to rise stays.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.plate_tracking import BarPlate
from services.scorer.motion.motion import Motion
from services.scorer.plates.sightings import link_tracks
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Partial

F64 = NDArray[np.float64]

#: Minimum fraction of the frames of a rise in which the plate is seen at rest. Chosen: only the
#: lifter's legs can hide a plate on the floor.
_MIN_STILL = 0.6

#: Maximum rise of a plate at rest, as a fraction of the hands' rise. Chosen: a plate that rolls, or
#: is seen by part of its rim, moves by less; a lifted one rises as far as the hands.
_MAX_RISE = 0.25

#: Minimum size of a plate at rest, as a fraction of the bar's plate. Chosen: a smaller circle may
#: be its hub, but lies in many places of a gym.
_MIN_SIZE = 0.5

#: Fraction of a rise's frames in which the plate is seen for it to be in sight, and for it to be
#: missing. Chosen: most and hardly any; a bar at lockout is neither blurred nor near the floor.
_MIN_IN_SIGHT, _MAX_MISSING = 0.5, 0.05

#: Diameter of a plate in which the hands are when they begin to rise, and its maximum motion, in
#: trunk lengths; and minimum fraction of the frames of the rise in which it is seen. Chosen: 450 mm
#: plates are 0.85 of a trunk length; the jitter of a rim; nearly all, since nothing else tells that
#: it is the bar's.
_MIN_DIAMETER, _MAX_DIAMETER, _MAX_JITTER = 0.6, 1.4, 0.05
_MIN_LYING = 0.9


def drop_reps_without_bar(
    motion: Motion, found: BarPlate, reps: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """The repetitions without those in which the bar stays where it was.

    A rise is dropped if the bar's plate is seen in most of its frames and does not rise with the
    hands.
    """
    if found.plate is None:
        paths = link_tracks(found.seen, motion.time_s, motion.shot)
        return tuple(rep for rep in reps if not _lies(motion, found, paths, rep))
    height = -found.plate_px[:, 1]
    size_px = found.seen.height_px[found.plate.sighting]
    large = np.where(size_px >= _MIN_SIZE * found.plate.diameter_px, height, np.nan)
    lifted = [rep for rep in reps if not _stays(large, -found.hands_px[:, 1], rep)]
    is_seen = np.isfinite(height)
    return tuple(rep for rep in lifted if not _leaves(is_seen, motion, rep, lifted))


def _leaves(
    is_seen: NDArray[np.bool_], motion: Motion, rep: RepBoundaries, reps: Sequence[RepBoundaries]
) -> bool:
    """Whether hands end up high without the plate (n,) that is seen in earlier repetitions."""
    if rep.partial is not Partial.NO_END or is_seen[rep.start : rep.end + 1].mean() > _MAX_MISSING:
        return False
    others = [
        is_seen[other.start : other.end + 1].mean()
        for other in reps
        if other.end < rep.start and motion.shot[other.top] == motion.shot[rep.top]
    ]
    return bool(others) and min(others) >= _MIN_IN_SIGHT


def _lies(
    motion: Motion, found: BarPlate, paths: Sequence[NDArray[np.int64]], rep: RepBoundaries
) -> bool:
    """Whether the plate before which the hands begin to rise stays."""
    unit_px, seen = motion.trunk_length_px, found.seen
    for path in paths:
        own = path[(seen.row[path] >= rep.start) & (seen.row[path] <= rep.top)]
        if not own.size or len(own) < _MIN_LYING * (rep.top - rep.start + 1):
            continue
        diameter = float(np.median(seen.height_px[own])) / unit_px
        moves = float(np.ptp(seen.xy_px[own], axis=0).max()) / unit_px
        away = float(np.linalg.norm(seen.xy_px[own].mean(0) - found.hands_px[rep.start])) / unit_px
        is_plate = _MIN_DIAMETER <= diameter <= _MAX_DIAMETER
        if is_plate and moves <= _MAX_JITTER and away <= diameter / 2:
            return True
    return False


def _stays(plate: F64, hands: F64, rep: RepBoundaries) -> bool:
    """Whether a plate's height (n,) stays as it is while the hands' height (n,) rises."""
    rows = slice(rep.start, rep.top + 1)
    known = np.isfinite(plate[rows])
    rise = float(np.nanmax(hands[rows]) - hands[rep.start]) if _any(hands[rows]) else 0.0
    if known.mean() < _MIN_STILL or not rise > 0:
        return False
    seen = plate[rows][known]
    return bool(np.ptp(seen) <= _MAX_RISE * rise)


def _any(values: F64) -> bool:
    return bool(np.isfinite(values).any())
