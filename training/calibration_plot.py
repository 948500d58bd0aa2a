"""The calibration plot: whether a score of 0.7 means that 7 in 10 are good."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.samples import Samples

F64 = NDArray[np.float64]

#: Bins of the plot.
_BINS = 8


def calibration_plot(samples: Samples, score: F64) -> NDArray[np.uint8]:
    """A picture, BGR uint8: share of good postures over the score that unseen groups were given."""
    side, margin = 480, 60
    image = np.full((side, side, 3), 255, np.uint8)
    weight, label = samples.weight, samples.label

    def at(x: float, y: float) -> tuple[int, int]:
        span = side - 2 * margin
        return round(margin + x * span), round(side - margin - y * span)

    for share in (0.0, 0.5, 1.0):
        cv2.line(image, at(share, 0), at(share, 1), (225, 225, 225), 1)
        cv2.line(image, at(0, share), at(1, share), (225, 225, 225), 1)
        for place in (at(share, -0.07), at(-0.11, share)):
            cv2.putText(image, f"{share:g}", place, 0, 0.45, (90, 90, 90), 1, cv2.LINE_AA)
    cv2.line(image, at(0, 0), at(1, 1), (170, 170, 170), 1, cv2.LINE_AA)
    before = None
    for low in np.arange(_BINS) / _BINS:
        inside = (score >= low) & ((score < low + 1 / _BINS) | (low + 1 / _BINS >= 1))
        if not inside.any():
            continue
        x = float(np.average(score[inside], weights=weight[inside]))
        y = float(np.average(label[inside], weights=weight[inside]))
        size = round(3 + 12 * float(np.sqrt(weight[inside].sum() / weight.sum())))
        if before is not None:
            cv2.line(image, before, at(x, y), (176, 105, 36), 2, cv2.LINE_AA)
        before = at(x, y)
        cv2.circle(image, before, size, (176, 105, 36), -1, cv2.LINE_AA)
    for text, place in (
        ("score given to unseen lifters", (margin + 70, side - 14)),
        ("share that was labelled good", (10, 24)),
    ):
        cv2.putText(image, text, place, 0, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
    return image
