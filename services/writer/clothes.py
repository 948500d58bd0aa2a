"""What a lifter wears, seen in several pictures: histograms of colours along trunk and limbs. Pure.

A histogram keeps what a median loses: stripes, prints, and how dark the folds are. Sleeves, and
trousers that end above or below the knee, show on the upper arms and shanks.
"""

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    F32,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
)

#: Bins of a histogram in CIELAB, and the colours that they cover; others, which are rare, count as
#: the nearest of these. Chosen: among 1 to 8 bins of lightness and 6 to 12 of each colour axis,
#: these told the lifters of the shared clips apart best, in changing light, too.
_BINS = (8, 12, 12)
_RANGES = ((-10.0, 110.0), (-48.0, 64.0), (-56.0, 64.0))

#: Samples along and across a limb, and the part of its length that they cover. Chosen: joints are
#: left out, where another garment or the background begins.
_ALONG, _ACROSS, _FROM, _TO = 9, 5, 0.2, 0.8

#: Half width of the sampled strip, in trunk lengths. Chosen: half of a narrow limb's, so that the
#: background is not sampled.
_TRUNK_SIDE, _TRUNK_MIDDLE, _THIGH, _SHANK, _ARM = 0.06, 0.12, 0.06, 0.04, 0.03

#: Fewest samples of a part in one picture, and in all (chosen: two strips' worth).
_MIN_SAMPLES, _MIN_ALL = 15, 90

#: Weights by which a histogram is smoothed along each axis. Chosen: the mildest that has a little
#: more or less light count as nearly the same colour.
_SMOOTH = np.array([0.25, 0.5, 0.25], np.float32)

#: Number of parts that are looked at: trunk, thighs, shanks, upper arms.
PARTS = 4


class Strip(NamedTuple):
    """A limb: its two ends, and half of the width that is sampled, in trunk lengths."""

    start: int
    end: int
    half_width: float


#: Strips of each part. `_MID_HIP` is a row that is added to the joints.
_MID_HIP = 15
_STRIPS: tuple[tuple[Strip, ...], ...] = (
    (
        Strip(R_SHOULDER, R_HIP, _TRUNK_SIDE),
        Strip(L_SHOULDER, L_HIP, _TRUNK_SIDE),
        Strip(NECK, _MID_HIP, _TRUNK_MIDDLE),
    ),
    (Strip(R_HIP, R_KNEE, _THIGH), Strip(L_HIP, L_KNEE, _THIGH)),
    (Strip(R_KNEE, R_ANKLE, _SHANK), Strip(L_KNEE, L_ANKLE, _SHANK)),
    (Strip(R_SHOULDER, R_ELBOW, _ARM), Strip(L_SHOULDER, L_ELBOW, _ARM)),
)


def clothes_in(pictures: Iterable[tuple[NDArray[np.uint8], F32]]) -> F32:
    """The colours of a person's clothes in several pictures.

    Args:
        pictures: BGR (height, width, 3), and the joints in its pixels, (15, 2), NaN where unseen.

    Returns:
        float32 (`PARTS`, *bins), the square root of each part's histogram, whose squares sum to
        1; NaN where too little of the part was seen.
    """
    samples: list[list[F32]] = [[] for _ in range(PARTS)]
    for image, xy_px in pictures:
        lab = np.asarray(cv2.cvtColor(image / np.float32(255), cv2.COLOR_BGR2LAB), np.float32)
        joints: F32 = np.vstack([xy_px, (xy_px[L_HIP] + xy_px[R_HIP]) / 2]).astype(np.float32)
        trunk_px = float(np.hypot(*(joints[NECK] - joints[_MID_HIP])))
        for part, strips in enumerate(_STRIPS):
            seen = np.concatenate([_along(lab, joints, strip, trunk_px) for strip in strips])
            if len(seen) >= _MIN_SAMPLES:
                samples[part].append(seen)
    return np.stack([_histogram(one) for one in samples])


def clothes_distance(one: F32, other: F32) -> float:
    """How different the clothes of two people are: 0 where alike, 1 where no colour is in both.

    Args:
        one: what `clothes_in` gave for one of them.
        other: the same of the other.

    Returns:
        Root mean square, over the parts that are known of both, of the squared Hellinger distance:
        one garment of another colour counts, whatever skin and the other garments have in common.
        NaN if no part is known of both.
    """
    apart = 1.0 - (one * other).reshape(PARTS, -1).sum(1)
    known = apart[np.isfinite(apart)]
    return float(np.sqrt((known**2).mean())) if len(known) else float("nan")


def _along(lab: F32, joints: F32, strip: Strip, trunk_px: float) -> F32:
    """Colours of the pixels of a strip that lie in the picture, float32 (n, 3)."""
    start, end = joints[strip.start], joints[strip.end]
    way = end - start
    length_px = float(np.hypot(*way))
    if not (length_px >= 1.0 and np.isfinite(trunk_px)):  # not for NaN either
        return np.empty((0, 3), np.float32)
    across = np.array([-way[1], way[0]]) / length_px * strip.half_width * trunk_px
    along = np.linspace(_FROM, _TO, _ALONG)[:, None, None] * way
    points = start + along + np.linspace(-1, 1, _ACROSS)[None, :, None] * across
    x, y = np.rint(points.reshape(-1, 2)).astype(np.intp).T
    inside = (x >= 0) & (y >= 0) & (x < lab.shape[1]) & (y < lab.shape[0])
    return np.asarray(lab[y[inside], x[inside]])


def _histogram(samples: list[F32]) -> F32:
    colours = np.concatenate(samples) if samples else np.empty((0, 3), np.float32)
    if len(colours) < _MIN_ALL:
        return np.full(_BINS, np.nan, np.float32)
    colours = np.clip(colours, *np.transpose(_RANGES))
    counts = np.histogramdd(colours, bins=_BINS, range=_RANGES)[0].astype(np.float32)
    for axis in range(counts.ndim):
        counts = np.apply_along_axis(np.convolve, axis, counts, _SMOOTH, "same")
    return np.asarray(np.sqrt(counts / counts.sum()), np.float32)
