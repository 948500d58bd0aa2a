"""Where the bar is, and how it moves: from the plates where they are seen, else the hands. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.filtering import filter_outliers_and_smooth
from services.scorer.motion.motion import Bar, Motion, RepBoundaries, hands_px
from shared.data.skeleton import HEAD, L_ANKLE, R_ANKLE

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

#: A plate belongs to the lifter's bar when it moves with the hands: its place relative to them
#: varies by less than this, in trunk lengths, and its size by less than this share.
_MAX_OFFSET, _MAX_SIZE = 0.12, 0.12

#: A plate that is off by less is where it should be, in trunk lengths.
_SAME_PLACE = 0.15

#: A plate is followed without the hands for so long, seconds: they may be misplaced.
_FOLLOW_S = 0.4

#: A plate on the floor is seen in the same place in at least this share of the frames: nothing but
#: the lifter's legs moves before it.
_STAYS = 0.6

#: Plates that are tracked in fewer of the frames than this are not followed.
_MIN_TRACKED = 0.4

#: A trunk (neck to hips) of an adult, metres: 0.29 of a stature of 1.45 to 2.1 m (Drillis & Contini
#: 1966). Where the scale says otherwise, the plates are not what they were taken for.
_TRUNK_M = (0.38, 0.64)

#: Share of a repetition's way up in which the bar must be known.
_KNOWN = 0.8

#: Where the scale probably lies, as shares of it: the near plate looks larger than the bar's middle
#: by up to 8 % (0.65 m nearer to a camera 5 m away, half of it on each side); a height is seen
#: within 6 %.
_PLATE_LOW, _PLATE_HIGH, _HEIGHT_OFF = 0.92, 1.02, 0.06

#: Crown to ankle, as a share of the stature (Drillis & Contini 1966: the ankle is at 0.039).
_CROWN_TO_ANKLE = 0.961


def track_bar(
    motion: Motion,
    plates: Sequence[F32],
    plate_mm: float,
    height_cm: float,
    smooth_hz: float | None,
) -> Bar:
    """The bar's middle in each row, and the unit of its numbers.

    Args:
        motion: the lifter's.
        plates: for each row, the plates that were seen, (k, 5) as in `FramePoses`.
        plate_mm: diameter of the plates.
        height_cm: the lifter's height, 0 for not known.
        smooth_hz: cut-off with which the plate's path is cleaned, as joints are; None for not.
    """
    hands = hands_px(motion)
    offset, diameter_px, tracked = _plate(motion, hands, plates)
    if tracked.size:
        tracked = _followed(motion, plates, tracked, diameter_px)
        path = _bridged(motion, hands, _places(plates, tracked), offset)
        path = path if smooth_hz is None else _smooth(motion, path, smooth_hz)
        scaled = _scaled("plate", motion, diameter_px, plate_mm, height_cm)
        return Bar(path, tracked >= 0, *scaled)
    source = "wrists" if np.isfinite(hands).any() else "none"
    scaled = _scaled(source, motion, float("nan"), plate_mm, height_cm)
    return Bar(hands, np.zeros(len(hands), bool), *scaled)


def measure_bar(bar: Bar, motion: Motion, rep: RepBoundaries) -> tuple[float, float, float, float]:
    """Range of motion, horizontal drift, mean and peak velocity of a rep's way up.

    In the bar's unit, a second where they are velocities. Drift is the whole width of the path,
    forward and back. NaN where the bar is not known for most of the way, its start and its end, and
    in a shot that is not seen as the main one is.
    """
    rows = np.arange(rep.start, rep.top + 1)
    known: NDArray[np.bool_] = np.isfinite(bar.xy_px[rows].sum(-1))
    took_s = float(motion.time_s[rep.top] - motion.time_s[rep.start])
    ends_known = np.isfinite(bar.xy_px[[rep.start, rep.top]]).all()
    if not (motion.main[rep.top] and took_s > 0 and known.mean() >= _KNOWN and ends_known):
        return (float("nan"),) * 4
    path, time_s = bar.xy_px[rows[known]] / bar.px_per_unit, motion.time_s[rows[known]]
    rom = float(path[0, 1] - path[:, 1].min())
    velocity = -np.gradient(path[:, 1], time_s)
    return rom, float(np.ptp(path[:, 0])), rom / took_s, float(velocity.max())


def drop_reps_without_bar(
    motion: Motion, plates: Sequence[F32], reps: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """The repetitions without those in which the bar lies where it was: standing up without it.

    That can be told where a plate moves with the hands in the rest of the clip. In such a rise it
    is seen in its old place nearly all the way up, and not at the hands at the top.
    """
    hands = hands_px(motion)
    offset, diameter_px, tracked = _plate(motion, hands, plates)
    if not tracked.size:
        return tuple(reps)
    kept = []
    for rep in reps:
        place = hands[rep.start] + offset
        stays = [
            _is_at(seen, place, diameter_px, motion) for seen in plates[rep.start : rep.top + 1]
        ]
        around = slice(max(0, rep.top - 1), rep.top + 2)
        rose = bool((tracked[around] >= 0).any())
        if rose or np.mean(stays) < _STAYS:
            kept.append(rep)
    return tuple(kept)


def _is_at(seen: F32, place: F64, diameter_px: float, motion: Motion) -> bool:
    """Whether one of the plates (k, 5) has this size and place, (2,)."""
    near = np.linalg.norm(seen[:, :2] - place, axis=1) < _SAME_PLACE * motion.trunk_length_px
    alike = np.abs(2 * seen[:, 3] / diameter_px - 1) < _MAX_SIZE
    return bool((near & alike).any())


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
    if not rows.size or not motion.trunk_length_px > 0:
        return nothing
    seen = np.concatenate([part for part in plates if len(part)]).astype(np.float64)
    offsets = (seen[:, :2] - hands[rows]) / motion.trunk_length_px
    sizes = 2 * seen[:, 3] / motion.trunk_length_px
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
    held &= np.abs(sizes / size - 1) < _MAX_SIZE  # not those seen with a shadow
    tracked = np.full(len(plates), -1, np.int64)
    first = np.searchsorted(rows, rows)  # place of each row's first plate
    distance = np.abs(offsets - offset).max(-1) + np.abs(sizes / size - 1)
    for place in np.flatnonzero(held)[np.argsort(-distance[held])]:  # the nearest is written last
        tracked[rows[place]] = place - first[place]
    return offset * motion.trunk_length_px, size * motion.trunk_length_px, tracked


def _followed(
    motion: Motion, plates: Sequence[F32], tracked: NDArray[np.int64], diameter_px: float
) -> NDArray[np.int64]:
    """Tracked plates with those near to them in time that lie where the next one does.

    Hands do not matter for that, a cut does.
    """
    followed = tracked.copy()
    for order in (range(1, len(plates)), range(len(plates) - 2, -1, -1)):
        step = -1 if order.step > 0 else 1
        last_s = np.where(tracked >= 0, motion.time_s, np.nan)
        for row in order:
            before = row + step
            cut = motion.shot[row] != motion.shot[before]
            if followed[row] >= 0 or followed[before] < 0 or cut:
                continue
            last_s[row] = last_s[before]
            if abs(motion.time_s[row] - last_s[row]) <= _FOLLOW_S:
                place = plates[before][followed[before], :2]
                alike = np.abs(2 * plates[row][:, 3] / diameter_px - 1) < _MAX_SIZE
                far = np.linalg.norm(plates[row][:, :2] - place, axis=1) / motion.trunk_length_px
                far = np.where(alike, far, np.inf)
                if far.size and far.min() < _SAME_PLACE:
                    followed[row] = int(far.argmin())
    return followed


def _starts(offsets: F64, sizes: F64) -> F64:
    """Likely places and sizes to begin with: plates as they were seen, evenly through the clip."""
    chosen = np.linspace(0, len(sizes) - 1, min(60, len(sizes))).astype(int)
    return np.asarray(np.column_stack([offsets, sizes])[chosen])


def _places(plates: Sequence[F32], tracked: NDArray[np.int64]) -> F64:
    places = np.full((len(plates), 2), np.nan)
    for row in map(int, np.flatnonzero(tracked >= 0)):
        places[row] = plates[row][tracked[row], :2]
    return places


def _bridged(motion: Motion, hands: F64, places: F64, offset: F64) -> F64:
    """The plate's places, (n, 2), through rows in which it is not seen.

    It is then where it was from the hands, changing evenly until it is seen again: a jump from one
    to the other would look like speed. Before the first and after the last sight of a stretch, the
    hands lead; where a stretch shows no plate, so they do at its usual place `offset`.
    """
    path = hands + offset
    for number in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == number)
        from_hands = (places - hands)[rows]
        seen = np.isfinite(from_hands).all(-1)
        if seen.any():
            time_s, at_s = motion.time_s[rows], motion.time_s[rows][seen]
            for axis in range(2):
                path[rows, axis] = hands[rows, axis] + np.interp(
                    time_s, at_s, from_hands[seen, axis]
                )
    return np.where(np.isfinite(places), places, path)


def _smooth(motion: Motion, path: F64, smooth_hz: float) -> F64:
    smooth = path.copy()
    for number in np.unique(motion.shot):
        rows = motion.shot == number
        smooth[rows], _ = filter_outliers_and_smooth(
            path[rows], motion.time_s[rows], smooth_hz, 0.02 * motion.trunk_length_px
        )
    return smooth


def _scaled(
    source: str, motion: Motion, diameter_px: float, plate_mm: float, height_cm: float
) -> tuple[str, str, float, float, float, str]:
    """The last fields of a `Bar`: in metres where plates or the lifter's height give them."""
    why = "no scale: lengths of the lifter's trunk"
    per_m = diameter_px / (plate_mm / 1000)
    if np.isfinite(per_m):
        trunk_m = motion.trunk_length_px / per_m
        if _TRUNK_M[0] <= trunk_m <= _TRUNK_M[1]:
            low, high = per_m * _PLATE_LOW, per_m * _PLATE_HIGH
            return source, "m", per_m, low, high, f"plates of {plate_mm:g} mm"
        why = (
            f"plates of {plate_mm:g} mm would make a trunk of {trunk_m:.2f} m: give --plate-mm or "
            "--height-cm; until then, lengths of the lifter's trunk"
        )
    if height_cm and np.isfinite(_stature_px(motion)):
        per_m = _stature_px(motion) / (height_cm / 100)
        low, high = per_m * (1 - _HEIGHT_OFF), per_m * (1 + _HEIGHT_OFF)
        return source, "m", per_m, low, high, f"the lifter's height of {height_cm:g} cm"
    trunk = motion.trunk_length_px
    return source, "torso", trunk, trunk, trunk, why


def _stature_px(motion: Motion) -> float:
    """The lifter's stature in the picture, from the frames in which they stand tallest."""
    crown, ankles = motion.xy_px[:, HEAD, 1], motion.xy_px[:, [L_ANKLE, R_ANKLE], 1].mean(1)
    heights = ankles - crown
    known = heights[np.isfinite(heights)]
    return float(np.percentile(known, 95)) / _CROWN_TO_ANKLE if known.size else float("nan")
