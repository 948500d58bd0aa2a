"""Finds the lifter's bar among all plates that were seen. Pure.

The bar's plate moves with the hands. Where hands are not seen or misplaced, it is the plate of that
size that goes up and down as a lifted bar does, or lies where the bar was last seen. Plates in a
rack and at the wall do neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.bar_paths import choose_paths
from services.scorer.bar.lifted import is_body_part, rests_without_hands
from services.scorer.bar.ring_alignment import align_rings
from services.scorer.motion.motion import Motion, hands_px
from services.scorer.plates.sightings import (
    PlateSightings,
    gather_sightings,
    link_tracks,
    rim_height_px,
)
from shared.data.messages import Plate

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Maximum deviation of the bar's plate from its usual position relative to the hands, in trunk
#: lengths, and from its usual size, as a fraction. Chosen: hands behind plates are off by less. In
#: real clips, 95 % of the plates found within these limits are within 0.12 and 0.07, so the first
#: limit cuts some off.
MAX_OFFSET, MAX_SIZE_CHANGE = 0.12, 0.12

#: Minimum fraction of the frames with hands in which the bar's plate moves with them. Chosen: a
#: plate that hangs on the bar is seen in nearly half of the frames or more (0.44 to 1 in 21 real
#: clips; the limit itself bounds that range).
_MIN_TRACKED = 0.4

#: Weight of a frame in which the hands are at rest, and velocity of the hands from which on a frame
#: counts fully, in trunk lengths per second. Chosen: a plate in a rack is at one place relative to
#: hands that rest; a pull has about 1 trunk length per second.
_REST_WEIGHT, _FULL_VELOCITY = 0.1, 0.3

#: Minimum way of the hands up and down for them to tell what moves with them, in trunk lengths, and
#: minimum way of a plate that does, as a fraction of theirs. Chosen: as `reps.find`; a plate that
#: is seen in part of the frames may be seen for half of the way.
_MIN_WAY, _MIN_SHARED_WAY = 0.3, 0.5

#: Minimum time from the first to the last frame in which a plate moves with the hands, in seconds.
#: Chosen: in a shorter time anything does.
_MIN_SPAN_S = 0.4

#: Maximum sightings tried as a first guess of position and size, evenly through the shot. Chosen:
#: it bounds the time, and with 90 some show the bar's plate wherever it can be tracked.
_MAX_SEEDS = 90


@dataclass(frozen=True, eq=False)
class TrackedPlate:
    """The plate on the lifter's bar.

    Attributes:
        offset_px: float64 (2,), its usual position relative to the hands; 0 if they are never seen.
        diameter_px: Its usual height.
        sighting: int64 (n,), for each row the number of its sighting, -1 where it is not seen.
        centre_px: float64 (n, 2), the rim's centre in each row, NaN where it is not seen.
    """

    offset_px: F64
    diameter_px: float
    sighting: Ints
    centre_px: F64


@dataclass(frozen=True, eq=False)
class BarPlate:
    """Hands and plates of a clip, and the plate that is on the lifter's bar.

    Attributes:
        hands_px: float64 (n, 2), the middle of the hands, NaN where unknown.
        seen: All sightings of plates.
        plate: The plate on the bar; None where no plate is.
    """

    hands_px: F64
    seen: PlateSightings
    plate: TrackedPlate | None

    @property
    def plate_px(self) -> F64:
        """The centre of the bar's plate in each row, (n, 2); NaN where it is not seen."""
        if self.plate is None:
            return np.full(self.hands_px.shape, np.nan)
        return self.plate.centre_px


def find_bar_plate(motion: Motion, plates: Sequence[Sequence[Plate]]) -> BarPlate:
    """Find the plate on the lifter's bar among the plates of each row."""
    hands, seen = hands_px(motion), gather_sightings(plates)
    return BarPlate(hands, seen, track_plate(motion, hands, seen))


def track_plate(motion: Motion, hands: F64, seen: PlateSightings) -> TrackedPlate | None:
    """The plate on the bar that the hands (n, 2) lift; None where there is none.

    Each shot is looked at on its own: another camera sees the plate elsewhere.
    """
    sighting = np.full(len(motion), -1, np.int64)
    with_hands = np.zeros(len(seen.row), bool)
    paths = link_tracks(seen, motion.time_s, motion.shot)
    shots = motion.shot[seen.row]
    for shot in np.unique(shots):
        here = [path for path in paths if shots[path[0]] == shot]
        free = [path for path in here if not is_body_part(motion, seen, path)]
        candidates = np.zeros(len(seen.row), bool)
        moving = [path for path in free if not rests_without_hands(motion, hands, seen, path)]
        candidates[[number for path in moving for number in path]] = True
        rows = np.flatnonzero(motion.shot == shot)
        alike = _moves_with_hands(motion, hands, seen, rows, candidates)
        with_hands |= alike
        for path in choose_paths(motion, hands, seen, free, alike)[::-1]:
            sighting[seen.row[path]] = path  # the best is written last
    return _usual(motion, hands, seen, sighting, with_hands)


def _usual(
    motion: Motion, hands: F64, seen: PlateSightings, sighting: Ints, with_hands: Bools
) -> TrackedPlate | None:
    """The plate of these sightings, its usual size and place, from the main shot if it is seen."""
    rows = np.flatnonzero(sighting >= 0)
    if not rows.size:
        return None
    own = sighting[rows[motion.main[rows]] if motion.main[rows].any() else rows]
    if with_hands[own].any():
        own = own[with_hands[own]]
    diameter_px = rim_height_px(seen.height_px[own])
    centre_px = align_rings(seen, sighting, motion.time_s, motion.shot, diameter_px)
    offsets = (centre_px - hands)[seen.row[own]]
    offsets = offsets[np.isfinite(offsets).all(-1)]
    offset = np.median(offsets, axis=0) if len(offsets) else np.zeros(2)
    return TrackedPlate(offset, diameter_px, sighting, centre_px)


def _moves_with_hands(
    motion: Motion, hands: F64, seen: PlateSightings, rows: Ints, candidates: Bools
) -> Bools:
    """Which of the candidates (m,) show the plate that moves with the hands in the rows of a shot.

    None, where no plate does.
    """
    none = np.zeros(len(seen.row), bool)
    offsets = (seen.xy_px - hands[seen.row]) / motion.trunk_length_px
    sizes = seen.height_px / motion.trunk_length_px
    known = candidates & np.isfinite(offsets).all(-1)
    if not known.any():
        return none
    weights = _weights(motion, hands, rows)
    ways = hands[rows, 1][np.isfinite(hands[rows, 1])]
    min_way = _MIN_SHARED_WAY * float(np.ptp(ways)) if len(ways) else 0.0
    if min_way < _MIN_SHARED_WAY * _MIN_WAY * motion.trunk_length_px:
        min_way = 0.0
    best, alike = 0.0, none
    for seed in _seeds(offsets[known], sizes[known]):
        near = known & (np.abs(offsets - seed[:2]).max(-1) < MAX_OFFSET)
        near &= np.abs(sizes / seed[2] - 1) < MAX_SIZE_CHANGE
        weight = float(weights[np.unique(seen.row[near])].sum())
        if weight > best and np.ptp(seen.xy_px[near, 1]) >= min_way:
            best, alike = weight, near
    if not alike.any() or best < _MIN_TRACKED * weights.sum():
        return none
    if np.ptp(motion.time_s[seen.row[alike]]) < _MIN_SPAN_S:
        return none
    size = np.median(sizes[alike])
    return alike & (np.abs(sizes / size - 1) < MAX_SIZE_CHANGE)  # not those seen with a shadow


def _weights(motion: Motion, hands: F64, rows: Ints) -> F64:
    """How much each row tells about what moves with the hands, (n,); 0 without hands."""
    weights = np.zeros(len(motion))
    known = rows[np.isfinite(hands[rows]).all(-1)]
    weights[known] = _REST_WEIGHT
    if len(known) > 1:
        velocity = np.gradient(hands[known, 1], motion.time_s[known]) / motion.trunk_length_px
        weights[known] = np.clip(np.abs(velocity) / _FULL_VELOCITY, _REST_WEIGHT, 1.0)
    return weights


def _seeds(offsets: F64, sizes: F64) -> F64:
    """Offsets and sizes of sightings evenly through the shot, (k, 3)."""
    chosen = np.linspace(0, len(sizes) - 1, min(_MAX_SEEDS, len(sizes))).astype(int)
    return np.asarray(np.column_stack([offsets, sizes])[chosen])
