"""The benchmark of covered sets: errors against a set whose analysis is known."""

import importlib
import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import ROOT, analysis_of

from synthetic import Lift

sys.path.insert(0, str(ROOT))  # the benchmarks are no installed package
covered = importlib.import_module("benchmarks.covered")

LIFT = Lift(reps=2, fps=20, view="side")


@pytest.fixture(scope="module")
def analysis():
    return analysis_of(LIFT)


def with_bars(analysis, change):
    frames = [
        replace(frame, bar_px=change(frame.time_s, frame.bar_px)) for frame in analysis.frames
    ]
    return replace(analysis, frames=tuple(frames))


def test_a_set_that_is_seen_as_it_is_has_small_errors(analysis):
    one = covered.measure(LIFT, analysis)
    assert (one.true_reps, one.found_reps, one.matched_reps) == (2, 2, 2)
    assert one.path_rms_m < 0.01
    assert one.path_seen == one.lifter_seen == 1
    assert one.peak_velocity_m_s < 0.05
    assert one.same_span_m_s < 0.05
    assert one.mean_velocity_m_s > one.same_span_m_s


def test_constant_offset_of_the_bar_is_no_error(analysis):
    moved = with_bars(analysis, lambda _, bar: bar + np.float32([40, -30]))
    before, after = (covered.measure(LIFT, one).path_rms_m for one in (analysis, moved))
    assert after == pytest.approx(before, abs=1e-6)


def test_error_of_the_path_is_in_metres(analysis):
    px_per_m = covered.camera_of(LIFT).px_per_m
    sign = iter(np.resize([1, -1], len(analysis.frames)))
    shaken = with_bars(analysis, lambda _, bar: bar + np.float32([0.1 * px_per_m * next(sign), 0]))
    assert covered.measure(LIFT, shaken).path_rms_m == pytest.approx(0.1, abs=0.005)


def test_missing_bar_is_said_and_not_an_error(analysis):
    nowhere = np.full(2, np.nan, np.float32)
    middle_s = analysis.frames[len(analysis.frames) // 2].time_s
    half = with_bars(analysis, lambda time_s, bar: bar if time_s < middle_s else nowhere)
    one = covered.measure(LIFT, half)
    assert 0.4 < one.path_seen < 0.6
    assert one.path_rms_m < 0.01
    none = covered.measure(LIFT, with_bars(analysis, lambda *_: nowhere))
    assert none.path_seen == 0
    assert np.isnan(none.path_rms_m)


def test_velocity_is_compared_rep_by_rep(analysis):
    off = [replace(rep, peak_velocity_m_s=rep.peak_velocity_m_s + 0.5) for rep in analysis.reps]
    faster = replace(analysis, reps=tuple(off))
    assert covered.measure(LIFT, faster).peak_velocity_m_s == pytest.approx(0.5, abs=0.05)
    late = [replace(rep, top_s=rep.top_s + 1) for rep in analysis.reps]
    one = covered.measure(LIFT, replace(analysis, reps=tuple(late)))
    assert (one.found_reps, one.matched_reps) == (2, 0)
    assert np.isnan(one.peak_velocity_m_s)


def test_frames_without_the_lifter_are_counted(analysis):
    frames = list(analysis.frames)
    for row in range(0, len(frames), 4):
        frames[row] = replace(frames[row], measured=replace(frames[row].measured, person=None))
    one = covered.measure(LIFT, replace(analysis, frames=tuple(frames)))
    assert one.lifter_seen == pytest.approx(0.75, abs=0.01)
