"""From which side the camera sees the lifter. Pure."""

import numpy as np

from shared.skeleton import F32, L_SHOULDER, R_SHOULDER, torso_px

#: Shoulder width over torso length as the picture shows it. Seen from the front an adult has about
#: 0.75 (biacromial 0.23 of the stature over a torso of 0.30; Drillis & Contini 1966), and turning
#: shrinks it with the cosine: up to 25° off the side it stays below 0.32, up to 45° off the front
#: it stays above 0.53.
_SIDE, _FRONT = 0.32, 0.53


def tell_view(xy_px: F32) -> str:
    """Tell "side", "oblique" or "front" from a lifter's joints, (frames, 15, 2) with NaN.

    Upright frames tell best (bent over, the torso is foreshortened in a front view), so the half
    with the longest torso decides. Without both shoulders and the hips anywhere: "unknown".
    """
    torso = torso_px(xy_px)
    width = np.linalg.norm(xy_px[:, L_SHOULDER] - xy_px[:, R_SHOULDER], axis=-1)
    seen = np.isfinite(torso) & np.isfinite(width) & (torso > 0)
    if not seen.any():
        return "unknown"
    upright = seen & (torso >= np.median(torso[seen]))
    ratio = float(np.median(width[upright] / torso[upright]))
    return "side" if ratio < _SIDE else "front" if ratio > _FRONT else "oblique"
