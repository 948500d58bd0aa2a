"""The style of a set: conventional, sumo or Romanian. Pure.

Rules that depend on the style need it before they judge. A stance is sumo if the feet are far wider
apart than the shoulders and the hands are between the knees. A deadlift is Romanian if the legs are
nearly straight at the bottom and the hands stay above the floor.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.kinematics import Kinematics
from services.scorer.motion.motion import Motion, middle
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Style, View
from shared.data.skeleton import (
    L_ANKLE,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    R_ANKLE,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

Rows = NDArray[np.int64]

#: Minimum knee angle at the bottom of a Romanian deadlift, in degrees. Chosen: softly bent knees
#: are at 155–165, less the network's error of 6–12 (doi 10.1177/17543371251348697). In real clips
#: of other styles the knees are at 57 to 122.
_MIN_STRAIGHT_DEG = 145.0

#: Minimum elevation of the thighs above horizontal with softly bent knees, in degrees; used where
#: plates hide the ankles. Chosen: between Romanian starts (71 in rendered sets) and others (12 to
#: 44 in real clips).
_MIN_THIGH_ELEVATION_DEG = 60.0

#: Minimum height of the hands over the ankles at the bottom of a Romanian deadlift, in trunk
#: lengths. Chosen: between both values measured in rendered sets, 0.45 with 450 mm plates on the
#: floor, and 0.64 with a bar at mid-shin.
_MIN_HANDS_ABOVE_ANKLES = 0.52

#: Minimum distance of the ankles over that of the shoulders in a sumo stance. Chosen: between the
#: 1.9 to 2.4 measured in sumo stances (rendered, and two real clips) and the 0.5 to 0.8 in
#: conventional ones.
_MIN_SUMO_RATIO = 1.6

#: Minimum distance of the ankles in a sumo stance, in trunk lengths. Chosen: from the side all
#: distances across the picture are small (0.01 to 0.11 in real clips), and their ratio says
#: nothing.
_MIN_SUMO_WIDTH = 0.2


def classify_style(motion: Motion, reps: Sequence[RepBoundaries], kinematics: Kinematics) -> Style:
    """The style of a set; unknown where there are no reps or the legs are unseen."""
    if not reps or not motion.trunk_length_px > 0:
        return Style.UNKNOWN
    bottoms, tops = (np.array(rows) for rows in zip(*((r.start, r.top) for r in reps), strict=True))
    if _is_sumo(motion, reps):
        return Style.SUMO
    has_straight_legs = _has_straight_legs(kinematics, bottoms)
    if has_straight_legs is None:
        return Style.UNKNOWN if motion.view in (View.SIDE, View.UNKNOWN) else Style.CONVENTIONAL
    above_ankles = _hands_above_ankles(motion, bottoms, tops)
    if has_straight_legs and above_ankles > _MIN_HANDS_ABOVE_ANKLES:
        return Style.ROMANIAN
    return Style.CONVENTIONAL


def _has_straight_legs(kinematics: Kinematics, bottoms: Rows) -> bool | None:
    """Whether the legs are straight at the bottom; None if unseen.

    Where plates hide the ankles in every rep, the thighs alone decide.
    """
    for angles, min_deg in (
        (kinematics.knee[bottoms], _MIN_STRAIGHT_DEG),
        (kinematics.thigh_elevation[bottoms], _MIN_THIGH_ELEVATION_DEG),
    ):
        known = angles[np.isfinite(angles)]
        if known.size:
            return bool(np.median(known) > min_deg)
    return None


def _is_sumo(motion: Motion, reps: Sequence[RepBoundaries]) -> bool:
    """Whether the feet stand wide and the hands are between the knees in the lower half."""
    rows = np.concatenate([np.arange(r.start, (r.start + r.top) // 2 + 1) for r in reps])
    ankles = _width(motion, rows, L_ANKLE, R_ANKLE)
    shoulders = _width(motion, rows, L_SHOULDER, R_SHOULDER)
    knees = _width(motion, rows, L_KNEE, R_KNEE)
    hands = _width(motion, rows, L_WRIST, R_WRIST)
    return bool(ankles > max(_MIN_SUMO_RATIO * shoulders, _MIN_SUMO_WIDTH) and hands < knees)


def _width(motion: Motion, rows: Rows, left: int, right: int) -> float:
    """Median horizontal distance of two joints, in trunk lengths; NaN if unseen."""
    across = motion.xy_px[rows, left, 0] - motion.xy_px[rows, right, 0]
    known = across[np.isfinite(across)]
    return abs(float(np.median(known))) / motion.trunk_length_px if known.size else float("nan")


def _hands_above_ankles(motion: Motion, bottoms: Rows, tops: Rows) -> float:
    """Median height of the hands over the ankles at the bottom, in trunk lengths; NaN if unseen.

    The ankles are taken at lockout: at the bottom plates hide them, and networks place them higher.
    """
    hands = middle(motion.xy_px[:, L_WRIST, 1], motion.xy_px[:, R_WRIST, 1])[bottoms]
    ankles = middle(motion.xy_px[:, L_ANKLE, 1], motion.xy_px[:, R_ANKLE, 1])[tops]
    if np.isnan(hands).all() or np.isnan(ankles).all():
        return float("nan")
    return float(np.nanmedian(ankles) - np.nanmedian(hands)) / motion.trunk_length_px
