"""Draws the analysis on a frame: skeleton, box, score and its curve. Pure.

Everything scales with the picture, and only the pixels near what is drawn are touched.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.messages import Analysis, LifterFrame
from shared.skeleton import LIMBS, MPI_15

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

#: BGR. Right and left are told apart by orange and blue, which most colour-blind people can.
_RIGHT: Colour = (60, 160, 255)
_LEFT: Colour = (255, 170, 60)
_MIDDLE: Colour = (235, 235, 235)
_COLOURS = tuple(
    _RIGHT if name.startswith("R") else _LEFT if name.startswith("L") else _MIDDLE
    for name in MPI_15
)
_TEXT: Colour = (245, 245, 245)
_FAINT: Colour = (190, 190, 190)

#: How strongly a skeleton covers the picture: measured, and interpolated between two measured.
_OPACITY, _OPACITY_INTERPOLATED = 0.9, 0.4

#: Share of the picture's brightness that is left behind text and curve.
_SHADE = 0.35

#: Height of the strip with the curve, as a share of the picture's.
_STRIP_SHARE = 0.13

#: Width and height of the panel, in units of text.
_PANEL = 118, 62

_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Overlay:
    """Draws on the frames of one clip, all of one size."""

    def __init__(
        self, analysis: Analysis, width_px: int, height_px: int, duration_s: float
    ) -> None:
        """Prepare what does not change from frame to frame."""
        self._analysis = analysis
        self._width, self._height = width_px, height_px
        self._duration_s = max(duration_s, 1e-3)
        #: One unit of drawing: about a pixel in a picture whose shorter side is 360.
        self._unit = max(0.5, min(width_px, height_px) / 360)
        #: The panel's unit: text is unreadable below 1, but must fit into the picture.
        self._text_unit = max(self._unit, min(1.0, width_px / _PANEL[0], height_px / _PANEL[1] / 2))
        self._strip_px = max(12, round(height_px * _STRIP_SHARE))
        self._curve = self._draw_curve()
        self._curve_mask: Image = np.asarray(self._curve.any(-1), np.uint8)

    def draw(self, image: Image, time_s: float, lifter: LifterFrame | None, guessed: bool) -> None:
        """Draw on a BGR image in place.

        Args:
            image: uint8 (height, width, 3).
            time_s: the frame's time.
            lifter: what is known of the lifter at that time, None for nothing.
            guessed: whether it was interpolated from neighbouring frames.
        """
        if lifter is not None:
            self._draw_box(image, lifter, guessed)
            self._draw_skeleton(image, lifter, guessed)
        self._draw_strip(image, time_s)
        self._draw_panel(image, time_s, lifter, guessed)

    def _draw_skeleton(self, image: Image, lifter: LifterFrame, guessed: bool) -> None:
        seen = np.isfinite(lifter.xy_px).all(-1)
        if not seen.any():
            return
        line = max(2, round(2.5 * self._unit))
        region = self._region(lifter.xy_px[seen], margin=3 * line)
        left, top, right, bottom = region
        if right <= left or bottom <= top:
            return
        part = image[top:bottom, left:right]
        layer = part.copy()
        points: dict[int, tuple[int, int]] = {
            j: (round(float(lifter.xy_px[j, 0])) - left, round(float(lifter.xy_px[j, 1])) - top)
            for j in map(int, np.flatnonzero(seen))
        }
        for a, b in LIMBS:
            if a in points and b in points:
                sure = float(min(lifter.confidence[a], lifter.confidence[b]))
                cv2.line(layer, points[a], points[b], _dimmed(_COLOURS[b], sure), line, cv2.LINE_AA)
        for joint, point in points.items():
            cv2.circle(layer, point, line + 1, (30, 30, 30), -1, cv2.LINE_AA)
            sure = float(lifter.confidence[joint])
            cv2.circle(layer, point, line, _dimmed(_COLOURS[joint], sure), -1, cv2.LINE_AA)
        opacity = _OPACITY_INTERPOLATED if guessed else _OPACITY
        cv2.addWeighted(layer, opacity, part, 1 - opacity, 0, dst=part)

    def _draw_box(self, image: Image, lifter: LifterFrame, guessed: bool) -> None:
        if not np.isfinite(lifter.box_px).all():
            return
        left, top, right, bottom = (round(float(v)) for v in lifter.box_px)
        colour = _FAINT if guessed else _colour_of(lifter.score)
        line = max(1, round(self._unit))
        arm = max(4, (right - left) // 6)
        for x, dx in ((left, arm), (right, -arm)):
            for y, dy in ((top, arm), (bottom, -arm)):
                cv2.line(image, (x, y), (x + dx, y), colour, line, cv2.LINE_AA)
                cv2.line(image, (x, y), (x, y + dy), colour, line, cv2.LINE_AA)

    def _draw_panel(
        self, image: Image, time_s: float, lifter: LifterFrame | None, guessed: bool
    ) -> None:
        width, height = (round(side * self._text_unit) for side in _PANEL)
        _shade(image[:height, :width])
        if lifter is None or not np.isfinite(lifter.box_px).all():
            number, colour = "--", _FAINT
            small = "frame not analysed" if guessed else "no lifter found"
        elif not np.isfinite(lifter.score):
            number, colour = "--", _FAINT
            small = "too little is seen"
        else:
            number, colour = f"{lifter.score:.2f}", _colour_of(lifter.score)
            small = "posture score"
        self._write(image, number, (8, 30), 1.0, colour, 2.0)
        self._write(image, small, (8, 43), 0.34, _TEXT)
        # An interpolated frame took no time of its own.
        took = f"  pose {lifter.pose_ms:.0f} ms" if lifter is not None and not guessed else ""
        self._write(image, f"{time_s:.2f} s{took}", (8, 55), 0.34, _FAINT)

    def _draw_strip(self, image: Image, time_s: float) -> None:
        """The score's curve up to now, over the whole clip's time axis."""
        strip = image[self._height - self._strip_px :]
        _shade(strip)
        now = round(self._x_of(time_s))
        past = slice(0, now + 1)
        cv2.copyTo(self._curve[:, past], self._curve_mask[:, past], strip[:, past])
        cv2.line(strip, (now, 0), (now, self._strip_px), _FAINT, max(1, round(self._unit)))

    def _draw_curve(self) -> Image:
        """The whole curve on black, drawn once."""
        curve = np.zeros((self._strip_px, self._width, 3), np.uint8)
        line = max(1, round(1.5 * self._unit))
        for level in (0.0, 0.5, 1.0):
            y = self._y_of(level)
            cv2.line(curve, (0, y), (self._width, y), (90, 90, 90), 1)
        before = None
        for frame in self._analysis.frames:
            point = None
            if np.isfinite(frame.score):
                point = (round(self._x_of(frame.time_s)), self._y_of(frame.score))
                cv2.line(curve, before or point, point, _colour_of(frame.score), line, cv2.LINE_AA)
            before = point
        return curve

    def _x_of(self, time_s: float) -> float:
        return float(np.clip(time_s / self._duration_s, 0, 1) * (self._width - 1))

    def _y_of(self, score: float) -> int:
        return round(self._strip_px * (0.9 - 0.8 * score))

    def _write(
        self,
        image: Image,
        text: str,
        at: tuple[float, float],
        size: float,
        colour: Colour,
        weight: float = 1.0,
    ) -> None:
        origin = (round(at[0] * self._text_unit), round(at[1] * self._text_unit))
        weight_px = max(1, round(weight * self._text_unit))
        scale = size * self._text_unit
        cv2.putText(image, text, origin, _FONT, scale, colour, weight_px, cv2.LINE_AA)

    def _region(self, xy_px: NDArray[np.float32], margin: int) -> tuple[int, int, int, int]:
        low = np.floor(xy_px.min(0)).astype(int) - margin
        high = np.ceil(xy_px.max(0)).astype(int) + margin
        return (
            max(0, int(low[0])),
            max(0, int(low[1])),
            min(self._width, int(high[0])),
            min(self._height, int(high[1])),
        )


def _colour_of(score: float) -> Colour:
    """Red at 0 through yellow at 0.5 to green at 1; grey where there is none."""
    if not np.isfinite(score):
        return _FAINT
    return (60, round(70 + 160 * min(1.0, 2 * score)), round(70 + 170 * min(1.0, 2 - 2 * score)))


def _dimmed(colour: Colour, sure: float) -> Colour:
    share = 0.45 + 0.55 * min(max(sure, 0.0), 1.0)
    return (round(colour[0] * share), round(colour[1] * share), round(colour[2] * share))


def _shade(region: Image) -> None:
    cv2.convertScaleAbs(region, dst=region, alpha=_SHADE)
