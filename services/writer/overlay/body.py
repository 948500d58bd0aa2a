"""Draws one lifter's skeleton, the joint angle that matters, and a sole that is lifted. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import DARK, PHASES, Pen
from services.writer.overlay.text import Colour, Image, width_of, write
from shared.data.analysis import Lifter, LifterFrame
from shared.data.skeleton import (
    JOINTS,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    LIMBS,
    MPI_15,
    NECK,
    R_ANKLE,
    R_HIP,
    R_KNEE,
    sole_pitch_deg,
)

#: BGR. Right and left are told apart by orange and blue, which most colour-blind people can.
_RIGHT: Colour = (60, 160, 255)
_LEFT: Colour = (255, 170, 60)
_MIDDLE: Colour = (235, 235, 235)
_COLOURS = tuple(
    _RIGHT if name.startswith("R") else _LEFT if name.startswith("L") else _MIDDLE
    for name in MPI_15
)

#: Bits behind the point of OpenCV's coordinates: joints move by less than a pixel from frame to
#: frame, and would tremble if rounded.
_SHIFT = 4

#: Phase → the angle to look at, the joint at which it opens, and the two it opens towards, for the
#: right and the left side; None is straight up. Knees before the bar moves; how the trunk's lean
#: changes in the pull tells hips that shoot up; hips at lockout and on the way down.
_SIDE = tuple[int, int, int | None]
_HIP: tuple[_SIDE, _SIDE] = ((R_HIP, NECK, R_KNEE), (L_HIP, NECK, L_KNEE))
_SHOWN: dict[str, tuple[str, str, tuple[_SIDE, _SIDE]]] = {
    "setup": ("knee", "knee", ((R_KNEE, R_HIP, R_ANKLE), (L_KNEE, L_HIP, L_ANKLE))),
    "pull": ("trunk_lean", "lean", ((R_HIP, NECK, None), (L_HIP, NECK, None))),
    "lockout": ("hip", "hip", _HIP),
    "lower": ("hip", "hip", _HIP),
}

#: Radius of an angle's arc, in trunk lengths.
_ARC = 0.3

#: A lifted sole is drawn beyond both ends of what was seen of it, by this share.
_BEYOND = 0.4
_LIFTED: Colour = (60, 60, 235)


class BodyDrawing:
    """Draws one lifter on the frames of a clip."""

    def __init__(self, lifter: Lifter, pen: Pen) -> None:
        self._pen = pen
        self._trunk_length_px, self._facing = lifter.summary.trunk_length_px, lifter.summary.facing
        self._lifts = [fault for fault in lifter.faults if fault.kind == "heels_lift"]
        sure = np.zeros(JOINTS)
        for frame in lifter.frames:
            sure += frame.joint_confidence
        #: The side that faces the camera: 0 right, 1 left. One for the clip, or labels would jump.
        self._side = int(sure[[L_HIP, L_KNEE]].sum() > sure[[R_HIP, R_KNEE]].sum())

    def draw(self, image: Image, frame: LifterFrame, guessed: bool) -> None:
        """Draw the skeleton in place: filled joints where measured, hollow where interpolated."""
        seen = np.isfinite(frame.xy_px).all(-1)
        line = self._pen.line
        points = {j: self._fixed(frame.xy_px[j]) for j in map(int, np.flatnonzero(seen))}
        limbs = [(a, b) for a, b in LIMBS if a in points and b in points]
        for a, b in limbs:
            cv2.line(image, points[a], points[b], DARK, line + 2, cv2.LINE_AA, _SHIFT)
        for a, b in limbs:
            colour = _dimmed(
                _COLOURS[b], float(min(frame.joint_confidence[a], frame.joint_confidence[b]))
            )
            cv2.line(image, points[a], points[b], colour, line, cv2.LINE_AA, _SHIFT)
        radius = round(max(2.5, 0.9 * line) * 2**_SHIFT)
        for joint, point in points.items():
            colour = _dimmed(_COLOURS[joint], float(frame.joint_confidence[joint]))
            hollow = guessed or MPI_15[joint] in frame.filled
            inside = DARK if hollow else colour
            cv2.circle(image, point, radius, inside, -1, cv2.LINE_AA, _SHIFT)
            ring = colour if hollow else DARK
            cv2.circle(image, point, radius, ring, max(1, line // 3), cv2.LINE_AA, _SHIFT)

    def draw_sole(self, image: Image, frame: LifterFrame) -> None:
        """Draw the line of the sole while the heels are lifted."""
        lifts = [one for one in self._lifts if one.from_s <= frame.time_s <= one.to_s]
        if frame.person is None or not lifts:
            return
        heel, toe = frame.person.sole_px
        if not sole_pitch_deg(frame.person.sole_px) > lifts[0].threshold:
            return  # not seen, or put right in the motion
        beyond = _BEYOND * (toe - heel)
        begin, end = self._fixed(heel - beyond), self._fixed(toe + beyond)
        for ink, thick in ((DARK, self._pen.line + 2), (_LIFTED, self._pen.line)):
            cv2.line(image, begin, end, ink, thick, cv2.LINE_AA, _SHIFT)

    def draw_angle(self, image: Image, frame: LifterFrame) -> None:
        """Draw the angle to look at in this phase, with its name and degrees beside it."""
        if frame.phase not in _SHOWN:
            return
        field, name, sides = _SHOWN[frame.phase]
        angle = getattr(frame.angles, field)
        at, first, second = sides[self._side]
        corner, towards = frame.xy_px[at], frame.xy_px[first] - frame.xy_px[at]
        other = np.array([0, -1]) if second is None else frame.xy_px[second] - corner
        if not np.isfinite([angle, *corner, *towards, *other]).all():
            return
        colour = PHASES[frame.phase]
        radius = max(3.0 * self._pen.line, _ARC * self._trunk_length_px)
        if not np.isfinite(radius) or radius > self._pen.height:
            return
        if second is None:
            up = self._fixed(corner + (0, -1.3 * radius))
            cv2.line(image, self._fixed(corner), up, colour, 1, cv2.LINE_AA, _SHIFT)
        self._arc(image, corner, (towards, other), radius, colour)
        self._label(image, f"{name} {angle:.0f}°", corner, colour)

    def name(self, image: Image, frame: LifterFrame, number: int) -> None:
        """Write the lifter's number above the head."""
        seen = frame.xy_px[np.isfinite(frame.xy_px).all(-1)]
        if not len(seen):
            return
        text, capital = str(number), round(1.3 * self._pen.capital_px)
        x, y = seen[seen[:, 1].argmin()]
        x = np.clip(x - width_of(text, capital) / 2, 2, self._pen.width - capital)
        y = np.clip(y - capital, 1.5 * capital, self._pen.height)
        write(image, text, (round(float(x)), round(float(y))), capital, _MIDDLE, rim=True)

    def _arc(
        self,
        image: Image,
        corner: NDArray[np.float32],
        sides: tuple[NDArray[np.float32], NDArray[np.float32]],
        radius: float,
        colour: Colour,
    ) -> None:
        """The smaller arc between two directions."""
        from_deg, to_deg = (float(np.degrees(np.arctan2(y, x))) for x, y in sides)
        turn = (to_deg - from_deg + 180) % 360 - 180
        size = round(radius * 2**_SHIFT)
        weight = max(1, round(0.5 * self._pen.line))
        for ink, thick in ((DARK, weight + 2), (colour, weight)):
            cv2.ellipse(
                image, self._fixed(corner), (size, size), 0, from_deg, from_deg + turn,
                ink, thick, cv2.LINE_AA, _SHIFT,
            )  # fmt: skip

    def _label(self, image: Image, text: str, at: NDArray[np.float32], colour: Colour) -> None:
        capital = self._pen.capital_px
        x, y = (float(v) for v in at)
        wide = width_of(text, capital)
        gap = 4 * self._pen.line
        left = x - gap - wide if self._facing > 0 else x + gap  # behind the lifter, off the arms
        left = np.clip(left, 4, max(4, self._pen.width - wide - 4))
        base = np.clip(y + capital / 2, 1.5 * capital, self._pen.height - capital)
        write(image, text, (round(float(left)), round(float(base))), capital, colour, rim=True)

    def _fixed(self, point: NDArray[np.float32]) -> tuple[int, int]:
        """A point in OpenCV's fixed-point coordinates; not so far outside that they overflow."""
        far = 4 * max(self._pen.width, self._pen.height)
        x, y = np.clip(point, -far, far)
        return round(float(x) * 2**_SHIFT), round(float(y) * 2**_SHIFT)


def _dimmed(colour: Colour, sure: float) -> Colour:
    share = 0.45 + 0.55 * min(max(sure, 0.0), 1.0)
    return (round(colour[0] * share), round(colour[1] * share), round(colour[2] * share))
