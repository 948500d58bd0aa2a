"""The calibration plot: whether 7 in 10 sets with a score of 0.7 are good."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.evaluation import SetTable, calibration_bins

#: Edges of the bins of scores.
_EDGES = np.linspace(0, 1, 6)

#: Width and height of the plot and the margin around its axes, in pixels.
_SIDE_PX, _MARGIN_PX = 480, 60


def calibration_plot(sets: SetTable) -> NDArray[np.uint8]:
    """Plot the fraction of good sets over the score of unseen lifters.

    Args:
        sets: sets with their scores.

    Returns:
        BGR image, uint8 (480, 480, 3).
    """
    image = np.full((_SIDE_PX, _SIDE_PX, 3), 255, np.uint8)
    _draw_axes(image)
    before = None
    for count, x, y in calibration_bins(sets, _EDGES):
        size = round(3 + 12 * float(np.sqrt(count / len(sets))))
        if before is not None:
            cv2.line(image, before, _at(x, y), (176, 105, 36), 2, cv2.LINE_AA)
        before = _at(x, y)
        cv2.circle(image, before, size, (176, 105, 36), -1, cv2.LINE_AA)
    return image


def _at(x: float, y: float) -> tuple[int, int]:
    """Pixel of a score and a fraction, both 0..1."""
    span = _SIDE_PX - 2 * _MARGIN_PX
    return round(_MARGIN_PX + x * span), round(_SIDE_PX - _MARGIN_PX - y * span)


def _draw_axes(image: NDArray[np.uint8]) -> None:
    for tick in (0.0, 0.5, 1.0):
        cv2.line(image, _at(tick, 0), _at(tick, 1), (225, 225, 225), 1)
        cv2.line(image, _at(0, tick), _at(1, tick), (225, 225, 225), 1)
        for corner in (_at(tick, -0.07), _at(-0.11, tick)):
            cv2.putText(image, f"{tick:g}", corner, 0, 0.45, (90, 90, 90), 1, cv2.LINE_AA)
    cv2.line(image, _at(0, 0), _at(1, 1), (170, 170, 170), 1, cv2.LINE_AA)
    for text, corner in (
        ("score of unseen lifters", (_MARGIN_PX + 90, _SIDE_PX - 14)),
        ("fraction labelled good", (10, 24)),
    ):
        cv2.putText(image, text, corner, 0, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
