"""The colour of a person's clothes, sampled along trunk and thighs. Pure.

It tells people apart who stand in one place at different times, whichever backend found them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import F32, L_HIP, L_KNEE, L_SHOULDER, NECK, R_HIP, R_KNEE, R_SHOULDER

#: Samples along a line, and the part of the line that they cover. Chosen: 14 to 21 samples of a
#: garment have a median that neither a hand nor the knurling of a bar moves; collar, waist and knee
#: are left out.
_SAMPLES, _FROM, _TO = 7, 0.25, 0.8

#: Minimum samples of a garment within the picture. Chosen: one whole line.
_MIN_SAMPLES = 7

_ALONG = np.linspace(_FROM, _TO, _SAMPLES, dtype=np.float32)[:, None]

# Ends of the lines: three along the trunk, of which the middle one joins neck and mid-hip, and one
# along each thigh.
_UPPER = [L_SHOULDER, NECK, R_SHOULDER, L_HIP, R_HIP]
_LOWER = [L_HIP, R_HIP, R_HIP, L_KNEE, R_KNEE]
#: Numbers of the shirt's lines, the trousers' lines, and the trunk's middle one. Derived: from the
#: order of the ends.
_SHIRT, _TROUSERS, _MIDDLE = slice(0, 3), slice(3, 5), 1


def clothes_lab(image: NDArray[np.uint8], xy_px: F32) -> F32:
    """Median colours of shirt and trousers in CIELAB, float32 (2, 3): rows of L, a, b.

    Args:
        image: BGR (height, width, 3).
        xy_px: the person's joints in pixels of the image, (15, 2), NaN where unseen.

    Returns:
        The shirt's row first; a row is NaN where too little of the garment is seen.
    """
    upper, lower = xy_px[_UPPER], xy_px[_LOWER]
    lower[_MIDDLE] = (xy_px[L_HIP] + xy_px[R_HIP]) / 2
    points: F32 = upper[:, None] + _ALONG * (lower - upper)[:, None]  # (5 lines, 7 samples, 2)
    height, width = image.shape[:2]
    inside = np.asarray(((points >= 0) & (points <= (width - 1, height - 1))).all(-1))
    x, y = np.where(inside[..., None], points, 0).astype(np.intp).transpose(2, 0, 1)
    lab = cv2.cvtColor(image[y, x].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    return np.stack([_median(lab[part][inside[part]]) for part in (_SHIRT, _TROUSERS)])


def _median(lab: F32) -> F32:
    """Median of colours (m, 3), float32 (3,); NaN for too few."""
    if len(lab) < _MIN_SAMPLES:
        return np.full(3, np.nan, np.float32)
    return np.asarray(np.sort(lab, axis=0)[len(lab) // 2])
