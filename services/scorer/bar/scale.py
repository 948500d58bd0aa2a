"""Pixels per metre in the bar's plane, from plates or the lifter's height. Pure."""

from dataclasses import replace

import numpy as np

from services.scorer.motion.motion import Motion
from shared.data.analysis import BarScale, BarSource, LengthUnit
from shared.data.anthropometry import CROWN_TO_ANKLE_OVER_STATURE, MAX_TRUNK_M, MIN_TRUNK_M
from shared.data.skeleton import HEAD, L_ANKLE, R_ANKLE

#: Likely range of the scale, as fractions of it. Derived: the near plate looks larger than the
#: bar's middle by up to 8 % (0.65 m nearer to a camera 5 m away, half of it on each side). Chosen:
#: round values, 2 % above, and 6 % to both sides for a scale from the lifter's height.
_PLATE_LOW, _PLATE_HIGH, _HEIGHT_ERROR = 0.92, 1.02, 0.06

#: Percentile of the lifter's heights in the picture that is used as stature. Chosen: a lifter
#: stands upright in some frames of a set only, and the tallest few may be misread.
_TALLEST = 95


def estimate_scale(
    source: BarSource, motion: Motion, diameter_px: float, plate_mm: float, height_cm: float
) -> BarScale:
    """The scale: metres where plates or the lifter's height give them, else trunk lengths.

    Args:
        source: source of the bar's path.
        motion: the lifter's motion.
        diameter_px: diameter of the plates in the picture, NaN if none is seen.
        plate_mm: true diameter of the plates.
        height_cm: the lifter's height, 0 if not known.
    """
    trunk_px = motion.trunk_length_px
    in_trunks = BarScale(
        source, LengthUnit.TRUNK, trunk_px, trunk_px, trunk_px,
        "no scale: lengths of the lifter's trunk",
    )  # fmt: skip
    per_m = diameter_px / (plate_mm / 1000)
    if np.isfinite(per_m):
        trunk_m = trunk_px / per_m
        if MIN_TRUNK_M <= trunk_m <= MAX_TRUNK_M:
            low, high = per_m * _PLATE_LOW, per_m * _PLATE_HIGH
            basis = f"plates of {plate_mm:g} mm"
            return BarScale(source, LengthUnit.METRE, per_m, low, high, basis)
        in_trunks = replace(
            in_trunks,
            basis=f"plates of {plate_mm:g} mm would make a trunk of {trunk_m:.2f} m: give "
            "--plate-mm or --height-cm; until then, lengths of the lifter's trunk",
        )
    stature_px = _stature_px(motion)
    if height_cm and np.isfinite(stature_px):
        per_m = stature_px / (height_cm / 100)
        low, high = per_m * (1 - _HEIGHT_ERROR), per_m * (1 + _HEIGHT_ERROR)
        basis = f"the lifter's height of {height_cm:g} cm"
        return BarScale(source, LengthUnit.METRE, per_m, low, high, basis)
    return in_trunks


def _stature_px(motion: Motion) -> float:
    """The lifter's stature in the picture, pixels; NaN where crown or ankles are never seen."""
    crown, ankles = motion.xy_px[:, HEAD, 1], motion.xy_px[:, [L_ANKLE, R_ANKLE], 1].mean(1)
    heights = ankles - crown
    known = heights[np.isfinite(heights)]
    return (
        float(np.percentile(known, _TALLEST)) / CROWN_TO_ANKLE_OVER_STATURE
        if known.size
        else float("nan")
    )
