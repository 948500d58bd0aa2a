import numpy as np
import pytest
from coco_people import HIPS_PX, standing, with_scores

from services.pose.movenet.points import BODY, L_HIP, L_WRIST, NOSE, R_HIP
from shared.data.skeleton import CHEST, L_KNEE, NECK, R_WRIST


def test_joints_are_the_skeleton_of_all_results():
    xy, confidence = standing().joints()
    assert xy[NECK].tolist() == [100, 50]
    assert xy[R_WRIST].tolist() == [88, 100]
    assert xy[L_KNEE].tolist() == [108, 140]
    np.testing.assert_allclose(confidence, 0.8)


def test_joints_below_the_least_confidence_are_unseen():
    xy, confidence = with_scores(standing(), [L_HIP], 0.05).joints()
    gone = np.flatnonzero(np.isnan(xy[:, 0]))
    assert gone.tolist() == [11, CHEST]
    assert confidence[gone].tolist() == [0, 0]


def test_size_of_a_body_is_measured_without_its_face():
    person = standing()
    assert person.trunk_px == 50
    assert person.size_px == pytest.approx(np.hypot(24, 130))
    assert standing(scale=2).size_px == pytest.approx(2 * person.size_px)


def test_score_of_a_body_is_that_of_its_joints():
    assert with_scores(standing(score=0.5), list(range(5)), 0.0).body_score == pytest.approx(0.5)
    half = with_scores(standing(), BODY[:6], 0.2)
    assert half.body_score == pytest.approx(0.5)
    assert half.joints_seen == 6
    assert standing().joints_seen == 12


def test_mean_is_weighted_by_squared_scores():
    sure, unsure = standing(), standing(hips_px=(110, 100), score=0.4)
    mean = sure.mean(unsure)
    np.testing.assert_allclose(mean.xy_px - sure.xy_px, np.tile([2, 0], (17, 1)), atol=1e-3)
    np.testing.assert_allclose(mean.score, 0.6, rtol=1e-6)
    back = unsure.mean(sure)
    np.testing.assert_allclose(back.xy_px, mean.xy_px, atol=1e-4)


def test_points_without_any_score_have_a_mean():
    mean = standing(score=0.0).mean(standing(hips_px=(110, 100), score=0.0))
    assert mean.xy_px[[L_HIP, R_HIP]].mean(0) == pytest.approx([105, 100])


def test_distance_is_in_sizes_of_the_larger_body():
    person = standing()
    shifted = standing(hips_px=(100, 130))
    assert person.distance(person) == 0
    assert person.distance(shifted) == pytest.approx(30 / person.size_px)
    large = standing(scale=2)
    assert person.distance(large) == large.distance(person)
    assert person.distance(large) < 1


def test_one_misplaced_joint_makes_no_distance():
    assert standing().distance(standing(left_wrist=(300, 300))) == 0


def test_overlap_is_a_fraction_of_the_smaller_box():
    person = standing()
    assert person.overlap(person) == pytest.approx(1)
    assert person.overlap(standing(hips_px=(112, 100))) == pytest.approx(0.5)
    assert person.overlap(standing(scale=0.5)) == pytest.approx(1)
    assert standing(scale=0.5).overlap(person) == pytest.approx(1)
    assert person.overlap(standing(hips_px=(130, 100))) == 0


def test_order_of_points_is_left_before_right():
    person = standing(left_wrist=(70, -90))
    assert (person.xy_px[L_WRIST] - HIPS_PX).tolist() == [70, -90]
    assert person.xy_px[NOSE].tolist() == [100, 30]
