"""BlazePose's landmark network beside MoveNet: a second opinion, and what MoveNet does not see.

It looks where MoveNet sees a person. Only where the two agree is it believed, and what MoveNet
lacks taken from it: outline of the trunk, soles, heels, toes and turn.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.blazepose.landmarks import Landmarks, PoseLandmarks
from services.pose.blazepose.region import Region
from services.pose.movenet.points import BODY, HIPS, L_EAR, NOSE, R_EAR, SHOULDERS, PersonPoints
from shared.data.skeleton import BLAZEPOSE_FEET, F32, FEET, OUTLINE_LEVELS, hide_unseen

#: BlazePose's points of `BODY`, in its order. By definition.
_BLAZEPOSE_BODY = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]

#: Maximum median distance of the two networks' joints, in trunk lengths, up to which the second one
#: is believed. Measured on 298 pictures and 83 hard frames: larger ones tell its nonsense with an
#: AUC of 0.97; its own confidence (0.99 on skeletons drawn on a plate) does not.
MAX_DISAGREEMENT = 0.25

#: Radius of the circle around the whole body over the distance of the farthest joint from the
#: hips' middle. Chosen: hands and feet reach beyond wrists and ankles.
_REACH = 1.15

#: Minimum distance ahead at which somebody faces the image's left, in trunk lengths. Chosen: in
#: front views the network then sees people as they are, not mirrored.
_MIN_FACING = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """What BlazePose says of one person; the fields from `feet_px` on are as in `Person`.

    Attributes:
        disagreement: Median distance of its joints from MoveNet's, in trunk lengths; NaN where it
            was not asked.
    """

    disagreement: float
    feet_px: F32
    feet_confidence: F32
    outline_px: F32
    sole_px: F32
    turn_deg: float


def no_opinion(disagreement: float = float("nan")) -> SecondOpinion:
    """The opinion of a network that was not asked, or that is not believed."""
    return SecondOpinion(
        disagreement=disagreement,
        feet_px=np.full((len(FEET), 2), np.nan, np.float32),
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=np.full((2, 2), np.nan, np.float32),
        turn_deg=float("nan"),
    )


def ask(landmarks: Landmarks, image: NDArray[np.uint8], person: PersonPoints) -> SecondOpinion:
    """Look at a person in a BGR image, and compare."""
    region = region_of(person)
    if region is None:
        return no_opinion()
    seen = landmarks.see(image, region, person.trunk_line_px)
    apart = disagreement(person, seen)
    if not apart <= MAX_DISAGREEMENT:
        return no_opinion(apart)
    feet_px, feet_confidence = hide_unseen(
        seen.xy_px[BLAZEPOSE_FEET], seen.confidence[BLAZEPOSE_FEET]
    )
    return SecondOpinion(
        apart, feet_px, feet_confidence, seen.outline_px, seen.sole_px, seen.turn_deg
    )


def region_of(person: PersonPoints) -> Region | None:
    """The region in which BlazePose is to look for a person; None for one without extent."""
    hips, neck = person.trunk_line_px
    trunk = neck - hips
    length = float(np.linalg.norm(trunk))
    if length < 1:
        return None
    radius = _REACH * float(np.linalg.norm(person.xy_px - hips, axis=-1).max())
    return Region.around(hips, hips + trunk * (radius / length), _faces_left(person))


def disagreement(person: PersonPoints, seen: PoseLandmarks) -> float:
    """Median distance of both networks' joints, in trunk lengths of MoveNet's."""
    apart = np.linalg.norm(person.xy_px[BODY] - seen.xy_px[_BLAZEPOSE_BODY], axis=-1)
    return float(np.median(apart)) / max(person.trunk_px, 1e-6)


def _faces_left(person: PersonPoints) -> bool:
    """Whether somebody faces the image's left: by face, and the lean of the trunk."""
    x = person.xy_px[:, 0]
    ahead = x[NOSE] - x[[L_EAR, R_EAR]].mean() + x[SHOULDERS].mean() - x[HIPS].mean()
    return bool(ahead < -_MIN_FACING * person.trunk_px)
