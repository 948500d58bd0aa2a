"""The centre of a plate's rim where another ring of the plate was traced. Pure.

The pose stage looks for plates anew in each chunk, and may trace the hub there, or a rim together
with its shadow. In the picture such a ring has another centre than the rim, so that the path would
jump at the chunk's border. The ring is moved to where its path meets the rim's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scorer.plates.sightings import SAME_RING, PlateSightings

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Maximum distance between the centres of a ring and the rim, in radii of the rim. Chosen: as where
#: rings are linked (`plates.sightings`); what lies further away is another plate.
_MAX_SHIFT = 0.2

#: Minimum jump from and back to the rim's path by which a ring of the rim's size is told to be
#: another one, in radii of the rim. Chosen: more than the jitter of a rim's centre.
_MIN_JUMP = 0.06

#: Maximum time between two pieces that meet, and time from which their velocities are computed, in
#: seconds. Chosen: as where tracks are linked; in a longer time a bar may turn back.
_MAX_GAP_S, _VELOCITY_S = 0.25, 0.12


@dataclass(frozen=True, eq=False)
class _Piece:
    """Consecutive rows in which one track shows the bar's plate.

    Attributes:
        time_s: float64 (k,).
        xy_px: float64 (k, 2), centres of the ring.
        rows: int64 (k,), rows of the motion.
        shot: Shot of these rows.
        is_rim: Whether the ring has the size of the rim.
    """

    time_s: F64
    xy_px: F64
    rows: Ints
    shot: int
    is_rim: bool

    def velocity(self, at_end: bool) -> F64:
        """Mean velocity at one end in px/s, (2,); NaN for a single row."""
        near = np.abs(self.time_s - self.time_s[-1 if at_end else 0]) <= _VELOCITY_S
        time_s, xy_px = self.time_s[near], self.xy_px[near]
        if len(time_s) < 2:
            return np.full(2, np.nan)
        return np.asarray((xy_px[-1] - xy_px[0]) / (time_s[-1] - time_s[0]))


def align_rings(
    seen: PlateSightings, sighting: Ints, time_s: F64, shot: Ints, diameter_px: float
) -> F64:
    """The centre of the plate's rim in each row, float64 (n, 2); NaN where it is not seen.

    Args:
        seen: all sightings.
        sighting: (n,), the sighting of the bar's plate in each row, -1 where it is not seen.
        time_s: (n,), time of each row.
        shot: (n,), shot of each row.
        diameter_px: diameter of the rim.
    """
    centre_px = np.full((len(sighting), 2), np.nan)
    centre_px[sighting >= 0] = seen.xy_px[sighting[sighting >= 0]]
    pieces = _pieces(seen, sighting, time_s, shot, diameter_px)
    limit_px = _MAX_SHIFT * diameter_px / 2
    min_px = _MIN_JUMP * diameter_px / 2
    pieces[1:-1] = [
        replace(piece, is_rim=piece.is_rim and not _is_astray(before, piece, after, min_px))
        for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False)
    ]
    by_earlier = _shifts(pieces, limit_px)
    by_later = _shifts(pieces[::-1], limit_px)[::-1]
    for piece, earlier, later in zip(pieces, by_earlier, by_later, strict=True):
        ends = [shift for shift in (earlier, later) if np.isfinite(shift).all()]
        if ends:
            part = np.linspace(0, 1, len(piece.rows))[:, None]
            centre_px[piece.rows] += (1 - part) * ends[0] + part * ends[-1]
    return centre_px


def _pieces(
    seen: PlateSightings, sighting: Ints, time_s: F64, shot: Ints, diameter_px: float
) -> list[_Piece]:
    rows = np.flatnonzero(sighting >= 0)
    tracks = seen.track[sighting[rows]]
    begins = np.flatnonzero((np.diff(tracks) != 0) | (np.diff(shot[rows]) != 0) | (tracks[1:] < 0))
    pieces = []
    for own in np.split(rows, begins + 1):
        if own.size:
            size_px = float(np.median(seen.height_px[sighting[own]]))
            is_rim = abs(size_px / diameter_px - 1) < SAME_RING
            xy_px = seen.xy_px[sighting[own]]
            pieces.append(_Piece(time_s[own], xy_px, own, int(shot[own[0]]), is_rim))
    return pieces


def _shifts(pieces: Sequence[_Piece], limit_px: float) -> list[F64]:
    """What moves each ring to the rim's path, (2,), from the piece before it; NaN where unknown."""
    shifts: list[F64] = []
    for number, piece in enumerate(pieces):
        shift = np.zeros(2) if piece.is_rim else np.full(2, np.nan)
        if number and not piece.is_rim:
            shift = shifts[-1] - _jump_px(pieces[number - 1], piece)
            if not np.abs(shift).max() <= limit_px:
                shift = np.full(2, np.nan)
        shifts.append(shift)
    return shifts


def _is_astray(before: _Piece, piece: _Piece, after: _Piece, min_px: float) -> bool:
    """Whether a piece lies beside a path that goes on behind it."""
    there, back = _jump_px(before, piece), _jump_px(piece, after)
    jump_px = float(np.linalg.norm(there))
    return jump_px > min_px and float(np.linalg.norm(there + back)) < jump_px / 2


def _jump_px(before: _Piece, after: _Piece) -> F64:
    """Distance between two pieces beyond their motion, (2,); NaN where they do not meet.

    `before` may be the later one.
    """
    is_later = bool(before.rows[0] > after.rows[0])
    end, begin = (0, -1) if is_later else (-1, 0)
    gap_s = float(after.time_s[begin] - before.time_s[end])
    if before.shot != after.shot or abs(gap_s) > _MAX_GAP_S:
        return np.full(2, np.nan)
    velocities = np.stack([before.velocity(not is_later), after.velocity(is_later)])
    known = velocities[np.isfinite(velocities).all(-1)]
    velocity = known.mean(0) if len(known) else np.zeros(2)
    return np.asarray(after.xy_px[begin] - before.xy_px[end] - velocity * gap_s)
