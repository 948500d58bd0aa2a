"""Bend of the back, from the outline of the trunk. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from shared.data.skeleton import L_HIP, NECK, R_HIP

F64 = NDArray[np.float64]

#: Levels of the outline (0 hips … 10 neck) that the bend is fitted to. Chosen: all but the
#: uppermost one, which belongs to the shoulder.
_LEVELS = range(0, 10)

#: Minimum number of known levels below and above the middle. Chosen: a straight half needs two
#: points.
_MIN_LEVELS_EACH_SIDE = 2


def back_flexion_deg(motion: Motion) -> F64:
    """Bend of the dorsal outline, (n,), rounded positive; NaN where too little of it is seen.

    The back is taken as two straight halves, fitted by least squares. Halves that meet half way up
    at an angle β rise over a straight line by tan(β/2)·min(x, 1-x) of the trunk length, with x from
    0 to 1. The line itself is free, since bodies taper.
    """
    dorsal = _dorsal_outline_px(motion)
    if dorsal is None:
        return np.full(len(motion), np.nan)
    hips = motion.xy_px[:, [L_HIP, R_HIP]].mean(1)
    length = np.linalg.norm(motion.xy_px[:, NECK] - hips, axis=-1)
    part = dorsal[:, _LEVELS] / np.where(length > 0, length, np.nan)[:, None]
    x = np.linspace(0, 1, dorsal.shape[1])[_LEVELS]
    shape = np.stack([np.ones_like(x), x, np.minimum(x, 1 - x)], axis=-1)
    bend, seen = np.full(len(motion), np.nan), np.isfinite(part)
    for known in np.unique(seen, axis=0):
        if min(known[x < 0.5].sum(), known[x > 0.5].sum()) >= _MIN_LEVELS_EACH_SIDE:
            rows = (seen == known).all(-1)
            bend[rows] = part[rows][:, known] @ np.linalg.pinv(shape[known])[2]
    return np.asarray(2 * np.degrees(np.arctan(bend)))


def _dorsal_outline_px(motion: Motion) -> F64 | None:
    """The side of the outline that is the back, (n, 11); None where the facing is unknown.

    The outline has a right and a left side, as seen from the hips to the neck. The back of a lifter
    who faces right is its left side.
    """
    if motion.facing == 0:
        return None
    return motion.outline_px[:, 1 if motion.facing > 0 else 0]
