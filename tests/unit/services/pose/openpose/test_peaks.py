"""Peaks of drawn heat maps, between the cells."""

import numpy as np
import pytest

from services.pose.openpose.peaks import find_peaks


@pytest.mark.parametrize("x", np.linspace(10, 11, 6))
@pytest.mark.parametrize("y", [0.0, 7.0, 7.3])
def test_a_peak_between_cells_has_its_full_height(x, y):
    rows, columns = np.mgrid[:20, :30]
    gaussian = 0.7 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 0.875**2))
    peaks = find_peaks(gaussian[None].astype(np.float32), 0.6, 5)
    np.testing.assert_allclose(peaks.xy, [(x, y)], atol=0.01)
    np.testing.assert_allclose(peaks.confidence, [0.7], atol=0.01)


def test_the_highest_peaks_of_each_joint_are_kept_and_plateaus_are_one():
    maps = np.zeros((2, 20, 20), np.float32)
    maps[0, 2, 2], maps[0, 8, 8], maps[0, 14, 14] = 0.4, 0.9, 0.5
    maps[1, 5:7, 5:7] = 0.6
    peaks = find_peaks(maps, 0.05, max_per_joint=2)
    assert peaks.joint.tolist() == [0, 0, 1]
    np.testing.assert_allclose(peaks.xy[:2], [(8, 8), (14, 14)], atol=0.01)
    np.testing.assert_allclose(peaks.xy[2], (5.5, 5.5), atol=0.01)
