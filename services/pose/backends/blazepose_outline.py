"""The outline of the trunk, from the landmark network's mask of the person."""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.skeleton import F32, TRUNK_LEVELS

#: The search for the outline ends so far from the line from hips to neck, in its lengths. Seen from
#: the side a back lies within 0.5 of it; a trunk that leans towards the camera looks shorter, and
#: with 0.6 a tenth of the shoulders' levels were lost there. Beyond lies an arm or a plate that the
#: mask holds for the body; it is on the belly's side, where arms hang.
_REACH = 0.75

#: Samples on the way out; the place between two of them is interpolated.
_SAMPLES = 48


def trunk_outline(mask: NDArray[np.float32], hips: F32, neck: F32) -> F32:
    """How far the body reaches to both sides of the line from hips to neck.

    Args:
        mask: logits of a person, float32 (height, width).
        hips: start of the line, (2,), in pixels of the mask.
        neck: its end.

    Returns:
        float32 (2, 11) as `Person.trunk_px`, in pixels of the mask; NaN where the body does not end
        within reach, or the line itself lies outside it.
    """
    along = neck - hips
    length = float(np.linalg.norm(along))
    if length < 1:
        return np.full((2, TRUNK_LEVELS), np.nan, np.float32)
    right = np.array([-along[1], along[0]], np.float32) / length
    levels = hips + np.linspace(0, 1, TRUNK_LEVELS, dtype=np.float32)[:, None] * along
    out = np.linspace(0, _REACH * length, _SAMPLES, dtype=np.float32)
    sides = np.array([1, -1], np.float32)
    # (2, levels, samples, 2)
    places = levels[None, :, None] + sides[:, None, None, None] * out[:, None] * right
    flat = places.reshape(-1, 1, 2).astype(np.float32)
    x, y = np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1])
    logits = cv2.remap(
        mask, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(-50.0,)
    )
    return _crossing(logits.reshape(places.shape[:-1]).astype(np.float32, copy=False), out)


def _crossing(logits: F32, out: F32) -> F32:
    """Where logits (…, samples) first fall below 0 on the way out, interpolated; NaN if nowhere."""
    outside = logits < 0
    first = outside.argmax(-1)
    found = outside.any(-1) & (first > 0)
    after = np.maximum(first, 1)
    high = np.take_along_axis(logits, (after - 1)[..., None], -1)[..., 0]
    low = np.take_along_axis(logits, after[..., None], -1)[..., 0]
    share = high / np.maximum(high - low, 1e-6)
    edge = out[after - 1] + share * (out[1] - out[0])
    return np.where(found, edge, np.nan).astype(np.float32)
