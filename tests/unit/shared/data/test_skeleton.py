import numpy as np

from shared.data.skeleton import (
    BLAZEPOSE_33,
    CHEST,
    HEAD,
    L_ANKLE,
    MPI_15,
    NECK,
    R_WRIST,
    mpi_from_blazepose,
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


def test_torso_is_neck_to_mid_hip():
    xy, _ = mpi_from_blazepose(STANDING, np.ones(33, np.float32))
    assert trunk_length_px(xy) == 60


def test_a_sole_pitches_alike_whichever_way_it_points():
    right = np.array([[10.0, 50.0], [30.0, 70.0]])
    left = right * (-1, 1)
    unseen = np.full((2, 2), np.nan)
    np.testing.assert_allclose(sole_pitch_deg(np.stack([right, left, unseen])), [45, 45, np.nan])
