"""Draws the joint angle that matters in each phase. Pure."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.overlay.pen import DARK, PHASES, SHIFT, Pen
from services.writer.overlay.text import Colour, Image, width_of, write
from shared.data.analysis import Lifter, LifterFrame
from shared.data.skeleton import JOINTS, L_ANKLE, L_HIP, L_KNEE, NECK, R_ANKLE, R_HIP, R_KNEE


class _Corner(NamedTuple):
    """The joint at which an angle opens, and the joints it opens towards; None is straight up."""

    joint: int
    first: int
    second: int | None


class _PhaseAngle(NamedTuple):
    """The field of `Angles` that is shown, its label, and its corner on the right and left side."""

    field: str
    label: str
    right: _Corner
    left: _Corner


_HIP = _PhaseAngle("hip", "hip", _Corner(R_HIP, NECK, R_KNEE), _Corner(L_HIP, NECK, L_KNEE))

#: Phase → the angle that is shown: the knee before the bar moves; the trunk's lean in the pull,
#: since its change shows hips that shoot up; the hip at lockout and on the way down.
_ANGLE_OF_PHASE: dict[str, _PhaseAngle] = {
    "setup": _PhaseAngle(
        "knee", "knee", _Corner(R_KNEE, R_HIP, R_ANKLE), _Corner(L_KNEE, L_HIP, L_ANKLE)
    ),
    "pull": _PhaseAngle(
        "trunk_lean", "lean", _Corner(R_HIP, NECK, None), _Corner(L_HIP, NECK, None)
    ),
    "lockout": _HIP,
    "lower": _HIP,
}

#: Radius of an angle's arc, in trunk lengths, and at least in widths of a limb.
_RADIUS, _MIN_RADIUS = 0.3, 3.0

#: Length of the vertical that a lean is measured from, in radii of the arc.
_VERTICAL = 1.3

#: Gap between the corner and the label, in widths of a limb.
_LABEL_GAP = 4


class AngleDrawing:
    """Draws one lifter's angles on the frames of a clip."""

    def __init__(self, lifter: Lifter, pen: Pen) -> None:
        self._pen = pen
        self._facing = lifter.summary.facing
        self._radius_px = max(_MIN_RADIUS * pen.line_px, _RADIUS * lifter.summary.trunk_length_px)
        confidence = np.zeros(JOINTS)
        for frame in lifter.frames:
            confidence += frame.joint_confidence
        #: Whether the left side faces the camera. One side for the whole clip: labels do not jump.
        self._is_left = bool(confidence[[L_HIP, L_KNEE]].sum() > confidence[[R_HIP, R_KNEE]].sum())

    def draw(self, image: Image, frame: LifterFrame) -> None:
        """Draw the angle of the frame's phase in place, with its name and its degrees."""
        if frame.phase not in _ANGLE_OF_PHASE:
            return
        shown = _ANGLE_OF_PHASE[frame.phase]
        angle_deg = getattr(frame.angles, shown.field)
        joint, first, second = shown.left if self._is_left else shown.right
        corner, towards = frame.xy_px[joint], frame.xy_px[first] - frame.xy_px[joint]
        other = np.array([0, -1]) if second is None else frame.xy_px[second] - corner
        if not np.isfinite([angle_deg, *corner, *towards, *other]).all():
            return
        radius_px = self._radius_px
        if not np.isfinite(radius_px) or radius_px > self._pen.height_px:
            return
        colour = PHASES[frame.phase]
        if second is None:
            begin, end = corner, corner + (0, -_VERTICAL * radius_px)
            begin, end = self._pen.to_fixed_point(begin), self._pen.to_fixed_point(end)
            cv2.line(image, begin, end, colour, 1, cv2.LINE_AA, SHIFT)
        self._draw_arc(image, corner, (towards, other), colour)
        self._write_label(image, f"{shown.label} {angle_deg:.0f}°", corner, colour)

    def _draw_arc(
        self,
        image: Image,
        corner: NDArray[np.float32],
        sides: tuple[NDArray[np.float32], NDArray[np.float32]],
        colour: Colour,
    ) -> None:
        """Draw the smaller arc between two directions."""
        from_deg, to_deg = (float(np.degrees(np.arctan2(y, x))) for x, y in sides)
        turn_deg = (to_deg - from_deg + 180) % 360 - 180
        radius = round(self._radius_px * 2**SHIFT)
        width_px = max(1, round(0.5 * self._pen.line_px))
        for ink, thickness in ((DARK, width_px + 2), (colour, width_px)):
            cv2.ellipse(
                image, self._pen.to_fixed_point(corner), (radius, radius), 0,
                from_deg, from_deg + turn_deg, ink, thickness, cv2.LINE_AA, SHIFT,
            )  # fmt: skip

    def _write_label(
        self, image: Image, text: str, corner: NDArray[np.float32], colour: Colour
    ) -> None:
        """Write beside the corner, behind the lifter, where the arms are not."""
        capital = self._pen.capital_px
        x, y = (float(v) for v in corner)
        width_px = width_of(text, capital)
        gap = _LABEL_GAP * self._pen.line_px
        left = x - gap - width_px if self._facing > 0 else x + gap
        left = np.clip(left, 4, max(4, self._pen.width_px - width_px - 4))
        base = np.clip(y + capital / 2, 1.5 * capital, self._pen.height_px - capital)
        write(image, text, (round(float(left)), round(float(base))), capital, colour, rim=True)
