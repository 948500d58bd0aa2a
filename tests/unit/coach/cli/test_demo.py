"""The figure that `coach demo` prints: joints found near their true positions."""

from dataclasses import replace

import numpy as np
import pytest
from builders import analysis_of

from coach.cli.demo import MAX_DISTANCE, fraction_found
from shared.data.fields import Keypoints
from shared.data.skeleton import R_WRIST, trunk_length_px
from synthetic import Lift, render

LIFT = Lift(reps=1, fps=5, width_px=320, height_px=240)


@pytest.fixture(scope="module")
def truth():
    return list(render(LIFT))


@pytest.fixture(scope="module")
def frames(truth):
    """Frames that have found every joint where it is."""
    return [
        replace(frame, keypoints=Keypoints(true.joints_px, frame.joint_confidence))
        for frame, true in zip(analysis_of(LIFT).frames, truth, strict=True)
    ]


def test_all_joints_are_found_where_they_are(truth, frames):
    assert fraction_found(truth, frames) == 1


def test_joint_counts_as_found_up_to_a_fifth_of_a_trunk(truth, frames):
    visible = sum(frame.visible.sum() for frame in truth)
    wrists = sum(frame.visible[R_WRIST] for frame in truth)
    assert wrists > 0
    for distance, missed in ((0.95 * MAX_DISTANCE, 0), (1.05 * MAX_DISTANCE, wrists)):
        moved = []
        for frame, true in zip(frames, truth, strict=True):
            xy = frame.xy_px.copy()
            xy[R_WRIST, 0] += distance * trunk_length_px(true.joints_px)
            moved.append(replace(frame, keypoints=Keypoints(xy, frame.joint_confidence)))
        assert fraction_found(truth, moved) == pytest.approx(1 - missed / visible)


def test_unseen_joints_and_missing_frames_are_not_found(truth, frames):
    visible = np.array([frame.visible.sum() for frame in truth])
    assert fraction_found(truth, frames[2:]) == pytest.approx(visible[2:].sum() / visible.sum())
    unseen = np.full_like(frames[0].xy_px, np.nan)
    nothing = [
        replace(frame, keypoints=Keypoints(unseen, frame.joint_confidence)) for frame in frames
    ]
    assert fraction_found(truth, nothing) == 0
