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


def test_between_two_frames_joints_and_bar_move_in_a_straight_line_in_time():
    found, guessed = Interpolation(FRAMES).at(5, 0.45)
    assert guessed
    before, after = FRAMES[2:]
    for name in ("xy_px", "bar_px"):
        expected = 0.75 * getattr(before, name) + 0.25 * getattr(after, name)
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-5)
    expected = 0.75 * before.box_px + 0.25 * after.box_px
    np.testing.assert_allclose(found.box_px, expected, rtol=1e-5)
    expected = 0.75 * before.person.sole_px + 0.25 * after.person.sole_px
    np.testing.assert_allclose(found.person.sole_px, expected, rtol=1e-5)
    assert (found.score, found.phase) == (before.score, before.phase)


def test_a_joint_that_one_of_them_does_not_see_stays_unseen():
    xy = FRAMES[3].xy_px.copy()
    xy[7] = np.nan
    confidence = np.full(15, 0.9, np.float32)
    confidence[3] = 0.3
    after = with_joints(FRAMES[3], xy, confidence)
    found, _ = Interpolation((FRAMES[2], after)).at(5, 0.5)
    assert np.flatnonzero(np.isnan(found.xy_px).any(-1)).tolist() == [7]
    assert found.joint_confidence[7] == 0
    assert found.joint_confidence[3] == pytest.approx(0.3)
    assert found.xy_px.dtype == found.bar_px.dtype == np.float32


@pytest.mark.parametrize(
    ("index", "time_s", "seen", "guessed"),
    [
        (4, 0.4, True, False),  # was looked at
        (2, 0.2, False, False),  # was looked at, and nobody seen
        (1, 0.1, False, True),  # a neighbour sees nobody
        (9, 0.9, False, True),  # beyond the end nothing is made up
    ],
)
def test_where_nothing_is_known_nothing_is_made_up(index, time_s, seen, guessed):
    found, was_guessed = Interpolation(FRAMES).at(index, time_s)
    assert np.isfinite(found.xy_px).any() == seen
    assert was_guessed == guessed


def test_before_the_first_frame_there_is_none():
    assert Interpolation(FRAMES[2:]).at(0, 0.0) == (None, True)
    assert Interpolation(()).at(0, 0.0) == (None, True)


@pytest.mark.parametrize(
    ("gap_s", "shot", "bridged"),
    [(MAX_GAP_S - 0.1, 0, True), (MAX_GAP_S + 0.1, 0, False), (0.1, 1, False)],
)
def test_long_gaps_and_cuts_are_not_bridged(gap_s, shot, bridged):
    frames = (frame(0, 0.0, 0.2), frame(10, gap_s, 0.3, shot=shot))
    found, guessed = Interpolation(frames).at(5, gap_s / 2)
    assert guessed
    assert np.isfinite(found.xy_px).any() == bridged
    assert np.isfinite(found.bar_px).any() == bridged
    assert np.isfinite(found.score) == bridged
    assert (found.person is not None) == bridged
