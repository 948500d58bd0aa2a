"""How values are read off a signal, and what is beyond a threshold."""

import numpy as np
import pytest

from services.scorer.faults.measurement import (
    Measurement,
    max_sustained,
    median,
    median_confidence,
    rows_above,
)

ROWS = np.arange(10)


def test_peak_counts_only_as_far_as_it_holds():
    time_s = np.arange(10) / 10
    values = np.array([0, 0, 9, 0, 5, 5, 5, 0, np.nan, 7.0])
    assert max_sustained(values, ROWS, time_s, 0.2) == (5.0, 5)  # the 9 is gone at once
    assert max_sustained(values, ROWS, time_s, 0.0)[0] == 9.0
    assert np.isnan(max_sustained(values * np.nan, ROWS, time_s, 0.2)[0])
    assert list(rows_above(values, 4, ROWS, 5)) == [4, 5, 6]


def test_median_needs_half_of_the_values():
    values = np.array([1, 3, np.nan, np.nan, np.nan])
    assert median(values, np.arange(4)) == 2
    assert np.isnan(median(values, np.arange(5)))
    assert np.isnan(median(values, np.arange(0)))


def test_lowest_part_gives_the_confidence():
    parts = np.full(3, 0.9), np.array([0.1, 0.4, 0.8])
    assert median_confidence(np.arange(3), *parts) == 0.4
    assert median_confidence(np.arange(0), *parts) == 0


@pytest.mark.parametrize(
    ("value", "is_fault_below", "excess"), [(14, False, 2), (8, False, -1), (8, True, 1)]
)
def test_excess_is_in_margins_beyond_the_threshold(value, is_fault_below, excess):
    measured = Measurement(
        value=value, threshold=10, margin=2, rows=ROWS, worst_row=0, confidence=1,
        is_fault_below=is_fault_below,
    )  # fmt: skip
    assert measured.excess == excess
