import numpy as np
import pytest

from services.scorer.motion.filtering import MAX_GAP_S, filter_outliers_and_smooth, lowpass


def sine(fps, seconds=4.0, hz=0.5):
    time_s = np.arange(round(seconds * fps)) / fps
    return time_s, np.sin(2 * np.pi * hz * time_s)[:, None]


@pytest.mark.parametrize("fps", [10, 24, 30, 60, 120])
def test_slow_motion_passes_at_every_rate_without_delay(fps):
    time_s, values = sine(fps)
    cleaned, filled = filter_outliers_and_smooth(values, time_s, 6.0, 0.02)
    np.testing.assert_allclose(cleaned, values, atol=0.04)
    assert filled.mean() < 0.05  # at the turns of a coarse sine


@pytest.mark.parametrize("fps", [30, 60, 120])
def test_jitter_is_removed(fps):
    time_s, values = sine(fps)
    jitter = 0.1 * np.sin(2 * np.pi * 0.42 * fps * time_s)[:, None]
    smooth = lowpass(values + jitter, time_s, 6.0)
    inner = slice(fps // 2, -fps // 2)
    assert np.abs(smooth - values)[inner].max() < 0.02


def test_a_spike_is_replaced_and_marked_as_filled():
    time_s, values = sine(30)
    spiked = values.copy()
    spiked[40] += 2.0
    cleaned, filled = filter_outliers_and_smooth(spiked, time_s, 6.0, 0.02)
    assert np.flatnonzero(filled[:, 0]).tolist() == [40]
    assert abs(cleaned[40] - values[40]) < 0.05


@pytest.mark.parametrize("fps", [10, 30, 120])
def test_gaps_are_bridged_up_to_a_time_not_a_count(fps):
    time_s, values = sine(fps)
    for gap_s, bridged in ((0.2, True), (0.5, False)):
        holed = values.copy()
        hole = slice(fps, fps + max(1, round(gap_s * fps) - 1))
        holed[hole] = np.nan
        cleaned, filled = filter_outliers_and_smooth(holed, time_s, 6.0, 0.02)
        assert np.isfinite(cleaned[hole]).all() == bridged
        assert filled[hole].all() == bridged
    assert 0.2 < MAX_GAP_S < 0.5


def test_nothing_is_filled_in_before_or_after_the_measured_values():
    time_s, values = sine(30)
    values[:20] = values[-20:] = np.nan
    cleaned, filled = filter_outliers_and_smooth(values, time_s, 6.0, 0.02)
    assert np.isnan(cleaned[:20]).all()
    assert np.isnan(cleaned[-20:]).all()
    assert not filled.any()


def test_frames_at_uneven_times_are_filtered_in_time():
    rng = np.random.default_rng(0)
    time_s = np.cumsum(rng.uniform(0.01, 0.05, 200))
    values = np.sin(2 * np.pi * 0.4 * time_s)[:, None]
    cleaned = filter_outliers_and_smooth(values, time_s, 6.0, 0.02)[0]
    np.testing.assert_allclose(cleaned[5:-5], values[5:-5], atol=0.03)


def test_times_too_far_apart_for_a_grid_leave_values_as_they_are():
    time_s = np.array([0, 1e-6, 2e-6, 3e-6, 1e6])
    values = np.arange(5.0)[:, None]
    np.testing.assert_array_equal(lowpass(values, time_s, 5.0), values)
