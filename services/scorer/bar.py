"""Where the bar is, and how it moves: from the plates where they are seen, else the hands. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.cleaning import clean
from services.scorer.motion import Bar, Motion, RepSpan, middle
from shared.skeleton import HEAD, L_ANKLE, L_WRIST, R_ANKLE, R_WRIST

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

#: The bar's path is smoothed with this cut-off, hertz; as the joints are by default.
_CUTOFF_HZ = 6.0

#: A plate belongs to the lifter's bar when it moves with the hands: its place relative to them
#: varies by less than this, in trunk lengths, and its size by less than this share.
_MAX_OFFSET, _MAX_SIZE = 0.12, 0.12

#: A plate this near to the hands may be on the bar that they hold (half a bar's length, seen at an
#: angle), and one that is off by less is where it should be; in trunk lengths.
_AT_HANDS, _SAME_PLACE = 0.9, 0.15

#: Plates that are tracked in fewer of the frames than this are not followed.
_MIN_TRACKED = 0.4

#: A trunk (neck to hips) of an adult, metres: 0.29 of a stature of 1.45 to 2.1 m (Drillis & Contini
#: 1966). Where the scale says otherwise, the plates are not what they were taken for.
_TRUNK_M = (0.38, 0.64)

#: Where the scale probably lies, as shares of it: the near plate looks larger than the bar's middle
#: by up to 8 % (0.65 m nearer to a camera 5 m away, half of it on each side); a height is seen
#: within 6 %.
_PLATE_LOW, _PLATE_HIGH, _HEIGHT_OFF = 0.92, 1.02, 0.06

#: Crown to ankle, as a share of the stature (Drillis & Contini 1966: the ankle is at 0.039).
_CROWN_TO_ANKLE = 0.961


def bar_path(motion: Motion, plates: Sequence[F32], plate_mm: float, height_cm: float) -> Bar:
    """The bar's middle in each row, and the unit of its numbers.

    Args:
        motion: the lifter's.
        plates: for each row, the plates that were seen, (k, 5) as in `FramePoses`.
        plate_mm: diameter of the plates.
        height_cm: the lifter's height, 0 for not known.
    """
    hands = middle(motion.xy_px[:, L_WRIST], motion.xy_px[:, R_WRIST])
    offset, diameter_px, tracked = _plate(motion, hands, plates)
    if tracked.size:
        seen = np.where(tracked[:, None] >= 0, _places(plates, tracked), np.nan)
        path = np.where(np.isfinite(seen), seen, hands + offset)
        return _scaled(_smooth(motion, path), "plate", motion, diameter_px, plate_mm, height_cm)
    source = "wrists" if np.isfinite(hands).any() else "none"
    return _scaled(hands, source, motion, float("nan"), plate_mm, height_cm)


def bar_numbers(bar: Bar, motion: Motion, rep: RepSpan) -> tuple[float, float, float, float]:
    """Range of motion, horizontal drift, mean and peak velocity of a rep's way up.

    In the bar's unit, a second where they are velocities; NaN where the bar is not known. Drift is
    the whole width of the path, forward and back.
    """
    rows = slice(rep.start, rep.top + 1)
    path, time_s = bar.xy_px[rows] / bar.px_per_unit, motion.time_s[rows]
    took_s = float(time_s[-1] - time_s[0])
    if len(time_s) < 2 or took_s <= 0 or not np.isfinite(path).all():
        return (float("nan"),) * 4
    rom = float(path[0, 1] - path[:, 1].min())
    velocity = -np.gradient(path[:, 1], time_s)
    return rom, float(np.ptp(path[:, 0])), rom / took_s, float(velocity.max())


def is_left_behind(motion: Motion, plates: Sequence[F32], rep: RepSpan) -> bool:
    """Whether the bar lies where it was while the hands rose: the lifter stood up without it.

    Holds where a plate that was at the hands at the start is in the same place at the top, and
    none has risen with the hands.
    """
    hands = middle(motion.xy_px[:, L_WRIST], motion.xy_px[:, R_WRIST]) / motion.torso_px
    rise = hands[rep.top] - hands[rep.start]
    at_top = _seen_around(plates, rep.top)
    for plate in _seen_around(plates, rep.start):
        place = np.asarray(plate[:2] / motion.torso_px, np.float64)
        if np.linalg.norm(place - hands[rep.start]) > _AT_HANDS:
            continue
        stayed = _is_at(at_top, plate, place, motion)
        rose = _is_at(at_top, plate, np.asarray(place + rise), motion)
        if stayed and not rose:
            return True
    return False


def _seen_around(plates: Sequence[F32], row: int) -> list[F32]:
    """Plates of a row and its two neighbours."""
    return [plate for seen in plates[max(0, row - 1) : row + 2] for plate in seen]


def _is_at(seen: Sequence[F32], plate: F32, place: F64, motion: Motion) -> bool:
    """Whether a plate of this size is seen at a place, (2,) in trunk lengths."""
    return any(
        np.linalg.norm(other[:2] / motion.torso_px - place) < _SAME_PLACE
        and abs(other[3] / plate[3] - 1) < _MAX_SIZE
        for other in seen
    )


def _plate(
    motion: Motion, hands: F64, plates: Sequence[F32]
) -> tuple[F64, float, NDArray[np.int64]]:
    """The plate that moves with the hands.

    Returns:
        Its usual place relative to the hands (2,), its usual height in pixels, and for each row
        which of the row's plates it is, -1 for none; an empty array where no plate moves so.
    """
    nothing = np.zeros(2), float("nan"), np.zeros(0, np.int64)
    rows = np.repeat(np.arange(len(plates)), [len(seen) for seen in plates])
    if not rows.size or not motion.torso_px > 0:
        return nothing
    seen = np.concatenate([part for part in plates if len(part)]).astype(np.float64)
    offsets = (seen[:, :2] - hands[rows]) / motion.torso_px
    sizes = 2 * seen[:, 3] / motion.torso_px
    known = np.isfinite(offsets).all(-1)
    if not known.any():
        return nothing
    best, held = None, np.zeros(len(rows), bool)
    for centre in _starts(offsets[known], sizes[known]):
        near = known & (np.abs(offsets - centre[:2]).max(-1) < _MAX_OFFSET)
        near &= np.abs(sizes / centre[2] - 1) < _MAX_SIZE
        if len(np.unique(rows[near])) > len(np.unique(rows[held])):
            best, held = centre, near
    there = np.isfinite(hands).all(-1).sum()
    if best is None or len(np.unique(rows[held])) < _MIN_TRACKED * max(there, 1):
        return nothing
    offset, size = np.median(offsets[held], axis=0), float(np.median(sizes[held]))
    tracked = np.full(len(plates), -1, np.int64)
    first = np.searchsorted(rows, rows)  # place of each row's first plate
    distance = np.abs(offsets - offset).max(-1) + np.abs(sizes / size - 1)
    for place in np.flatnonzero(held)[np.argsort(-distance[held])]:  # the nearest is written last
        tracked[rows[place]] = place - first[place]
    return offset * motion.torso_px, size * motion.torso_px, tracked


def _starts(offsets: F64, sizes: F64) -> F64:
    """Likely places and sizes to begin with: plates as they were seen, evenly through the clip."""
    chosen = np.linspace(0, len(sizes) - 1, min(60, len(sizes))).astype(int)
    return np.asarray(np.column_stack([offsets, sizes])[chosen])


def _places(plates: Sequence[F32], tracked: NDArray[np.int64]) -> F64:
    places = np.full((len(plates), 2), np.nan)
    for row in map(int, np.flatnonzero(tracked >= 0)):
        places[row] = plates[row][tracked[row], :2]
    return places


def _smooth(motion: Motion, path: F64) -> F64:
    smooth = path.copy()
    for number in np.unique(motion.segment):
        rows = motion.segment == number
        smooth[rows], _ = clean(path[rows], motion.time_s[rows], _CUTOFF_HZ, 0.02 * motion.torso_px)
    return smooth


def _scaled(
    path: F64, source: str, motion: Motion, diameter_px: float, plate_mm: float, height_cm: float
) -> Bar:
    """The path with its unit: metres where plates or the lifter's height give them."""
    why = "no scale: lengths of the lifter's trunk"
    per_m = diameter_px / (plate_mm / 1000)
    if np.isfinite(per_m):
        trunk_m = motion.torso_px / per_m
        if _TRUNK_M[0] <= trunk_m <= _TRUNK_M[1] or height_cm:
            low, high = per_m * _PLATE_LOW, per_m * _PLATE_HIGH
            return Bar(path, source, "m", per_m, low, high, f"plates of {plate_mm:g} mm")
        why = (
            f"plates of {plate_mm:g} mm would make a trunk of {trunk_m:.2f} m: give --plate-mm or "
            "--height-cm; until then, lengths of the lifter's trunk"
        )
    if height_cm and np.isfinite(_stature_px(motion)):
        per_m = _stature_px(motion) / (height_cm / 100)
        low, high = per_m * (1 - _HEIGHT_OFF), per_m * (1 + _HEIGHT_OFF)
        return Bar(path, source, "m", per_m, low, high, f"the lifter's height of {height_cm:g} cm")
    torso = motion.torso_px
    return Bar(path, source, "torso", torso, torso, torso, why)


def _stature_px(motion: Motion) -> float:
    """The lifter's stature in the picture, from the frames in which they stand tallest."""
    crown, ankles = motion.xy_px[:, HEAD, 1], motion.xy_px[:, [L_ANKLE, R_ANKLE], 1].mean(1)
    heights = ankles - crown
    known = heights[np.isfinite(heights)]
    return float(np.percentile(known, 95)) / _CROWN_TO_ANKLE if known.size else float("nan")
