"""Finds the plate on the lifter's bar among all plates that were seen. Pure.

A plate belongs to the bar when it moves with the hands.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion, hands_px
from shared.data.messages import Plate

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Maximum deviation of the bar's plate from its usual position relative to the hands, in trunk
#: lengths, and from its usual size, as a fraction. Chosen: hands behind plates are off by less. In
#: real clips, 95 % of the plates found within these limits are within 0.12 and 0.07, so the first
#: limit cuts some off.
MAX_OFFSET, MAX_SIZE_CHANGE = 0.12, 0.12

#: Maximum distance between two sightings of one plate at rest, in trunk lengths. Chosen: a third of
#: a plate's radius.
MAX_REST_STEP = 0.15

#: Maximum time for which a plate is followed without the hands, in seconds. Chosen: the pose stage
#: may misplace hands for a few frames; in a longer time another plate may take the place.
_MAX_FOLLOW_S = 0.4

#: Minimum fraction of the frames with hands in which the bar's plate moves with them. Chosen: a
#: plate that hangs on the bar is seen in nearly half of the frames or more (0.44 to 1 in 21 real
#: clips; the limit itself bounds that range).
_MIN_TRACKED = 0.4

#: Maximum sightings tried as a first guess of position and size, evenly through the clip. Chosen:
#: it bounds the time, and with 60 some show the bar's plate wherever it can be tracked.
_MAX_SEEDS = 60


@dataclass(frozen=True, eq=False)
class PlateSightings:
    """All sightings of plates in a clip, in order of rows.

    Attributes:
        row: int64 (m,), the row of the motion.
        xy_px: float64 (m, 2), centres.
        height_px: float64 (m,), vertical diameters.
        bounds: int64 (n + 1,), the sightings of row r are bounds[r] … bounds[r + 1] - 1.
    """

    row: Ints
    xy_px: F64
    height_px: F64
    bounds: Ints

    def of_row(self, row: int) -> slice:
        """The sightings of one row."""
        return slice(int(self.bounds[row]), int(self.bounds[row + 1]))


@dataclass(frozen=True, eq=False)
class TrackedPlate:
    """The plate that moves with the hands.

    Attributes:
        offset_px: float64 (2,), its usual position relative to the hands.
        diameter_px: Its usual height.
        sighting: int64 (n,), for each row the number of its sighting, -1 where it is not seen.
    """

    offset_px: F64
    diameter_px: float
    sighting: Ints


@dataclass(frozen=True, eq=False)
class BarPlate:
    """Hands and plates of a clip, and the plate that is on the lifter's bar.

    Attributes:
        hands_px: float64 (n, 2), the middle of the hands, NaN where unknown.
        seen: All sightings of plates.
        plate: The plate that moves with the hands; None where no plate does.
    """

    hands_px: F64
    seen: PlateSightings
    plate: TrackedPlate | None


def find_bar_plate(motion: Motion, plates: Sequence[Sequence[Plate]]) -> BarPlate:
    """Find the plate on the lifter's bar among the plates of each row."""
    hands, seen = hands_px(motion), gather_sightings(plates)
    return BarPlate(hands, seen, track_plate(motion, hands, seen))


def gather_sightings(plates: Sequence[Sequence[Plate]]) -> PlateSightings:
    """All sightings of a clip, from the plates of each row."""
    counts = [len(seen) for seen in plates]
    listed = [plate for seen in plates for plate in seen]
    return PlateSightings(
        row=np.repeat(np.arange(len(plates)), counts),
        xy_px=np.array([(p.x_px, p.y_px) for p in listed], np.float64).reshape(-1, 2),
        height_px=np.array([2 * p.half_height_px for p in listed], np.float64),
        bounds=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]),
    )


def track_plate(motion: Motion, hands: F64, seen: PlateSightings) -> TrackedPlate | None:
    """The plate that moves with the hands (n, 2); None where no plate does."""
    if not seen.row.size or not motion.trunk_length_px > 0:
        return None
    offsets = (seen.xy_px - hands[seen.row]) / motion.trunk_length_px
    sizes = seen.height_px / motion.trunk_length_px
    known = np.isfinite(offsets).all(-1)
    if not known.any():
        return None
    alike = np.zeros(len(sizes), bool)
    for seed in _seeds(offsets[known], sizes[known]):
        near = known & (np.abs(offsets - seed[:2]).max(-1) < MAX_OFFSET)
        near &= np.abs(sizes / seed[2] - 1) < MAX_SIZE_CHANGE
        if len(np.unique(seen.row[near])) > len(np.unique(seen.row[alike])):
            alike = near
    with_hands = max(int(np.isfinite(hands).all(-1).sum()), 1)
    if not alike.any() or len(np.unique(seen.row[alike])) < _MIN_TRACKED * with_hands:
        return None
    offset, size = np.median(offsets[alike], axis=0), float(np.median(sizes[alike]))
    alike &= np.abs(sizes / size - 1) < MAX_SIZE_CHANGE  # not those seen with a shadow
    distance = np.abs(offsets - offset).max(-1) + np.abs(sizes / size - 1)
    sighting = np.full(len(motion), -1, np.int64)
    for number in np.flatnonzero(alike)[np.argsort(-distance[alike])]:  # nearest is written last
        sighting[seen.row[number]] = number
    length = motion.trunk_length_px
    return TrackedPlate(offset * length, size * length, sighting)


def follow_plate(motion: Motion, seen: PlateSightings, plate: TrackedPlate) -> Ints:
    """The tracked sightings, continued from row to row through rows with misplaced hands.

    A row's sighting continues the next or previous row's if it has the plate's size and lies within
    `MAX_REST_STEP`. A cut, or `_MAX_FOLLOW_S` without the hands, ends it. Returns int (n,), as
    `TrackedPlate.sighting`.
    """
    followed = plate.sighting.copy()
    for rows in (range(1, len(motion)), range(len(motion) - 2, -1, -1)):
        back = -1 if rows.step > 0 else 1
        last_s = np.where(plate.sighting >= 0, motion.time_s, np.nan)
        for row in rows:
            before = row + back
            is_cut = motion.shot[row] != motion.shot[before]
            if followed[row] >= 0 or followed[before] < 0 or is_cut:
                continue
            last_s[row] = last_s[before]
            if not abs(motion.time_s[row] - last_s[row]) <= _MAX_FOLLOW_S:  # unknown: too long
                continue
            here = seen.of_row(row)
            alike = np.abs(seen.height_px[here] / plate.diameter_px - 1) < MAX_SIZE_CHANGE
            step = np.linalg.norm(seen.xy_px[here] - seen.xy_px[followed[before]], axis=1)
            step = np.where(alike, step / motion.trunk_length_px, np.inf)
            if step.size and step.min() < MAX_REST_STEP:
                followed[row] = here.start + int(step.argmin())
    return followed


def _seeds(offsets: F64, sizes: F64) -> F64:
    """Offsets and sizes of sightings evenly through the clip, (k, 3)."""
    chosen = np.linspace(0, len(sizes) - 1, min(_MAX_SEEDS, len(sizes))).astype(int)
    return np.asarray(np.column_stack([offsets, sizes])[chosen])
