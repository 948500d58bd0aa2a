"""Draws one lifter: skeleton, box, bar path and the joint angle that matters. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import FAINT, TEXT, Colour, Image, Pen, colour_of
from shared.messages import ANGLES, LifterAnalysis, LifterFrame
from shared.skeleton import L_HIP, L_KNEE, LIMBS, MPI_15, R_HIP, R_KNEE

#: BGR. Right and left are told apart by orange and blue, which most colour-blind people can.
_RIGHT: Colour = (60, 160, 255)
_LEFT: Colour = (255, 170, 60)
_MIDDLE: Colour = (235, 235, 235)
_COLOURS = tuple(
    _RIGHT if name.startswith("R") else _LEFT if name.startswith("L") else _MIDDLE
    for name in MPI_15
)
_BAR: Colour = (80, 220, 255)

#: How strongly a skeleton covers the picture: measured, and interpolated between two measured.
_OPACITY, _OPACITY_INTERPOLATED = 0.9, 0.4

#: Phase → the angle to look at, and the joints at which it is written: knees before the bar moves,
#: then the hips.
_SHOWN = {
    "setup": ("knee", (R_KNEE, L_KNEE)),
    "pull": ("hip", (R_HIP, L_HIP)),
    "lockout": ("hip", (R_HIP, L_HIP)),
    "lower": ("hip", (R_HIP, L_HIP)),
}


class BodyDrawing:
    """Draws one lifter on the frames of a clip."""

    def __init__(self, lifter: LifterAnalysis, pen: Pen) -> None:
        self._pen = pen
        self._reps = lifter.reps
        self._time_s = np.array([frame.time_s for frame in lifter.frames])
        self._bar = np.array([frame.bar_px for frame in lifter.frames]).reshape(-1, 2)

    def draw(self, image: Image, frame: LifterFrame, guessed: bool, details: bool) -> None:
        """Draw a frame's lifter in place; with `details`, box, bar path and angle as well."""
        if details:
            self._draw_box(image, frame, guessed)
            self._draw_bar(image, frame.time_s if not guessed else None, frame)
        self._draw_skeleton(image, frame, guessed)
        if details and not guessed:
            self._draw_angle(image, frame)

    def _draw_skeleton(self, image: Image, frame: LifterFrame, guessed: bool) -> None:
        seen = np.isfinite(frame.xy_px).all(-1)
        if not seen.any():
            return
        line = self._pen.line
        left, top, right, bottom = self._region(frame.xy_px[seen], margin=3 * line)
        if right <= left or bottom <= top:
            return
        part = image[top:bottom, left:right]
        layer = part.copy()
        points: dict[int, tuple[int, int]] = {
            j: (round(float(frame.xy_px[j, 0])) - left, round(float(frame.xy_px[j, 1])) - top)
            for j in map(int, np.flatnonzero(seen))
        }
        for a, b in LIMBS:
            if a in points and b in points:
                sure = float(min(frame.confidence[a], frame.confidence[b]))
                cv2.line(layer, points[a], points[b], _dimmed(_COLOURS[b], sure), line, cv2.LINE_AA)
        for joint, point in points.items():
            cv2.circle(layer, point, line + 1, (30, 30, 30), -1, cv2.LINE_AA)
            colour = _dimmed(_COLOURS[joint], float(frame.confidence[joint]))
            hollow = bool(frame.filled[joint])
            cv2.circle(layer, point, line, colour, max(1, line // 2) if hollow else -1, cv2.LINE_AA)
        opacity = _OPACITY_INTERPOLATED if guessed else _OPACITY
        cv2.addWeighted(layer, opacity, part, 1 - opacity, 0, dst=part)

    def _draw_box(self, image: Image, frame: LifterFrame, guessed: bool) -> None:
        if frame.person is None:
            return
        left, top, right, bottom = (round(float(v)) for v in frame.box_px)
        colour = FAINT if guessed else colour_of(frame.score)
        line = max(1, round(self._pen.unit))
        arm = max(4, (right - left) // 6)
        for x, dx in ((left, arm), (right, -arm)):
            for y, dy in ((top, arm), (bottom, -arm)):
                cv2.line(image, (x, y), (x + dx, y), colour, line, cv2.LINE_AA)
                cv2.line(image, (x, y), (x, y + dy), colour, line, cv2.LINE_AA)

    def _draw_bar(self, image: Image, time_s: float | None, frame: LifterFrame) -> None:
        """The bar's path in the repetition that is under way, or was the last."""
        now_s = frame.time_s if time_s is None else time_s
        begun = [rep for rep in self._reps if rep.start_s <= now_s]
        if not begun:
            return
        rep = begun[-1]
        rows = (self._time_s >= rep.start_s) & (self._time_s <= min(now_s, rep.end_s))
        path = self._bar[rows]
        path = path[np.isfinite(path).all(-1)]
        if len(path) < 2:
            return
        points = np.round(path * 8).astype(np.int32).reshape(-1, 1, 2)
        thick = max(1, round(1.6 * self._pen.unit))
        cv2.polylines(image, [points], False, (20, 20, 20), thick + 2, cv2.LINE_AA, 3)
        cv2.polylines(image, [points], False, _BAR, thick, cv2.LINE_AA, 3)
        end = (round(float(path[-1, 0])), round(float(path[-1, 1])))
        cv2.circle(image, end, thick + 2, _BAR, -1, cv2.LINE_AA)

    def _draw_angle(self, image: Image, frame: LifterFrame) -> None:
        name, joints = _SHOWN.get(frame.phase, ("", ()))
        if not name:
            return
        angle = float(frame.angles[ANGLES.index(name)])
        at = max(joints, key=lambda joint: float(frame.confidence[joint]))
        if not np.isfinite(angle) or not np.isfinite(frame.xy_px[at]).all():
            return
        x, y = (round(float(v)) for v in frame.xy_px[at])
        self._pen.label(image, f"{name} {angle:.0f}", (x + 3 * self._pen.line, y), TEXT)

    def _region(self, xy_px: NDArray[np.float32], margin: int) -> tuple[int, int, int, int]:
        low = np.floor(xy_px.min(0)).astype(int) - margin
        high = np.ceil(xy_px.max(0)).astype(int) + margin
        return (
            max(0, int(low[0])),
            max(0, int(low[1])),
            min(self._pen.width, int(high[0])),
            min(self._pen.height, int(high[1])),
        )


def _dimmed(colour: Colour, sure: float) -> Colour:
    share = 0.45 + 0.55 * min(max(sure, 0.0), 1.0)
    return (round(colour[0] * share), round(colour[1] * share), round(colour[2] * share))
