"""The lifter's trunk and limbs as solids, from the joints of one frame. Pure.

Radii in metres, of a trained man; girths after Drillis & Contini (1966) and by eye.
"""

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HEEL,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_TOE,
    L_WRIST,
    R_ANKLE,
    R_ELBOW,
    R_HEEL,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_TOE,
    R_WRIST,
)
from synthetic.shapes import SKIN, Colour, Group, Shape
from synthetic.trunk import Spine, pelvis_balls, trunk_balls

F64 = NDArray[np.float64]

_SHIRT: Colour = (150, 112, 46)
_SLEEVE: Colour = (141, 105, 43)
_SHORTS: Colour = (52, 46, 44)
_SOCK: Colour = (235, 238, 240)
_SHOE: Colour = (58, 60, 196)


class Body:
    """Trunk and limbs of a lifter with joints_m, float64 (15, 3), and feet_m, (4, 3)."""

    def __init__(self, joints_m: F64, feet_m: F64) -> None:
        self._joints = joints_m
        self._feet = feet_m
        self._spine = Spine.of(joints_m)

    def groups(self) -> list[Group]:
        """What to draw, each group as one surface."""
        joints, feet = self._joints, self._feet
        groups = [Group(self._trunk(), 0.035)]
        for shoulder, elbow, wrist, hip, knee, ankle, heel, toe in (
            (L_SHOULDER, L_ELBOW, L_WRIST, L_HIP, L_KNEE, L_ANKLE, L_HEEL, L_TOE),
            (R_SHOULDER, R_ELBOW, R_WRIST, R_HIP, R_KNEE, R_ANKLE, R_HEEL, R_TOE),
        ):
            groups += [
                Group(self._leg(joints[hip], joints[knee], joints[ankle]), 0.02),
                Group(self._shorts(joints[hip], joints[knee]), 0.02),
                Group(self._shoe(joints[ankle], feet[heel], feet[toe]), 0.012),
                Group(self._arm(joints[shoulder], joints[elbow], joints[wrist]), 0.015),
                Group(self._sleeve(joints[shoulder], joints[elbow]), 0.02),
                Group(self._hand(joints[elbow], joints[wrist]), 0.006),
            ]
        return groups

    def _trunk(self) -> list[Shape]:
        return [
            Shape((start, r0), (end, r1), _SHIRT) for start, r0, end, r1 in trunk_balls(self._spine)
        ]

    def _leg(self, hip: F64, knee: F64, ankle: F64) -> list[Shape]:
        _, front = _axes(knee, ankle)
        calf = knee + 0.3 * (ankle - knee) - 0.028 * front
        return [
            Shape((hip, 0.095), (knee, 0.06), SKIN),
            Shape((knee, 0.06), (ankle, 0.04), SKIN),
            Shape((calf, 0.057), (knee + 0.7 * (ankle - knee) - 0.01 * front, 0.042), SKIN),
            Shape((calf, 0.057), (knee - 0.01 * front, 0.05), SKIN),
            Shape(  # sock
                (knee + 0.62 * (ankle - knee), 0.051), (ankle, 0.043), _SOCK
            ),
        ]

    def _shorts(self, hip: F64, knee: F64) -> list[Shape]:
        _, front = _axes(hip, knee)
        along = (hip - knee) / np.linalg.norm(hip - knee)
        up, _ = self._spine.axes(0.0)
        hem = hip + 0.62 * (knee - hip)
        pelvis, wide, belt, narrow = pelvis_balls(self._spine, float(np.sign(hip[2])))
        return [
            Shape((pelvis, wide), (belt, narrow), _SHORTS),
            Shape((hip + 0.02 * up, 0.116), (hip - 0.09 * along, 0.106), _SHORTS),
            Shape((hip - 0.09 * along, 0.106), (hem, 0.088), _SHORTS),
            Shape(  # seat
                (hip - 0.045 * front + 0.01 * up, 0.105),
                (hip - 0.03 * front - 0.07 * along, 0.1),
                _SHORTS,
            ),
        ]

    def _shoe(self, ankle: F64, heel_m: F64, toe_m: F64) -> list[Shape]:
        along = (toe_m - heel_m) / np.linalg.norm(toe_m - heel_m)
        up = np.array([-along[1], np.hypot(along[0], along[2]), 0.0])
        heel, toe = heel_m + 0.015 * along + 0.014 * up, toe_m - 0.02 * along + 0.002 * up
        sole = heel_m + 0.01 * along - 0.007 * up, toe_m - 0.01 * along - 0.007 * up
        return [
            Shape((ankle - 0.005 * up, 0.045), (heel, 0.036), _SHOE),
            Shape((ankle + 0.02 * along - 0.01 * up, 0.044), (toe, 0.03), _SHOE),
            Shape((heel, 0.036), (toe, 0.032), _SHOE),
            Shape((sole[0], 0.02), (sole[1], 0.018), _SOCK),
        ]

    def _arm(self, shoulder: F64, elbow: F64, wrist: F64) -> list[Shape]:
        bulge = elbow + 0.25 * (wrist - elbow)
        return [
            Shape((shoulder, 0.052), (elbow, 0.041), SKIN),
            Shape((elbow, 0.043), (bulge, 0.046), SKIN),
            Shape((bulge, 0.046), (wrist, 0.029), SKIN),
        ]

    def _sleeve(self, shoulder: F64, elbow: F64) -> list[Shape]:
        hem = shoulder + 0.55 * (elbow - shoulder)
        return [Shape((shoulder, 0.066), (hem, 0.06), _SLEEVE)]

    def _hand(self, elbow: F64, wrist: F64) -> list[Shape]:
        """A fist, palm to the thigh, around the bar."""
        down, front = _axes(wrist, wrist + (wrist - elbow))
        grip = wrist - 0.07 * down
        out = np.array([0.0, 0.0, 1.0])
        knuckles = grip + 0.02 * down - 0.012 * front
        cones = [
            Shape((wrist, 0.028), (wrist - 0.03 * down - 0.01 * front, 0.037), SKIN),
            Shape((knuckles + 0.03 * out, 0.024), (knuckles - 0.03 * out, 0.024), SKIN),
        ]
        for finger in range(4):
            z = (0.036 - 0.024 * finger) * out
            cones += [
                Shape((grip + 0.035 * down - 0.012 * front + z, 0.015),
                           (grip + 0.03 * front + z, 0.0125), SKIN),
                Shape((grip + 0.03 * front + z, 0.0125),
                           (grip - 0.026 * down + 0.006 * front + z, 0.0115), SKIN),
            ]  # fmt: skip
        return cones


def _axes(upper: F64, lower: F64) -> tuple[F64, F64]:
    """Unit vectors up along a limb and to its front, both in the plane of movement."""
    up = np.append((upper - lower)[:2], 0.0)
    up /= np.linalg.norm(up)
    return up, np.array([up[1], -up[0], 0.0])
