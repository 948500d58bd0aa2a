"""The skeleton of all results, MPI-15, and how other skeletons map to it.

All backends deliver the 15 joints of OpenPose's MPI model, in its order (poseParameters.cpp).
"Right" and "left" are the lifter's, not the picture's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.data.anthropometry import CROWN_OVER_FACE, CROWN_OVER_NECK

F32 = NDArray[np.float32]

MPI_15 = (
    "Head", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist",
    "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "Chest",
)  # fmt: skip
JOINTS = len(MPI_15)

(HEAD, NECK, R_SHOULDER, R_ELBOW, R_WRIST, L_SHOULDER, L_ELBOW, L_WRIST,
 R_HIP, R_KNEE, R_ANKLE, L_HIP, L_KNEE, L_ANKLE, CHEST) = range(JOINTS)  # fmt: skip

#: Pairs of joints that form limbs (OpenPose's MPI pairs).
LIMBS = (
    (HEAD, NECK), (NECK, R_SHOULDER), (R_SHOULDER, R_ELBOW), (R_ELBOW, R_WRIST),
    (NECK, L_SHOULDER), (L_SHOULDER, L_ELBOW), (L_ELBOW, L_WRIST), (NECK, CHEST),
    (CHEST, R_HIP), (R_HIP, R_KNEE), (R_KNEE, R_ANKLE),
    (CHEST, L_HIP), (L_HIP, L_KNEE), (L_KNEE, L_ANKLE),
)  # fmt: skip

#: Joints of the left and right arm and leg, from the trunk outwards.
ARMS = [[L_SHOULDER, L_ELBOW, L_WRIST], [R_SHOULDER, R_ELBOW, R_WRIST]]
LEGS = [[L_HIP, L_KNEE, L_ANKLE], [R_HIP, R_KNEE, R_ANKLE]]

BLAZEPOSE_33 = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
    "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
    "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
    "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel",
    "right_heel", "left_foot_index", "right_foot_index",
)  # fmt: skip

#: Points of the feet that a model may see beyond the 15 joints.
FEET = ("LHeel", "RHeel", "LToe", "RToe")
L_HEEL, R_HEEL, L_TOE, R_TOE = range(len(FEET))

#: Number of places from hips to neck, both included, at which the trunk's outline is measured.
OUTLINE_LEVELS = 11

#: Index of each joint's counterpart: the order of a mirrored lifter's joints.
MIRRORED = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 14)

#: MPI joint → BlazePose point, for the joints that both have.
_BLAZEPOSE_SAME = {
    R_SHOULDER: 12, R_ELBOW: 14, R_WRIST: 16, L_SHOULDER: 11, L_ELBOW: 13, L_WRIST: 15,
    R_HIP: 24, R_KNEE: 26, R_ANKLE: 28, L_HIP: 23, L_KNEE: 25, L_ANKLE: 27,
}  # fmt: skip
#: BlazePose's points of `FEET`.
BLAZEPOSE_FEET = [29, 30, 31, 32]
_BLAZEPOSE_EARS, _BLAZEPOSE_EYES, _BLAZEPOSE_MOUTH = [7, 8], [2, 5], [9, 10]

#: Minimum confidence of a seen joint; the original program used the same on its heat maps.
MIN_CONFIDENCE = 0.1

#: Minimum confidence of a joint that is drawn and judged. Measured on 222 pictures with hand-placed
#: joints: of MoveNet's joints at 0.1 to 0.2 51 % are right, at 0.2 to 0.3 69 %.
MIN_JUDGED_CONFIDENCE = 0.2

#: Minimum confidence of a joint that is likely seen, not guessed. Measured on the same pictures: of
#: MoveNet's joints at 0.3 to 0.4 82 % are right, above 0.5 98 %.
SEEN_CONFIDENCE = 0.3


def mpi_from_blazepose(xy_px: F32, confidence: F32) -> tuple[F32, F32]:
    """Map BlazePose's 33 points to MPI-15.

    Twelve joints are taken as they are. Neck is the middle of the shoulders; Chest the middle of
    Neck and the middle of the hips; Head (the crown) lies above the middle of the ears, in the
    direction from mouth to eyes. The confidence of a derived joint is the lowest of the points that
    it is computed from (Head: of the ears).

    Args:
        xy_px: float32 (33, 2), origin top left.
        confidence: float32 (33,), 0..1.

    Returns:
        xy_px float32 (15, 2) and confidence float32 (15,); unseen joints are NaN with confidence 0.
    """
    xy = np.empty((JOINTS, 2), np.float32)
    joint_confidence = np.empty(JOINTS, np.float32)
    for joint, point in _BLAZEPOSE_SAME.items():
        xy[joint], joint_confidence[joint] = xy_px[point], confidence[point]
    xy[NECK] = xy[[R_SHOULDER, L_SHOULDER]].mean(0)
    joint_confidence[NECK] = joint_confidence[[R_SHOULDER, L_SHOULDER]].min()
    _add_chest(xy, joint_confidence)
    face_up = xy_px[_BLAZEPOSE_EYES].mean(0) - xy_px[_BLAZEPOSE_MOUTH].mean(0)
    xy[HEAD] = xy_px[_BLAZEPOSE_EARS].mean(0) + CROWN_OVER_FACE * face_up
    joint_confidence[HEAD] = confidence[_BLAZEPOSE_EARS].min()
    return hide_unseen(xy, joint_confidence)


def _add_chest(xy_px: F32, confidence: F32) -> None:
    """Fill Chest of an MPI-15 skeleton in place: the middle of the trunk."""
    hips = [R_HIP, L_HIP]
    xy_px[CHEST] = (xy_px[NECK] + xy_px[hips].mean(0)) / 2
    confidence[CHEST] = min(confidence[NECK], confidence[hips].min())


def hide_unseen(xy_px: F32, confidence: F32) -> tuple[F32, F32]:
    """Return copies in which joints below `MIN_CONFIDENCE` are NaN with confidence 0."""
    seen = (confidence >= MIN_CONFIDENCE) & np.isfinite(xy_px).all(-1)
    return (
        np.where(seen[..., None], xy_px, np.nan).astype(np.float32),
        np.where(seen, confidence, 0).astype(np.float32),
    )


def trunk_length_px(xy_px: F32) -> F32:
    """Distance from Neck to the middle of the hips, (..., 15, 2) → (...); NaN where unseen."""
    hips = (xy_px[..., R_HIP, :] + xy_px[..., L_HIP, :]) / 2
    length: F32 = np.linalg.norm(xy_px[..., NECK, :] - hips, axis=-1).astype(np.float32)
    return length


def sole_pitch_deg(sole_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Pitch of soles in the picture, heel above toe, in degrees, (…, 2, 2) → (…).

    Args:
        sole_px: as `shared.data.messages.Person.sole_px`.
    """
    along = sole_px[..., 1, :] - sole_px[..., 0, :]
    return np.degrees(np.arctan2(along[..., 1], np.abs(along[..., 0]), dtype=np.float64))


#: MPI joint → COCO's point, for the joints that both have.
_COCO_SAME = {
    R_SHOULDER: 6, R_ELBOW: 8, R_WRIST: 10, L_SHOULDER: 5, L_ELBOW: 7, L_WRIST: 9,
    R_HIP: 12, R_KNEE: 14, R_ANKLE: 16, L_HIP: 11, L_KNEE: 13, L_ANKLE: 15,
}  # fmt: skip
_COCO_EARS, _COCO_NOSE = [3, 4], 0


def mpi_from_coco(xy_px: F32, confidence: F32) -> tuple[F32, F32]:
    """Map COCO's 17 points to MPI-15.

    Twelve joints are taken as they are. Neck is the middle of the shoulders; Chest the middle of
    Neck and the middle of the hips; Head (the crown) lies on the line from Neck through the mean of
    the seen ears, or the nose where no ear is seen. The confidence of a derived joint is the lowest
    of the points that it is computed from.

    Args:
        xy_px: float32 (17, 2), origin top left.
        confidence: float32 (17,), 0..1.

    Returns:
        As `mpi_from_blazepose`.
    """
    xy = np.empty((JOINTS, 2), np.float32)
    joint_confidence = np.empty(JOINTS, np.float32)
    for joint, point in _COCO_SAME.items():
        xy[joint], joint_confidence[joint] = xy_px[point], confidence[point]
    xy[NECK] = xy[[R_SHOULDER, L_SHOULDER]].mean(0)
    joint_confidence[NECK] = joint_confidence[[R_SHOULDER, L_SHOULDER]].min()
    _add_head(xy, joint_confidence, xy_px, confidence, _COCO_EARS, _COCO_NOSE)
    _add_chest(xy, joint_confidence)
    return hide_unseen(xy, joint_confidence)


def _add_head(
    xy: F32, joint_confidence: F32, xy_px: F32, confidence: F32, ears: Sequence[int], nose: int
) -> None:
    """Fill Head of an MPI-15 skeleton in place, from the points of a head."""
    seen_ears = [ear for ear in ears if confidence[ear] >= MIN_CONFIDENCE]
    top = seen_ears or [nose]
    xy[HEAD] = xy_px[top].mean(0)
    xy[HEAD] += CROWN_OVER_NECK * (xy[HEAD] - xy[NECK])
    joint_confidence[HEAD] = min(confidence[top].min(), joint_confidence[NECK])


#: OpenPose layout → (points of MPI joints 1..13, ears, nose).
_OPENPOSE = {
    "coco-18": (tuple(range(1, 14)), (16, 17), 0),
    "body-25": ((1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14), (17, 18), 0),
}


def mpi_from_openpose(xy_px: F32, confidence: F32, layout: str) -> tuple[F32, F32]:
    """Map OpenPose's "coco-18" or "body-25" points to MPI-15.

    Neck to LAnkle are the same joints; Chest is derived as in `mpi_from_blazepose`. Head lies on
    the line from Neck through the mean of the seen ears, or the nose where no ear is seen.

    Args:
        xy_px: float32 (18 or 25, 2); points with confidence 0 are unseen.
        confidence: float32 (18 or 25,).
        layout: one of the two names.

    Returns:
        As `mpi_from_blazepose`.
    """
    body, ears, nose = _OPENPOSE[layout]
    xy = np.full((JOINTS, 2), np.nan, np.float32)
    joint_confidence = np.zeros(JOINTS, np.float32)
    xy[NECK : L_ANKLE + 1] = xy_px[list(body)]
    joint_confidence[NECK : L_ANKLE + 1] = confidence[list(body)]
    _add_head(xy, joint_confidence, xy_px, confidence, ears, nose)
    _add_chest(xy, joint_confidence)
    return hide_unseen(xy, joint_confidence)
