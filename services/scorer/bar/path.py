"""Path and metrics of the bar: from the plate where it is seen, else from the hands. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from services.scorer.bar.plate_tracking import MAX_OFFSET, BarPlate
from services.scorer.bar.scale import estimate_scale
from services.scorer.motion.filtering import clean_by_shot
from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import BarScale, BarSource, LengthUnit
from shared.data.anthropometry import USUAL_TRUNK_M

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Minimum scatter of a plate's centre that the outlier test assumes, in diameters of the plate.
#: Chosen: that of joints (`motion.build`), which is 0.02 of a trunk of about this length.
_PLATE_FLOOR = 0.02

#: Maximum gap that is bridged by the plate's own motion, in seconds; the same where hands are
#: unknown or misplaced; and time before and after a gap from which the plate's velocity is
#: computed. Derived: a cubic curve between two known places and velocities misses a jerk of 50 m/s³
#: (a pull that begins in a tenth of a second) by 2 mm in the first time; hands behind plates are
#: off by centimetres. Chosen: in the second time a bar may turn back, and nothing else tells.
_SHORT_GAP_S, _GAP_WITHOUT_HANDS_S, _VELOCITY_S = 0.25, 0.8, 0.12

#: Maximum difference of the plate's places relative to the hands before and after a gap for the
#: hands to be followed in between, in trunk lengths. Chosen: twice what a plate on the bar is off.
_MAX_HANDS_SHIFT = 2 * MAX_OFFSET

#: Minimum fraction of the frames of the way up in which the bar must be known to measure it.
#: Chosen: fewer may miss the fastest part. In nearly all pulls of real clips all frames are known.
_MIN_KNOWN = 0.8


#: Velocity beyond which a bar was misread, in m/s. Derived: half way up a pull of 0.6 m, a bar that
#: is faster than √(2 · 9.81 m/s² · 0.3 m) = 2.4 m/s flies past lockout by itself, and nobody throws
#: a deadlift.
_MAX_VELOCITY_M_S = 2.4


@dataclass(frozen=True, eq=False)
class Bar:
    """The bar's path and its scale.

    Attributes:
        xy_px: float64 (n, 2), the bar's middle in each row, NaN where unknown. It is known wherever
            the plate is seen, also in rows without a person.
        seen: bool (n,), where the middle was read from a plate.
        scale: Unit of its distances.
    """

    xy_px: F64
    seen: Bools
    scale: BarScale


@dataclass(frozen=True)
class BarMetrics:
    """Bar metrics of one repetition, in `BarScale.unit` (velocities per second); NaN where unknown.

    Attributes:
        rom: Range of motion of the way up.
        drift: Width of the path, forward and back, on the way up.
        mean_velocity: Mean velocity of the way up.
        peak_velocity: Maximum upward velocity of the way up.
    """

    rom: float = float("nan")
    drift: float = float("nan")
    mean_velocity: float = float("nan")
    peak_velocity: float = float("nan")


def track_bar(
    motion: Motion,
    found: BarPlate,
    plate_mm: float,
    height_cm: float,
    smooth_hz: float | None,
) -> Bar:
    """The bar's middle in each row, and the unit of its distances.

    Args:
        motion: the lifter's motion.
        found: the plates that were seen, and the one on the bar.
        plate_mm: diameter of the plates.
        height_cm: the lifter's height, 0 if not known.
        smooth_hz: low-pass cut-off for the plate's path, in hertz; None: no filter.
    """
    hands, plate = found.hands_px, found.plate
    if plate is None:
        source = BarSource.WRISTS if np.isfinite(hands).any() else BarSource.NONE
        scale = estimate_scale(source, motion, float("nan"), plate_mm, height_cm)
        return Bar(hands, np.zeros(len(hands), bool), scale)
    plate_px = found.plate_px
    bridged = _bridge_short_gaps(motion, hands, plate_px)
    path = _bridge_gaps(motion, hands, bridged, plate.offset_px)
    if smooth_hz is not None:
        floor_px = _PLATE_FLOOR * plate.diameter_px
        path, _ = clean_by_shot(path, motion.time_s, motion.shot, smooth_hz, floor_px)
    scale = estimate_scale(BarSource.PLATE, motion, plate.diameter_px, plate_mm, height_cm)
    return Bar(path, plate.sighting >= 0, scale)


def no_bar(motion: Motion, plate_mm: float, height_cm: float) -> Bar:
    """The bar of a clip that shows no deadlift: nowhere."""
    unknown = np.full((len(motion), 2), np.nan)
    scale = estimate_scale(BarSource.NONE, motion, float("nan"), plate_mm, height_cm)
    return Bar(unknown, np.zeros(len(motion), bool), scale)


def measure_bar(bar: Bar, motion: Motion, rep: RepBoundaries) -> BarMetrics:
    """Range of motion, drift and velocity of a repetition's way up.

    All are NaN where the bar is unknown at the start, at the top or in too many rows between, and
    in shots with another view than the main shot; so are velocities that no bar has.
    """
    rows = np.arange(rep.start, rep.top + 1)
    known: Bools = np.isfinite(bar.xy_px[rows].sum(-1))
    duration_s = float(motion.time_s[rep.top] - motion.time_s[rep.start])
    ends_known = np.isfinite(bar.xy_px[[rep.start, rep.top]]).all()
    if not (motion.main[rep.top] and duration_s > 0 and known.mean() >= _MIN_KNOWN and ends_known):
        return BarMetrics()
    path, time_s = bar.xy_px[rows[known]] / bar.scale.px_per_unit, motion.time_s[rows[known]]
    rom = float(path[0, 1] - path[:, 1].min())
    velocity = -np.gradient(path[:, 1], time_s)
    unit_m = 1.0 if bar.scale.unit is LengthUnit.METRE else USUAL_TRUNK_M
    mean, peak = (
        one if one * unit_m <= _MAX_VELOCITY_M_S else float("nan")
        for one in (rom / duration_s, float(velocity.max()))
    )
    return BarMetrics(rom, float(np.ptp(path[:, 0])), mean, peak)


def in_metres(measured: BarMetrics, scale: BarScale) -> dict[str, Any]:
    """The metric fields of a `Rep`; none where there is no scale in metres."""
    if scale.unit is not LengthUnit.METRE:
        return {}
    metric: dict[str, Any] = {}
    for name, value in vars(measured).items():
        if np.isfinite(value):
            field = f"{name}_m_s" if name.endswith("velocity") else f"{name}_m"
            in_px = value * scale.px_per_unit
            metric |= {field: value, f"{field}_interval": (in_px / scale.high, in_px / scale.low)}
    return metric


def _bridge_short_gaps(motion: Motion, hands: F64, plate_px: F64) -> F64:
    """The plate's centre, (n, 2), also in gaps between rows in which it is seen.

    Those gaps are bridged that are short, or in which the hands (n, 2) do not tell where it is.
    """
    path = plate_px.copy()
    known = np.flatnonzero(np.isfinite(plate_px).all(-1))
    time_s, shot = motion.time_s, motion.shot
    for before, after in zip(known[:-1], known[1:], strict=True):
        if after == before + 1 or shot[after] != shot[before]:
            continue
        shift_px = (plate_px[after] - hands[after]) - (plate_px[before] - hands[before])
        follows_hands = np.abs(shift_px).max() <= _MAX_HANDS_SHIFT * motion.trunk_length_px
        follows_hands &= bool(np.isfinite(hands[before:after]).all())
        limit_s = _SHORT_GAP_S if follows_hands else _GAP_WITHOUT_HANDS_S
        if time_s[after] - time_s[before] > limit_s:
            continue
        near = known[shot[known] == shot[before]]
        ends = [
            near[(near <= before) & (time_s[before] - time_s[near] <= _VELOCITY_S)],
            near[(near >= after) & (time_s[near] - time_s[after] <= _VELOCITY_S)],
        ]
        velocity = [_velocity(time_s[rows], plate_px[rows]) for rows in ends]
        curve = CubicHermiteSpline(time_s[[before, after]], plate_px[[before, after]], velocity)
        rows = np.arange(before + 1, after)
        path[rows] = curve(time_s[rows])
    return path


def _velocity(time_s: F64, xy_px: F64) -> F64:
    """Mean velocity (2,) between the first and the last of places (k, 2); 0 of a single one."""
    duration_s = time_s[-1] - time_s[0]
    return np.asarray((xy_px[-1] - xy_px[0]) / (duration_s if duration_s > 0 else 1.0))


def _bridge_gaps(motion: Motion, hands: F64, plate_px: F64, offset_px: F64) -> F64:
    """The plate's centre, (n, 2), also in rows in which it is not seen.

    There it is placed relative to the hands, with an offset interpolated between the sightings
    before and after: a jump between plate and hands would look like velocity. Before the first and
    after the last sighting of a shot the offset is that of the nearest one; in a shot that shows no
    plate it is the usual `offset_px`.
    """
    path = hands + offset_px
    for shot in np.unique(motion.shot):
        rows = np.flatnonzero(motion.shot == shot)
        from_hands = (plate_px - hands)[rows]
        seen = np.isfinite(from_hands).all(-1)
        if seen.any():
            time_s, at_s = motion.time_s[rows], motion.time_s[rows][seen]
            for axis in range(2):
                path[rows, axis] = hands[rows, axis] + np.interp(
                    time_s, at_s, from_hands[seen, axis]
                )
    return np.where(np.isfinite(plate_px), plate_px, path)
