import numpy as np

from shared.data.anthropometry import CROWN_OVER_NECK
from shared.data.skeleton import (
    BLAZEPOSE_33,
    CHEST,
    HEAD,
    L_ANKLE,
    L_ELBOW,
    MIN_CONFIDENCE,
    MPI_15,
    NECK,
    R_HIP,
    R_KNEE,
    R_WRIST,
    mpi_from_blazepose,
    mpi_from_coco,
    mpi_from_openpose,
    sole_pitch_deg,
    trunk_length_px,
)


def points(**named):
    xy = np.zeros((33, 2), np.float32)
    for name, at in named.items():
        xy[BLAZEPOSE_33.index(name)] = at
    return xy


STANDING = points(
    left_shoulder=(60, 40), right_shoulder=(40, 40), left_hip=(55, 100), right_hip=(45, 100),
    left_ear=(56, 20), right_ear=(44, 20), left_eye=(53, 18), right_eye=(47, 18),
    mouth_left=(52, 25), mouth_right=(48, 25), right_wrist=(30, 90), left_ankle=(55, 190),
)  # fmt: skip


def test_joints_are_taken_over_or_derived_by_the_stated_rule():
    xy, confidence = mpi_from_blazepose(STANDING, np.ones(33, np.float32))
    assert xy.shape == (15, 2)
    np.testing.assert_allclose(xy[R_WRIST], (30, 90))
    np.testing.assert_allclose(xy[L_ANKLE], (55, 190))
    np.testing.assert_allclose(xy[NECK], (50, 40))
    np.testing.assert_allclose(xy[CHEST], (50, 70))
    assert xy[HEAD][0] == 50
    assert xy[HEAD][1] < 10  # the crown: well above the ears
    assert (confidence == 1).all()


def test_what_is_not_seen_is_nan_and_takes_along_what_stands_on_it():
    sure = np.ones(33, np.float32)
    sure[BLAZEPOSE_33.index("left_shoulder")] = 0.05
    xy, confidence = mpi_from_blazepose(STANDING, sure)
    hidden = {MPI_15[j] for j in range(15) if np.isnan(xy[j]).all()}
    assert hidden == {"LShoulder", "Neck", "Chest"}
    assert {MPI_15[j] for j in range(15) if confidence[j] == 0} == hidden


def test_openpose_layouts_put_the_same_joints_in_the_same_places():
    coco = np.arange(36, dtype=np.float32).reshape(18, 2) + 1
    body = np.zeros((25, 2), np.float32)
    body[[1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]] = coco[1:14]
    body[[17, 18]] = coco[[16, 17]]
    body[0] = coco[0]
    from_coco, _ = mpi_from_openpose(coco, np.ones(18, np.float32), "coco-18")
    from_body, _ = mpi_from_openpose(body, np.ones(25, np.float32), "body-25")
    np.testing.assert_allclose(from_coco, from_body)
    np.testing.assert_allclose(from_coco[NECK], coco[1])


#: COCO's 17 points of somebody who stands: nose, eyes, ears, then left and right in turn.
COCO = np.array([
    (50, 22), (53, 18), (47, 18), (56, 20), (44, 20),
    (60, 40), (40, 40), (65, 65), (35, 65), (70, 90), (30, 90),
    (55, 100), (45, 100), (56, 145), (44, 145), (55, 190), (45, 190),
], np.float32)  # fmt: skip


def test_coco_joints_are_taken_over_or_derived_by_the_stated_rule():
    xy, confidence = mpi_from_coco(COCO, np.linspace(0.2, 1, 17, dtype=np.float32))
    for joint, point in ((R_WRIST, 10), (L_ELBOW, 7), (R_HIP, 12), (R_KNEE, 14), (L_ANKLE, 15)):
        assert xy[joint].tolist() == COCO[point].tolist()
        assert confidence[joint] == np.float32(0.2 + 0.05 * point)
    assert xy[NECK].tolist() == [50, 40]
    assert xy[CHEST].tolist() == [50, 70]
    np.testing.assert_allclose(xy[HEAD], (50, 20 - CROWN_OVER_NECK * 20))
    derived = confidence[[NECK, CHEST, HEAD]]
    np.testing.assert_allclose(derived, [0.45, 0.45, 0.35])  # that of the least certain point


def test_coco_head_follows_the_points_of_it_that_are_seen():
    turned = COCO.copy()
    turned[0] = (70, 25)
    confidence = np.full(17, 0.9, np.float32)
    confidence[3] = MIN_CONFIDENCE / 2  # one ear is hidden
    xy, seen = mpi_from_coco(turned, confidence)
    np.testing.assert_allclose(
        xy[HEAD] - xy[NECK], (1 + CROWN_OVER_NECK) * np.array([-6, -20]), atol=1e-4
    )
    confidence[4] = 0  # both are: the nose counts
    xy, seen = mpi_from_coco(turned, confidence)
    np.testing.assert_allclose(
        xy[HEAD] - xy[NECK], (1 + CROWN_OVER_NECK) * np.array([20, -15]), atol=1e-4
    )
    assert seen[HEAD] == np.float32(0.9)
    confidence[0] = 0
    xy, seen = mpi_from_coco(turned, confidence)
    assert np.isnan(xy[HEAD]).all()
    assert seen[HEAD] == 0


def test_coco_hip_that_is_not_seen_takes_the_chest_along():
    confidence = np.ones(17, np.float32)
    confidence[11] = 0.05
    xy, seen = mpi_from_coco(COCO, confidence)
    hidden = {MPI_15[joint] for joint in range(15) if np.isnan(xy[joint]).all()}
    assert hidden == {"LHip", "Chest"}
    assert {MPI_15[joint] for joint in range(15) if seen[joint] == 0} == hidden


def test_torso_is_neck_to_mid_hip():
    xy, _ = mpi_from_blazepose(STANDING, np.ones(33, np.float32))
    assert trunk_length_px(xy) == 60


def test_a_sole_pitches_alike_whichever_way_it_points():
    right = np.array([[10.0, 50.0], [30.0, 70.0]])
    left = right * (-1, 1)
    unseen = np.full((2, 2), np.nan)
    np.testing.assert_allclose(sole_pitch_deg(np.stack([right, left, unseen])), [45, 45, np.nan])
