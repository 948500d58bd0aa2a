"""BlazePose's landmark network beside MoveNet: a second opinion, and what MoveNet does not see.

It looks where MoveNet sees a person. Only where the two agree is it believed, and what MoveNet
lacks taken from it: outline of the trunk, soles, heels, toes and turn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.blazepose.landmarks import Landmarks, PoseLandmarks
from services.pose.blazepose.region import Region, faces_left
from services.pose.details import BodyDetails
from services.pose.movenet.points import BODY, HIPS, L_EAR, NOSE, R_EAR, SHOULDERS, PersonPoints

#: BlazePose's points of `BODY`, in its order. By definition.
_BLAZEPOSE_BODY = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]

#: Maximum median distance of the two networks' joints, in trunk lengths, up to which the second one
#: is believed. Measured on 298 pictures and 83 hard frames: larger ones tell its nonsense with an
#: AUC of 0.97; its own confidence (0.99 on skeletons drawn on a plate) does not.
MAX_DISAGREEMENT = 0.25

#: Radius of the circle around the whole body over the distance of the farthest joint from the
#: hips' middle. Chosen: hands and feet reach beyond wrists and ankles.
_REACH = 1.15


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """What BlazePose says of one person.

    Attributes:
        disagreement: Median distance of its joints from MoveNet's, in trunk lengths; NaN where it
            was not asked.
        details: What it adds; unseen where it is not believed.
    """

    disagreement: float
    details: BodyDetails


#: The opinion of a network that was not asked.
NO_OPINION = SecondOpinion(float("nan"), BodyDetails.unseen())


def ask(landmarks: Landmarks, image: NDArray[np.uint8], person: PersonPoints) -> SecondOpinion:
    """Look at a person in a BGR image, and compare."""
    region = region_of(person)
    if region is None:
        return NO_OPINION
    seen = landmarks.see(image, region, person.trunk_line_px)
    apart = disagreement(person, seen)
    is_believed = apart <= MAX_DISAGREEMENT
    return SecondOpinion(apart, seen.details if is_believed else BodyDetails.unseen())


def region_of(person: PersonPoints) -> Region | None:
    """The region in which BlazePose is to look for a person; None for one without extent."""
    hips, neck = person.trunk_line_px
    trunk = neck - hips
    length = float(np.linalg.norm(trunk))
    if length < 1:
        return None
    radius = _REACH * float(np.linalg.norm(person.xy_px - hips, axis=-1).max())
    mirrored = faces_left(_ahead_px(person), person.trunk_px)
    return Region.around(hips, hips + trunk * (radius / length), mirrored)


def disagreement(person: PersonPoints, seen: PoseLandmarks) -> float:
    """Median distance of both networks' joints, in trunk lengths of MoveNet's."""
    apart = np.linalg.norm(person.xy_px[BODY] - seen.xy_px[_BLAZEPOSE_BODY], axis=-1)
    return float(np.median(apart)) / max(person.trunk_px, 1e-6)


def _ahead_px(person: PersonPoints) -> float:
    """How far nose and shoulders lie right of ears and hips, summed."""
    x = person.xy_px[:, 0]
    return float(x[NOSE] - x[[L_EAR, R_EAR]].mean() + x[SHOULDERS].mean() - x[HIPS].mean())
