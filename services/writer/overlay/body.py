"""Draws one lifter's skeleton, number, and sole while the heels are lifted. Pure."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import DARK, SHIFT, Pen
from services.writer.overlay.text import Colour, Image, width_of, write
from shared.data.analysis import Lifter, LifterFrame
from shared.data.skeleton import LIMBS, MPI_15, SEEN_CONFIDENCE, sole_pitch_deg

#: Colours of right, left and middle joints, BGR. Most colour-blind people can distinguish orange
#: and blue.
_RIGHT: Colour = (60, 160, 255)
_LEFT: Colour = (255, 170, 60)
_MIDDLE: Colour = (235, 235, 235)
_COLOURS = tuple(
    _RIGHT if name.startswith("R") else _LEFT if name.startswith("L") else _MIDDLE
    for name in MPI_15
)
_LIFTED: Colour = (60, 60, 235)

#: Brightness of a joint of confidence 0, as a fraction of its full brightness, and the confidence
#: at which it is full. Measured: of joints above 0.5 98 % are right.
_MIN_BRIGHTNESS, _FULL_CONFIDENCE = 0.45, 0.5

#: First and second joint of each limb, (limbs, 2).
_LIMBS = np.array(LIMBS)

#: Where the dashes of a limb that is guessed begin and end in turn, as fractions of its length.
_DASH_STOPS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], np.float32)

#: Radius of a joint in widths of a limb, and at least in pixels.
_JOINT_RADIUS, _MIN_JOINT_PX = 0.9, 2.5

#: Maximum time between a frame and the one in which the sole was seen, in s. Derived: the pose
#: stage looks at soles ten times a second.
_MAX_SOLE_AGE_S = 0.1

#: Length by which a lifted sole is drawn beyond each of its ends, as a fraction of the sole's.
_SOLE_EXTENSION = 0.4


class _Line(NamedTuple):
    """A line to draw: its ends in OpenCV's fixed-point coordinates, and its colour."""

    begin: list[int]
    end: list[int]
    colour: Colour


class BodyDrawing:
    """Draws one lifter on the frames of a clip."""

    def __init__(self, lifter: Lifter, pen: Pen) -> None:
        self._pen = pen
        self._heel_lifts = [fault for fault in lifter.faults if fault.kind == "heels_lift"]
        self._soles = [
            (frame.time_s, frame.person.sole_px)
            for frame in lifter.frames
            if frame.person is not None and np.isfinite(frame.person.sole_px).all()
        ]

    def draw(self, image: Image, frame: LifterFrame, is_interpolated: bool) -> None:
        """Draw the skeleton in place: joints are solid where measured, hollow where interpolated.

        Limbs that are guessed because something covers them are dashed.

        Args:
            image: uint8 (height, width, 3), BGR.
            frame: the lifter.
            is_interpolated: whether the whole frame was interpolated, not single joints.
        """
        seen = np.asarray(np.isfinite(frame.xy_px).all(-1))
        width_px = self._pen.line_px
        lines = self._limb_lines(frame, seen)
        for begin, end, _ in lines:
            cv2.line(image, begin, end, DARK, width_px + 2, cv2.LINE_AA, SHIFT)
        for begin, end, colour in lines:
            cv2.line(image, begin, end, colour, width_px, cv2.LINE_AA, SHIFT)
        radius = round(max(_MIN_JOINT_PX, _JOINT_RADIUS * width_px) * 2**SHIFT)
        confidence = frame.joint_confidence.tolist()
        points = self._pen.to_fixed(frame.xy_px[seen]).tolist()
        for joint, point in zip(np.flatnonzero(seen).tolist(), points, strict=True):
            colour = _dim(_COLOURS[joint], confidence[joint])
            is_hollow = is_interpolated or MPI_15[joint] in frame.filled
            inside, rim = (DARK, colour) if is_hollow else (colour, DARK)
            cv2.circle(image, point, radius, inside, -1, cv2.LINE_AA, SHIFT)
            cv2.circle(image, point, radius, rim, max(1, width_px // 3), cv2.LINE_AA, SHIFT)

    def _limb_lines(self, frame: LifterFrame, seen: NDArray[np.bool_]) -> list[_Line]:
        """The lines of all limbs: one for each, or the dashes of one that is guessed.

        Args:
            frame: the lifter.
            seen: bool (15,), which joints are known.
        """
        limbs = _LIMBS[seen[_LIMBS].all(-1)]
        first, second = frame.xy_px[limbs[:, 0]], frame.xy_px[limbs[:, 1]]
        # All at once, (limbs, stops, 2): a conversion to fixed point costs as much as a line.
        stops = first[:, None] + _DASH_STOPS[:, None] * (second - first)[:, None]
        fixed = self._pen.to_fixed(stops).tolist()
        lower = frame.joint_confidence[limbs].min(-1).tolist()
        lines = []
        for points, joint, confidence in zip(fixed, limbs[:, 1].tolist(), lower, strict=True):
            colour = _dim(_COLOURS[joint], confidence)
            if confidence >= SEEN_CONFIDENCE:
                lines.append(_Line(points[0], points[-1], colour))
            else:
                pairs = zip(points[::2], points[1::2], strict=True)
                lines.extend(_Line(begin, end, colour) for begin, end in pairs)
        return lines

    def draw_sole(self, image: Image, frame: LifterFrame) -> None:
        """Draw the line of the sole in place while the heels are lifted."""
        lifts = [one for one in self._heel_lifts if one.from_s <= frame.time_s <= one.to_s]
        if not (lifts and self._soles):
            return
        seen_s, sole_px = min(self._soles, key=lambda sole: abs(sole[0] - frame.time_s))
        if abs(seen_s - frame.time_s) > _MAX_SOLE_AGE_S:
            return
        heel, toe = sole_px
        if not sole_pitch_deg(sole_px) > lifts[0].threshold:
            return  # the sole was corrected afterwards
        extension = _SOLE_EXTENSION * (toe - heel)
        begin = self._pen.to_fixed_point(heel - extension)
        end = self._pen.to_fixed_point(toe + extension)
        for ink, width_px in ((DARK, self._pen.line_px + 2), (_LIFTED, self._pen.line_px)):
            cv2.line(image, begin, end, ink, width_px, cv2.LINE_AA, SHIFT)

    def write_number(self, image: Image, frame: LifterFrame, number: int) -> None:
        """Write the lifter's number above the head, in place."""
        seen = frame.xy_px[np.isfinite(frame.xy_px).all(-1)]
        if not len(seen):
            return
        text, capital = str(number), round(1.3 * self._pen.capital_px)
        x, y = seen[seen[:, 1].argmin()]
        x = np.clip(x - width_of(text, capital) / 2, 2, self._pen.width_px - capital)
        y = np.clip(y - capital, 1.5 * capital, self._pen.height_px)
        write(image, text, (round(float(x)), round(float(y))), capital, _MIDDLE, rim=True)


def _dim(colour: Colour, confidence: float) -> Colour:
    """A colour, darker where the confidence is lower."""
    brightness = _MIN_BRIGHTNESS + (1 - _MIN_BRIGHTNESS) * min(confidence / _FULL_CONFIDENCE, 1.0)
    blue, green, red = colour
    return round(blue * brightness), round(green * brightness), round(red * brightness)
