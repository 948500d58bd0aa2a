"""The camera's view of the lifter, and which way the lifter faces. Pure."""

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

#: Maximum turn from side-on that counts as a side view, in degrees. Chosen: a lean of 60° appears
#: as 57° then, a difference within the network's error.
_MAX_SIDE_DEG = 25.0

#: Minimum turn that counts as a front view, in degrees. Chosen: from here on the sagittal plane
#: cannot be read (the cosine is less than 0.5).
_MIN_FRONT_DEG = 60.0

#: Percentile of the trunk's length over a clip that is its upright length. Chosen: a bent trunk is
#: foreshortened in all views but the side one, and the longest trunks may be misread.
_UPRIGHT_PERCENTILE = 85

#: Mean distance ahead of the six parts together below which the facing is unknown, in trunk
#: lengths. Chosen: about the errors of six parts together.
_MIN_AHEAD = 0.15


def upright_trunk_length_px(trunk_length_px: F64) -> float:
    """The trunk's length in the picture when upright, (n,) → pixels; NaN if never seen."""
    known = trunk_length_px[np.isfinite(trunk_length_px)]
    return float(np.percentile(known, _UPRIGHT_PERCENTILE)) if known.size else float("nan")


def estimate_turn_deg(measured_deg: F64, xy_px: F64, trunk_length_px: float) -> float:
    """Estimate the turn of the body from side-on, 0 … 90 degrees; NaN where unknown.

    Args:
        measured_deg: (n,), as measured by the pose stage, NaN where it is not.
        xy_px: (n, 15, 2), used where no turn was measured: the shoulders look wider the further the
            body is turned.
        trunk_length_px: length of the upright trunk.
    """
    known = measured_deg[np.isfinite(measured_deg)]
    if known.size:
        return float(np.median(known))
    width = np.linalg.norm(xy_px[:, L_SHOULDER] - xy_px[:, R_SHOULDER], axis=-1)
    neck_over_hips = (xy_px[:, [L_HIP, R_HIP], 1].mean(-1) - xy_px[:, NECK, 1]) / trunk_length_px
    upright = np.isfinite(width)
    if np.isfinite(neck_over_hips).any():
        upright &= neck_over_hips >= np.nanpercentile(neck_over_hips, 50)
    if not upright.any() or not trunk_length_px > 0:
        return float("nan")
    ratio = float(np.median(width[upright])) / trunk_length_px / SHOULDERS_OVER_TRUNK
    return float(np.degrees(np.arcsin(min(1.0, ratio))))


def classify_view(turn_deg: float) -> View:
    """The view of a lifter who is turned by this angle from side-on; NaN is unknown."""
    if not np.isfinite(turn_deg):
        return View.UNKNOWN
    if turn_deg <= _MAX_SIDE_DEG:
        return View.SIDE
    return View.OBLIQUE if turn_deg < _MIN_FRONT_DEG else View.FRONT


def infer_facing(xy_px: F64, feet_px: F64, trunk_length_px: float) -> int:
    """Infer which way the lifter faces in the picture: 1 right, -1 left, 0 if unknown.

    Neck and hands lie ahead of the hips, knees ahead of the ankles and toes ahead of the heels in
    every phase of a deadlift; their distances are added up over the clip.

    Args:
        xy_px: (n, 15, 2), as in `Motion`.
        feet_px: (n, 4, 2), as in `Motion`.
        trunk_length_px: length of the upright trunk.
    """
    x, feet = xy_px[..., 0], feet_px[..., 0]
    hips = x[:, [L_HIP, R_HIP]].mean(-1)
    ahead = np.stack(
        [
            x[:, NECK] - hips,
            x[:, [L_WRIST, R_WRIST]].mean(-1) - hips,
            x[:, L_KNEE] - x[:, L_ANKLE],
            x[:, R_KNEE] - x[:, R_ANKLE],
            feet[:, L_TOE] - feet[:, L_HEEL],
            feet[:, R_TOE] - feet[:, R_HEEL],
        ]
    )
    known = np.isfinite(ahead)
    if not known.any() or not trunk_length_px > 0:
        return 0
    total = float(ahead[known].sum()) / trunk_length_px / len(xy_px)
    return 0 if abs(total) < _MIN_AHEAD else int(np.sign(total))
