"""The lifter's head as solids: skull, hair and face, from the joints of one frame. Pure.

BlazePose detects faces, so eyes, brows, nose, lips and ears lie where its face points lie.
"""

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import HEAD, NECK
from synthetic.figure import EARS_TO_CROWN_M
from synthetic.shapes import SKIN, Colour, Group, Shape

F64 = NDArray[np.float64]

_EAR: Colour = (112, 145, 197)
_LIPS: Colour = (98, 108, 176)
_HAIR: Colour = (30, 38, 54)
_WHITE: Colour = (235, 238, 240)
_EYE: Colour = (52, 44, 40)


class Head:
    """Head and neck of a lifter.

    Args:
        joints_m: float64 (15, 3).
        lean_rad: how far the face looks down, radians.
    """

    def __init__(self, joints_m: F64, lean_rad: float) -> None:
        sine, cosine = np.sin(lean_rad), np.cos(lean_rad)
        self._face_up = np.array([sine, cosine, 0.0])
        self._face_front = np.array([cosine, -sine, 0.0])
        self._ears = joints_m[HEAD] - EARS_TO_CROWN_M * self._face_up
        self._neck_m = joints_m[NECK]

    def groups(self) -> list[Group]:
        """What to draw, each group as one surface."""
        return [
            Group(self._neck(), 0.015),
            Group(self._skull(), 0.02),
            Group(self._hair(), 0.012),
            Group(self._face(), 0.003),
        ]

    def _neck(self) -> list[Shape]:
        foot, skull = self._neck_m + 0.01 * self._face_up, self._in_head(-0.02, -0.03)
        return [Shape((foot, 0.058), (skull, 0.055), SKIN)]

    def _skull(self) -> list[Shape]:
        at = self._in_head
        cones = [
            Shape((at(-0.015, 0.04), 0.078), (at(0.02, 0.042), 0.074), SKIN),
            Shape((at(0.034, 0.022), 0.06), (at(0.048, -0.05), 0.041), SKIN),
            Shape((at(0.05, -0.055), 0.036), (at(0.064, -0.078), 0.022), SKIN),  # chin
        ]
        for z in (-1.0, 1.0):
            jaw, cheek = at(0.002, -0.045, 0.034 * z), at(0.045, 0.0, 0.032 * z)
            cones += [
                Shape((jaw, 0.03), (at(0.055, -0.072, 0.012 * z), 0.022), SKIN),
                Shape((cheek, 0.034), (at(0.0, 0.01, 0.038 * z), 0.034), SKIN),
            ]
        return cones

    def _hair(self) -> list[Shape]:
        at = self._in_head
        return [
            Shape((at(-0.024, 0.048), 0.083), (at(0.008, 0.06), 0.076), _HAIR),
            Shape((at(-0.036, 0.03), 0.07), (at(-0.042, -0.028), 0.046), _HAIR),
        ]

    def _face(self) -> list[Shape]:
        at = self._in_head
        cones = [Shape((at(0.09, 0.02), 0.009), (at(0.109, -0.01), 0.0125), SKIN)]
        for z in (-1.0, 1.0):
            temple = at(0.012, 0.045, 0.066 * z), at(0.008, 0.01, 0.066 * z)
            ear = at(-0.014, 0.018, 0.077 * z), at(-0.004, -0.018, 0.072 * z)
            eye = at(0.081, 0.024, 0.025 * z), at(0.074, 0.024, 0.039 * z)
            brow = at(0.093, 0.044, 0.014 * z), at(0.077, 0.046, 0.05 * z)
            lips = at(0.088, -0.046), at(0.078, -0.047, 0.024 * z)
            iris = at(0.0875, 0.024, 0.031 * z)
            cones += [
                Shape((temple[0], 0.012), (temple[1], 0.006), _HAIR),
                Shape((ear[0], 0.016), (ear[1], 0.01), _EAR),
                Shape((eye[0], 0.0095), (eye[1], 0.009), _WHITE),
                Shape((iris, 0.0062), (iris, 0.0062), _EYE),
                Shape((brow[0], 0.006), (brow[1], 0.005), _HAIR),
                Shape((lips[0], 0.0075), (lips[1], 0.005), _LIPS),
            ]
        return cones

    def _in_head(self, forward: float, upward: float, leftward: float = 0.0) -> F64:
        """A point in the head, metres from the middle between the ears."""
        aside = np.array([0.0, 0.0, leftward])
        return self._ears + forward * self._face_front + upward * self._face_up + aside
