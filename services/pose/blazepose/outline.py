"""The outline of the trunk and the line of a sole, from the landmark network's mask."""

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from shared.data.skeleton import F32, OUTLINE_LEVELS

#: Reach of the search for the outline from the line from hips to neck, in lengths of that line.
#: From the side, a back is within 0.5. A trunk that leans towards the camera looks shorter: with
#: 0.6, a tenth of the levels at the shoulders were lost. Further away are arms and plates that the
#: mask includes by mistake.
_REACH = 0.75

#: Samples on the way out; positions between two of them are interpolated.
_SAMPLES = 48

#: Area in which soles are searched for, in trunk lengths: ahead of the heels, and below or above
#: the middle of the feet. Feet that are bent or half hidden are misplaced by up to half their
#: length.
_AHEAD, _AROUND = (-0.45, 0.75), 0.35
_COLUMNS, _ROWS = 61, 81

#: Columns of the edge that a sole's line is fitted to (half a shoe), and maximum deviation of the
#: body's lower edge from that line, in trunk lengths. The rim of a plate with a radius of up to
#: half a trunk length deviates more.
_STRETCH, _STRAIGHT = 14, 0.01

#: Maps the heights of these columns to those of the straight line through them (least squares).
_LINE = np.stack([np.ones(_STRETCH), np.linspace(0, 1, _STRETCH)], -1)
_TO_LINE = (_LINE @ np.linalg.pinv(_LINE)).T


def trunk_outline(mask: NDArray[np.float32], hips: F32, neck: F32) -> F32:
    """How far the body reaches to both sides of the line from hips to neck.

    Args:
        mask: logits of a person, float32 (height, width).
        hips: start of the line, (2,), in pixels of the mask.
        neck: its end.

    Returns:
        float32 (2, 11) as `Person.outline_px`, in pixels of the mask; NaN where the body does
        not end within reach, or the line itself lies outside it.
    """
    along = neck - hips
    length = float(np.linalg.norm(along))
    if length < 1:
        return np.full((2, OUTLINE_LEVELS), np.nan, np.float32)
    right = np.array([-along[1], along[0]], np.float32) / length
    levels = hips + np.linspace(0, 1, OUTLINE_LEVELS, dtype=np.float32)[:, None] * along
    out = np.linspace(0, _REACH * length, _SAMPLES, dtype=np.float32)
    sides = np.array([1, -1], np.float32)
    # (2, levels, samples, 2)
    places = levels[None, :, None] + sides[:, None, None, None] * out[:, None] * right
    return _crossing(_logits(mask, places), out)


def sole_line(
    mask: NDArray[np.float32], to_mask: F32, heels: F32, toes: F32, trunk_length_px: float
) -> F32:
    """Line of the lower sole.

    Soles are the lowest straight edge of a body. The edge shows lifted heels, which the network's
    points do not: networks place heels and toes where those of a flat foot would be.

    Args:
        mask: logits of a person, float32 (height, width).
        to_mask: affine map (2, 3) from the image to the mask.
        heels: approximate positions of the heels, (2, 2), in pixels of the image.
        toes: approximate positions of the toes, likewise.
        trunk_length_px: length of the trunk, the unit of all lengths.

    Returns:
        float32 (2, 2) as `Person.sole_px`, in pixels of the image; NaN where no edge is straight
        for half a shoe.
    """
    heel, toe = heels.mean(0), toes.mean(0)
    ahead = trunk_length_px * np.linspace(*_AHEAD, _COLUMNS, dtype=np.float32)
    up = trunk_length_px * np.linspace(0, 2 * _AROUND, _ROWS, dtype=np.float32)
    x = heel[0] + ahead * (1 if toe[0] > heel[0] else -1)
    lowest_y = (heel[1] + toe[1]) / 2 + _AROUND * trunk_length_px
    columns = np.stack(np.meshgrid(x, lowest_y - up, indexing="ij"), -1)  # (columns, rows, 2)
    edge = _crossing(-_logits(mask, _mapped(columns, to_mask)), up)
    on_mask = _mapped(np.stack([x, lowest_y - edge], -1), to_mask)
    is_inside = (on_mask > 1) & (on_mask < np.array(mask.shape[::-1]) - 2)
    edge[~is_inside.all(-1)] = np.nan  # there the region ends, not the body

    stretches = sliding_window_view(edge, _STRETCH)
    fitted = stretches @ _TO_LINE
    off = np.abs(fitted - stretches).max(-1)
    straight = np.flatnonzero(off <= _STRAIGHT * trunk_length_px)  # none of those that hold a NaN
    if not straight.size:
        return np.full((2, 2), np.nan, np.float32)
    first = straight[stretches[straight].min(-1).argmin()]
    ends = [0, _STRETCH - 1]
    return np.stack([x[first + ends], lowest_y - fitted[first, ends]], -1).astype(np.float32)


def _mapped(places: F32, affine: F32) -> F32:
    return np.asarray(places @ affine[:, :2].T + affine[:, 2])


def _logits(mask: NDArray[np.float32], places: F32) -> F32:
    """A mask's values at points in it, (…, 2) → (…); outside it there is nobody."""
    flat = places.reshape(-1, 1, 2).astype(np.float32)
    x, y = np.ascontiguousarray(flat[..., 0]), np.ascontiguousarray(flat[..., 1])
    logits = cv2.remap(
        mask, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(-50.0,)
    )
    return logits.reshape(places.shape[:-1]).astype(np.float32, copy=False)


def _crossing(logits: F32, out: F32) -> F32:
    """Where logits (…, samples) first fall below 0 on the way out, interpolated; NaN if nowhere."""
    outside = logits < 0
    first = outside.argmax(-1)
    found = outside.any(-1) & (first > 0)
    after = np.maximum(first, 1)
    high = np.take_along_axis(logits, (after - 1)[..., None], -1)[..., 0]
    low = np.take_along_axis(logits, after[..., None], -1)[..., 0]
    fraction = high / np.maximum(high - low, 1e-6)
    edge = out[after - 1] + fraction * (out[1] - out[0])
    return np.where(found, edge, np.nan).astype(np.float32)
