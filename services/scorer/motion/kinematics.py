"""The angles of a lifter's body through time. Pure.

All angles are those of the sagittal plane (`services.scorer.motion.geometry`).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.back import back_flexion_deg
from services.scorer.motion.geometry import (
    MAX_TURN_DEG,
    angle_between_deg,
    lean_deg,
    lean_difference_deg,
    straightness_deg,
    to_sagittal,
)
from services.scorer.motion.motion import Motion
from services.scorer.motion.plausibility import compute_plausibility
from services.scorer.motion.soles import foot_pitch_deg
from shared.data.analysis import ANGLES, Angles
from shared.data.skeleton import (
    ARMS,
    HEAD,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    LEGS,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

F64 = NDArray[np.float64]

#: Left and right are averaged with weights `confidence ** CONFIDENCE_POWER`. Chosen: the side that
#: is seen better counts more, and the other one still counts.
CONFIDENCE_POWER = 2.0

#: Both legs have the same length. A leg that looks shorter points at the camera, or its knee is
#: misplaced behind a plate; it is weighted with this power of its length over the longer leg's.
#: Chosen: a leg that looks shorter by a tenth counts less than half.
_LEG_LENGTH_POWER = 8.0

#: Minimum confidence given to each known side, so that two unseen sides are averaged evenly.
#: Chosen: any small number serves.
_MIN_CONFIDENCE = 1e-3

#: Minimum plausibility of limbs for their angle to be reported. Chosen: the middle between
#: impossible (0) and fully plausible (1).
_MIN_PLAUSIBILITY = 0.5

#: Left and right joints from which the angles of trunk and shanks are computed.
_TRUNK = [[L_SHOULDER, R_SHOULDER], [L_HIP, R_HIP]]
_SHANKS = [[L_KNEE, L_ANKLE], [R_KNEE, R_ANKLE]]


@dataclass(frozen=True, eq=False)
class Kinematics:
    """Angles in degrees, one per row of the motion, (n,); NaN where unknown.

    Attributes:
        trunk_lean: Hips to neck from upright, forward positive.
        thigh_elevation: Knee to hip above horizontal: how high the hips stand.
        shank_lean: Ankle to knee from upright, forward positive.
        hip: 180 is straight, more is over-extended.
        knee: 180 is straight, more is over-extended.
        elbow: 180 is straight.
        head_tilt: Neck to head against the trunk, extension (looking up) positive.
        foot_pitch: Heel above toe, against the clip's flat foot.
        back_flexion: The outline's lower half against its upper half, rounded positive, not
            compared with a neutral back.
        trunk_confidence: Minimum confidence of the joints behind the trunk's angles, each on the
            side that is seen better, 0..1.
        legs_confidence: Minimum confidence of a leg's joints, of the leg that is seen better.
        arms_confidence: Minimum confidence of an arm's joints, of the arm that is seen better.
        plausibility: Plausibility of the posture, 0..1 (`Plausibility.posture`).
    """

    trunk_lean: F64
    thigh_elevation: F64
    shank_lean: F64
    hip: F64
    knee: F64
    elbow: F64
    head_tilt: F64
    foot_pitch: F64
    back_flexion: F64
    trunk_confidence: F64
    legs_confidence: F64
    arms_confidence: F64
    plausibility: F64


def compute_kinematics(motion: Motion) -> Kinematics:
    """Compute the angles of a motion.

    Angles that need to know where ahead is are NaN in front views, and where the facing is unknown.
    """
    has_direction = motion.facing != 0 and not motion.turn_deg > MAX_TURN_DEG
    xy = to_sagittal(motion.xy_px, motion.facing if has_direction else np.nan, motion.turn_deg)
    neck, trunk = xy[:, NECK], xy[:, NECK] - xy[:, [L_HIP, R_HIP]].mean(1)
    thighs = xy[:, [L_HIP, R_HIP]] - xy[:, [L_KNEE, R_KNEE]]
    shanks = xy[:, [L_KNEE, R_KNEE]] - xy[:, [L_ANKLE, R_ANKLE]]
    upper_arms = xy[:, [L_SHOULDER, R_SHOULDER]] - xy[:, [L_ELBOW, R_ELBOW]]
    forearms = xy[:, [L_WRIST, R_WRIST]] - xy[:, [L_ELBOW, R_ELBOW]]

    parts, confidence = compute_plausibility(motion), motion.confidence
    hips_known = parts.hips >= _MIN_PLAUSIBILITY
    legs_known = hips_known & (parts.shank >= _MIN_PLAUSIBILITY)
    arms_known = parts.arm >= _MIN_PLAUSIBILITY
    leg_confidence = confidence[:, _SHANKS].min(-1) * _length_likeness(thighs, shanks)

    def of_legs(both: F64) -> F64:
        return _average_sides(both, leg_confidence)

    elbows = _average_sides(angle_between_deg(upper_arms, forearms), confidence[:, ARMS].min(-1))
    return Kinematics(
        trunk_lean=_where(hips_known, lean_deg(trunk)),
        thigh_elevation=_where(hips_known, of_legs(90 - np.abs(lean_deg(thighs)))),
        shank_lean=_where(legs_known, of_legs(lean_deg(shanks))),
        hip=_where(hips_known, of_legs(straightness_deg(trunk[:, None], thighs))),
        knee=_where(legs_known, of_legs(straightness_deg(shanks, thighs))),
        elbow=_where(arms_known, elbows),
        head_tilt=_where(hips_known, lean_difference_deg(trunk, xy[:, HEAD] - neck)),
        foot_pitch=foot_pitch_deg(motion),
        back_flexion=_where(hips_known, back_flexion_deg(motion)),
        trunk_confidence=confidence[:, _TRUNK].max(-1).min(-1),
        legs_confidence=confidence[:, LEGS].min(-1).max(-1),
        arms_confidence=confidence[:, ARMS].min(-1).max(-1),
        plausibility=parts.posture,
    )


def displayed_angles(kinematics: Kinematics) -> list[Angles]:
    """The angles that reports show, one set per row, in single precision."""
    columns = [getattr(kinematics, name).astype(np.float32).tolist() for name in ANGLES]
    return [Angles(*row) for row in zip(*columns, strict=True)]


def _where(known: NDArray[np.bool_], values: F64) -> F64:
    return np.where(known, values, np.nan)


def _length_likeness(thighs: F64, shanks: F64) -> F64:
    """Factor of each leg's confidence by its length against the longer leg's, (n, 2), at most 1."""
    length = np.nan_to_num(np.linalg.norm(thighs, axis=-1) + np.linalg.norm(shanks, axis=-1))
    ratio = length / np.maximum(length.max(-1, keepdims=True), 1e-9)
    return np.asarray(ratio ** (_LEG_LENGTH_POWER / CONFIDENCE_POWER))


def _average_sides(both: F64, confidence: F64) -> F64:
    """Mean of left and right, (n, 2) → (n,), by confidence (n, 2); or the side that is known."""
    weight = np.maximum(confidence, _MIN_CONFIDENCE) ** CONFIDENCE_POWER
    weight = np.where(np.isfinite(both), weight, 0)
    total = weight.sum(-1)
    values = np.nan_to_num(both) * weight
    mean = (values[:, 0] + values[:, 1]) / np.where(total > 0, total, 1)
    return np.where(total > 0, mean, np.nan)
