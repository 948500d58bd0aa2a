import numpy as np
import pytest
from analyses import frame, unseen, with_joints

from services.writer.interpolation import MAX_GAP_S, Interpolation

FRAMES = (
    frame(0, 0.0, 0.0, score=0.2, phase="setup"),
    unseen(2, 0.2),
    frame(4, 0.4, 0.2, score=0.9),
    frame(6, 0.6, 0.8, score=0.5, phase="lockout"),
)


def test_joints_and_bar_move_linearly_in_time_between_two_frames():
    found = Interpolation(FRAMES).at(5, 0.45)
    assert found.is_interpolated
    before, after, lifter = *FRAMES[2:], found.lifter
    for name in ("xy_px", "bar_px", "box_px"):
        expected = 0.75 * getattr(before, name) + 0.25 * getattr(after, name)
        np.testing.assert_allclose(getattr(lifter, name), expected, rtol=1e-5)
    expected = 0.75 * before.person.sole_px + 0.25 * after.person.sole_px
    np.testing.assert_allclose(lifter.person.sole_px, expected, rtol=1e-5)
    assert (lifter.score, lifter.phase) == (before.score, before.phase)


def test_a_joint_unseen_in_one_frame_stays_unseen_between_them():
    xy = FRAMES[3].xy_px.copy()
    xy[7] = np.nan
    confidence = np.full(15, 0.9, np.float32)
    confidence[3] = 0.3
    after = with_joints(FRAMES[3], xy, confidence)
    lifter = Interpolation((FRAMES[2], after)).at(5, 0.5).lifter
    assert np.flatnonzero(np.isnan(lifter.xy_px).any(-1)).tolist() == [7]
    assert lifter.joint_confidence[7] == 0
    assert lifter.joint_confidence[3] == pytest.approx(0.3)
    assert lifter.xy_px.dtype == lifter.bar_px.dtype == np.float32


@pytest.mark.parametrize(
    ("index", "time_s", "is_seen", "is_interpolated"),
    [
        (4, 0.4, True, False),  # analysed
        (2, 0.2, False, False),  # analysed, without a lifter
        (1, 0.1, False, True),  # without a lifter in one of the neighbours
        (9, 0.9, False, True),  # after the last analysed frame
    ],
)
def test_nothing_is_invented_where_nothing_is_known(index, time_s, is_seen, is_interpolated):
    found = Interpolation(FRAMES).at(index, time_s)
    assert np.isfinite(found.lifter.xy_px).any() == is_seen
    assert found.is_interpolated == is_interpolated


@pytest.mark.parametrize("frames", [FRAMES[2:], ()])
def test_there_is_no_lifter_before_the_first_analysed_frame(frames):
    found = Interpolation(frames).at(0, 0.0)
    assert found.lifter is None
    assert found.is_interpolated


@pytest.mark.parametrize(
    ("gap_s", "shot", "is_bridged"),
    [(MAX_GAP_S - 0.1, 0, True), (MAX_GAP_S + 0.1, 0, False), (0.1, 1, False)],
)
def test_long_gaps_and_cuts_are_not_bridged(gap_s, shot, is_bridged):
    frames = (frame(0, 0.0, 0.2), frame(10, gap_s, 0.3, shot=shot))
    found = Interpolation(frames).at(5, gap_s / 2)
    lifter = found.lifter
    assert found.is_interpolated
    assert np.isfinite(lifter.xy_px).any() == is_bridged
    assert np.isfinite(lifter.bar_px).any() == is_bridged
    assert np.isfinite(lifter.score) == is_bridged
    assert (lifter.person is not None) == is_bridged
