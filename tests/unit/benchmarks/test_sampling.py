"""The comparison of default and dense analyses."""

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import ROOT, analysis_of

from shared.data.fields import Keypoints
from synthetic import Lift

sys.path.insert(0, str(ROOT))  # the benchmarks are no installed package
sampling = importlib.import_module("benchmarks.sampling")

SAME = sampling.Difference("a", 0.3, 1.0, (2, 2), (0.7, 0.7), ("good", "good"), 0, 0.0)


@pytest.fixture(scope="module")
def dense():
    return analysis_of(Lift(reps=1))


def moved(analysis, trunk_lengths):
    """The analysis with every joint moved to the right."""
    unit_px = analysis.summary.trunk_length_px
    return replace(
        analysis,
        frames=tuple(
            replace(
                one,
                keypoints=Keypoints(
                    one.xy_px + np.float32([trunk_lengths * unit_px, 0]), one.joint_confidence
                ),
            )
            for one in analysis.frames
        ),
    )


@pytest.mark.parametrize(("by", "near"), [(0.0, 1.0), (0.02, 1.0), (0.2, 0.0)])
def test_joints_are_compared_in_trunk_lengths(dense, by, near):
    looked = np.zeros(len(dense.frames), bool)
    assert sampling._near(moved(dense, by), dense, looked) == near


def test_frames_that_were_looked_at_are_not_compared(dense):
    assert np.isnan(sampling._near(moved(dense, 9), dense, np.ones(len(dense.frames), bool)))


def test_the_summary_counts_what_differs():
    worse = replace(SAME, reps=(2, 3), score=(0.7, 0.3), verdict=("good", "poor"), faults=1)
    text = "\n".join(sampling.summary_of([SAME, worse]))
    assert "other number of reps: 1 clips" in text
    assert "other verdict: 1 clips; good for poor: 1" in text
    assert "50% by 0.02 or less" in text
