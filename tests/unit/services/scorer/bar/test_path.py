"""The bar's path and its numbers in rendered sets, against the truth."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.bar.path import measure_bar, track_bar
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.motion.motion import hands_px
from services.scorer.observe import observe_lifters
from shared.data.analysis import BarSource, LengthUnit
from shared.data.defaults import PLATE_MM, SMOOTH_HZ
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render_poses, reps_s, truth
from synthetic.lift import bar_m

LIFT = Lift(reps=2, fps=30, view="side")


@pytest.fixture(scope="module")
def lift():
    return lift_of(LIFT)


@pytest.fixture(scope="module")
def plates():
    return observe_lifters(render_poses(LIFT))[0].plates


@pytest.fixture(scope="module")
def bar_px():
    return np.stack([frame.lifter.bar_px for frame in truth(LIFT)])


def track(motion, plates, smooth_hz=SMOOTH_HZ):
    return track_bar(motion, find_bar_plate(motion, plates), PLATE_MM, 0.0, smooth_hz)


def isnan(metrics):
    return np.isnan([metrics.rom, metrics.drift, metrics.mean_velocity, metrics.peak_velocity])


def test_path_by_plates_moves_as_the_bar(lift, bar_px):
    assert lift.bar.scale.source is BarSource.PLATE
    assert lift.bar.seen.all()
    moved_px = lift.bar.xy_px - lift.bar.xy_px[0]
    np.testing.assert_allclose(moved_px, bar_px - bar_px[0], atol=3)


def test_path_by_hands_moves_as_the_bar(lift, bar_px):
    bar = track(lift.motion, [()] * len(lift.motion))
    assert bar.scale.source is BarSource.WRISTS
    assert bar.scale.unit is LengthUnit.TRUNK
    assert not bar.seen.any()
    moved_px = bar.xy_px - bar.xy_px[0]
    np.testing.assert_allclose(moved_px, bar_px - bar_px[0], atol=12)


def test_path_without_hands_and_plates_is_unknown(lift):
    xy = lift.motion.xy_px.copy()
    xy[:, [L_WRIST, R_WRIST]] = np.nan
    bar = track(replace(lift.motion, xy_px=xy), [()] * len(xy))
    assert bar.scale.source is BarSource.NONE
    assert np.isnan(bar.xy_px).all()
    assert isnan(measure_bar(bar, lift.motion, lift.reps[0])).all()


def test_path_without_smoothing_goes_through_the_plates(lift, plates):
    bar = track(lift.motion, plates, None)
    centres = np.array([(seen[0].x_px, seen[0].y_px) for seen in plates])
    np.testing.assert_array_equal(bar.xy_px, centres)


def test_path_does_not_jump_where_the_plate_is_not_seen(lift, plates):
    rep = lift.reps[0]
    gap = range(rep.start + 5, rep.top - 5)
    holed = [() if row in gap else seen for row, seen in enumerate(plates)]
    bar, whole = track(lift.motion, holed, None), track(lift.motion, plates, None)
    assert not bar.seen[list(gap)].any()
    assert np.abs(bar.xy_px - whole.xy_px).max() < 0.05 * lift.motion.trunk_length_px
    steps = np.abs(np.diff(bar.xy_px[:, 1]))
    assert steps.max() < 1.3 * np.abs(np.diff(whole.xy_px[:, 1])).max()


def test_path_before_the_first_sighting_follows_the_hands(lift, plates):
    late = [() if row < 40 else seen for row, seen in enumerate(plates)]
    bar = track(lift.motion, late, None)
    offset = bar.xy_px - hands_px(lift.motion)
    np.testing.assert_allclose(offset[:40], np.broadcast_to(offset[40], (40, 2)))


def test_misplaced_hands_do_not_move_the_path_of_a_seen_plate(lift, plates):
    first = lift.reps[0]
    wrong = slice(first.top + 2, first.top + 8)
    xy = lift.motion.xy_px.copy()
    xy[wrong, [[L_WRIST], [R_WRIST]], 1] -= 0.5 * lift.motion.trunk_length_px
    misled = track(replace(lift.motion, xy_px=xy), plates)
    assert misled.seen[wrong].all()
    off_px = np.abs(misled.xy_px - track(lift.motion, plates).xy_px).max()
    assert off_px < 0.05 * lift.motion.trunk_length_px


def test_oversized_sightings_do_not_count(lift, plates):
    """As where a plate is seen with its shadow: lower and larger than it is."""
    trunk_px = lift.motion.trunk_length_px
    [plate] = plates[0]
    shadow = replace(
        plate,
        y_px=plate.y_px + 0.07 * trunk_px,
        half_height_px=1.1 * 1.06 * plate.half_height_px,
        track=None,
    )
    assert not track(lift.motion, [(shadow,), *plates[1:]]).seen[0]


def test_metrics_are_those_of_the_rendered_bar(lift):
    rise_m = bar_m(1.0)[1] - bar_m(0.0)[1]
    for rep, true in zip(lift.reps, reps_s(LIFT), strict=True):
        metrics = measure_bar(lift.bar, lift.motion, rep)
        assert metrics.rom == pytest.approx(rise_m, rel=0.06)
        assert metrics.drift < 0.01
        # a minimum-jerk rise peaks at 15/8 of its mean velocity
        peak = 1.875 * rise_m / (true.top_s - true.start_s)
        assert metrics.peak_velocity == pytest.approx(peak, rel=0.1)
        duration_s = lift.motion.time_s[rep.top] - lift.motion.time_s[rep.start]
        assert metrics.mean_velocity == pytest.approx(metrics.rom / duration_s)


def test_a_velocity_that_no_bar_has_is_unknown(lift):
    """A plate that is misread for a frame, or time stamps that are too close."""
    fast = replace(lift.motion, time_s=lift.motion.time_s / 6)
    metrics = measure_bar(lift.bar, fast, lift.reps[0])
    assert np.isfinite([metrics.rom, metrics.drift]).all()
    assert np.isnan([metrics.mean_velocity, metrics.peak_velocity]).all()


def test_drift_is_the_width_of_the_path():
    drifting = replace(LIFT, fault="bar_drifts", severity=0.2)
    lift = lift_of(drifting)
    trunk_m = lift.motion.trunk_length_px / lift.bar.scale.px_per_unit
    for rep in lift.reps:
        metrics = measure_bar(lift.bar, lift.motion, rep)
        assert metrics.drift == pytest.approx(0.2 * trunk_m, rel=0.1)


@pytest.mark.parametrize(("unknown", "is_known"), [(0.1, True), (0.3, False)])
def test_metrics_need_the_bar_for_most_of_the_way_up(lift, unknown, is_known):
    rep = lift.reps[0]
    xy = lift.bar.xy_px.copy()
    xy[rep.start + 5 : rep.start + 5 + round(unknown * (rep.top - rep.start))] = np.nan
    metrics = measure_bar(replace(lift.bar, xy_px=xy), lift.motion, rep)
    assert (not isnan(metrics).any()) == is_known
    assert isnan(metrics).all() != is_known


@pytest.mark.parametrize("end", ["start", "top"])
def test_metrics_need_the_bar_at_both_ends(lift, end):
    xy = lift.bar.xy_px.copy()
    xy[getattr(lift.reps[0], end)] = np.nan
    assert isnan(measure_bar(replace(lift.bar, xy_px=xy), lift.motion, lift.reps[0])).all()


def test_metrics_of_a_shot_from_elsewhere_are_unknown(lift):
    elsewhere = replace(lift.motion, main=np.zeros(len(lift.motion), bool))
    assert isnan(measure_bar(lift.bar, elsewhere, lift.reps[0])).all()


def test_metrics_of_a_rep_without_duration_are_unknown(lift):
    rep = replace(lift.reps[0], top=lift.reps[0].start)
    assert isnan(measure_bar(lift.bar, lift.motion, rep)).all()
