"""The outline of a lifter's back in one frame. Pure."""

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import LifterFrame
from shared.data.skeleton import L_HIP, NECK, R_HIP

F64 = NDArray[np.float64]

#: Levels of the outline (0 hips … 10 neck) that are drawn. Chosen: all but the uppermost one, which
#: belongs to the shoulder; the bend is measured on the same.
_LEVELS = slice(0, 10)

#: Minimum known levels of an outline that is drawn.
_MIN_LEVELS = 5


def back_outline(frame: LifterFrame, facing: int) -> F64 | None:
    """Points on the back from hips to neck, (n, 2) pixels; None where it is not seen.

    The outline has a right and a left side, as seen from the hips to the neck. The back of a lifter
    who faces right is its left side.
    """
    if frame.person is None or facing == 0:
        return None
    xy = frame.person.xy_px.astype(np.float64)
    hips, neck = xy[[L_HIP, R_HIP]].mean(0), xy[NECK]
    along = neck - hips
    length = float(np.linalg.norm(along))
    if not length > 0:
        return None
    # To the right, looking from hips to neck: in pictures y points down.
    right = np.array([-along[1], along[0]]) / length
    outward = -right if facing > 0 else right
    distance = frame.person.outline_px[1 if facing > 0 else 0].astype(np.float64)
    level = np.linspace(0, 1, len(distance))[:, None]
    points = (hips + level * along + distance[:, None] * outward)[_LEVELS]
    seen = np.isfinite(points).all(-1)
    return points[seen] if seen.sum() >= _MIN_LEVELS else None
