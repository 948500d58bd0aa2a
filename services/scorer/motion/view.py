"""From which side the camera sees the lifter, and which way they face. Pure."""

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import View
from shared.data.anthropometry import SHOULDERS_OVER_TRUNK
from shared.data.skeleton import (
    L_ANKLE,
    L_HEEL,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_TOE,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HEEL,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_TOE,
    R_WRIST,
)

F64 = NDArray[np.float64]

#: Up to here a view counts as from the side, degrees off side-on: an angle of 60° then appears as
#: 57°. From `_FRONT_DEG` on the sagittal plane cannot be read any more (cos < 0.5).
_SIDE_DEG, _FRONT_DEG = 25.0, 60.0

#: Up to this turn, what lies ahead of the lifter can be put right by the cosine. Beyond, that would
#: more than double the pose stage's own noise.
MAX_TURN_DEG = 50.0


def upright_trunk_length_px(trunk_length_px: F64) -> float:
    """The trunk's length in the picture when upright, (n,) → pixels; NaN if never seen.

    Bent over, it is foreshortened in all but side views, so the longer ones count.
    """
    known = trunk_length_px[np.isfinite(trunk_length_px)]
    return float(np.percentile(known, 85)) if known.size else float("nan")


def estimate_turn_deg(measured_deg: F64, xy_px: F64, trunk_length_px: float) -> float:
    """Turn of the body from side-on, 0 … 90 degrees; NaN where nothing tells.

    Args:
        measured_deg: (n,), as the pose stage sees it, NaN where it does not.
        xy_px: (n, 15, 2). Without a measured turn the width of the shoulders tells.
        trunk_length_px: length of the upright trunk.
    """
    known = measured_deg[np.isfinite(measured_deg)]
    if known.size:
        return float(np.median(known))
    width = np.linalg.norm(xy_px[:, L_SHOULDER] - xy_px[:, R_SHOULDER], axis=-1)
    neck_over_hips = (xy_px[:, [L_HIP, R_HIP], 1].mean(-1) - xy_px[:, NECK, 1]) / trunk_length_px
    upright = (
        np.isfinite(width) & (neck_over_hips >= np.nanpercentile(neck_over_hips, 50))
        if (np.isfinite(neck_over_hips).any())
        else np.isfinite(width)
    )
    if not upright.any() or not trunk_length_px > 0:
        return float("nan")
    ratio = float(np.median(width[upright])) / trunk_length_px / SHOULDERS_OVER_TRUNK
    return float(np.degrees(np.arcsin(min(1.0, ratio))))


def classify_view(turn_deg: float) -> View:
    """From where the camera sees a lifter who is turned so far from side-on."""
    if not np.isfinite(turn_deg):
        return View.UNKNOWN
    if turn_deg <= _SIDE_DEG:
        return View.SIDE
    return View.OBLIQUE if turn_deg < _FRONT_DEG else View.FRONT


def infer_facing(xy_px: F64, feet_px: F64, trunk_length_px: float) -> int:
    """Which way the lifter faces in the picture: 1 right, -1 left, 0 if nothing tells.

    Neck and hands lie before the hips, knees before the ankles and toes before the heels in every
    phase of a deadlift; all of the clip is added up.

    Args:
        xy_px: (n, 15, 2), as in `Motion`.
        feet_px: (n, 4, 2), as in `Motion`.
        trunk_length_px: length of the trunk.
    """
    x, feet = xy_px[..., 0], feet_px[..., 0]
    hips = x[:, [L_HIP, R_HIP]].mean(-1)
    ahead = np.stack(
        [
            x[:, NECK] - hips,
            x[:, [L_WRIST, R_WRIST]].mean(-1) - hips,
            (x[:, L_KNEE] - x[:, L_ANKLE]),
            (x[:, R_KNEE] - x[:, R_ANKLE]),
            (feet[:, L_TOE] - feet[:, L_HEEL]),
            (feet[:, R_TOE] - feet[:, R_HEEL]),
        ]
    )
    known = np.isfinite(ahead)
    if not known.any() or not trunk_length_px > 0:
        return 0
    total = float(ahead[known].sum()) / trunk_length_px / len(xy_px)
    return 0 if abs(total) < _MIN_AHEAD else int(np.sign(total))


#: Less than this mean forward lean of all six parts together, in trunk lengths, tells nothing.
_MIN_AHEAD = 0.15
