"""The style of a set, told before it is judged. Pure."""

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

#: Knees of a Romanian deadlift stay straighter than this at the bottom, degrees: softly bent knees
#: are at 155–165, and the network's error is 6–12 (doi 10.1177/17543371251348697).
_STRAIGHT_DEG = 145.0

#: Thighs of softly bent legs rise by more than this over horizontal.
_STEEP_DEG = 60.0

#: Hands on a bar with 450 mm plates on the floor are about 0.45 trunk lengths over the ankles, at
#: mid-shin 0.65: higher than this they never reach the floor.
_ABOVE_FLOOR = 0.52

#: Sumo: ankles wider than the shoulders by this factor (2 in sumo, 0.8 in conventional stances).
_WIDE = 1.6

#: Widths that look smaller than this, in trunk lengths, say nothing about the stance.
_MIN_WIDTH = 0.2


def classify_style(motion: Motion, reps: Sequence[RepBoundaries], kinematics: Kinematics) -> Style:
    """The style of a set; unknown where too little is seen."""
    if not reps or not motion.trunk_length_px > 0:
        return Style.UNKNOWN
    bottoms, tops = (np.array(rows) for rows in zip(*((r.start, r.top) for r in reps), strict=True))
    if _is_sumo(motion, reps):
        return Style.SUMO
    straight = _are_straight(kinematics, bottoms)
    if straight is None:
        return Style.UNKNOWN if motion.view in (View.SIDE, View.UNKNOWN) else Style.CONVENTIONAL
    if straight and _hands(motion, bottoms, tops) > _ABOVE_FLOOR:
        return Style.ROMANIAN
    return Style.CONVENTIONAL


def _are_straight(kinematics: Kinematics, bottoms: Rows) -> bool | None:
    """Whether the legs are straight at the bottom; by the thighs alone where plates hide ankles."""
    for angles, least in (
        (kinematics.knee[bottoms], _STRAIGHT_DEG),
        (kinematics.thigh_elevation[bottoms], _STEEP_DEG),
    ):
        known = angles[np.isfinite(angles)]
        if known.size:
            return bool(np.median(known) > least)
    return None


def _is_sumo(motion: Motion, reps: Sequence[RepBoundaries]) -> bool:
    """Whether the feet stand wide and the hands are between the knees."""
    rows = np.concatenate([np.arange(r.start, (r.start + r.top) // 2 + 1) for r in reps])
    ankles = _width(motion, rows, L_ANKLE, R_ANKLE)
    shoulders = _width(motion, rows, L_SHOULDER, R_SHOULDER)
    knees = _width(motion, rows, L_KNEE, R_KNEE)
    hands = _width(motion, rows, L_WRIST, R_WRIST)
    return bool(ankles > max(_WIDE * shoulders, _MIN_WIDTH) and hands < knees)


def _width(motion: Motion, rows: Rows, left: int, right: int) -> float:
    """Usual distance of two joints across the picture, in trunk lengths; NaN where unseen."""
    across = motion.xy_px[rows, left, 0] - motion.xy_px[rows, right, 0]
    known = across[np.isfinite(across)]
    return abs(float(np.median(known))) / motion.trunk_length_px if known.size else float("nan")


def _hands(motion: Motion, bottoms: Rows, tops: Rows) -> float:
    """Usual height of the hands over the ankles, in trunk lengths; NaN where unseen.

    The ankles are those of lockout: at the bottom plates hide them, and they seem to be higher.
    """
    hands = middle(motion.xy_px[:, L_WRIST, 1], motion.xy_px[:, R_WRIST, 1])[bottoms]
    ankles = middle(motion.xy_px[:, L_ANKLE, 1], motion.xy_px[:, R_ANKLE, 1])[tops]
    if np.isnan(hands).all() or np.isnan(ankles).all():
        return float("nan")
    return float(np.nanmedian(ankles) - np.nanmedian(hands)) / motion.trunk_length_px
