"""Where a repetition starts, tops out, lowers and ends, on hand-made heights."""

import numpy as np
import pytest

from services.scorer.reps.rep_boundaries import (
    NEAR,
    RepBoundaries,
    fill_gaps,
    find_boundaries,
    mark_partial,
    remove_jumps,
    shift_rep,
)
from shared.data.analysis import Partial

FPS = 30


def heights(*points):
    """Heights that are linear between points (time_s, height), and their times."""
    time_s = np.arange(round(points[-1][0] * FPS) + 1) / FPS
    return np.interp(time_s, *zip(*points, strict=True)), time_s


#: On the floor for 1 s, up in 1 s, at the top for 1 s, down in 1 s, on the floor for 1 s.
WHOLE = heights((0, 0), (1, 0), (2, 1), (3, 1), (4, 0), (5, 0))


def boundaries(height):
    return find_boundaries(height, 0, int(np.argmax(height)), len(height) - 1)


def test_boundaries_lie_where_the_bar_leaves_and_reaches_rest():
    height, _ = WHOLE
    rep = boundaries(height)
    # a ramp of 30 rows passes 2 % of its height within one row
    assert (rep.start, rep.top, rep.lower) == (30, 60, 90)
    assert abs(rep.end - 120) <= 1


def test_tremble_within_two_percent_moves_no_boundary():
    height, _ = WHOLE
    trembling = height + 0.4 * NEAR * np.where(np.arange(len(height)) % 2, 1, -1)
    rep = boundaries(trembling)
    assert abs(rep.start - 30) <= 1
    assert abs(rep.top - 60) <= 1
    assert abs(rep.lower - 90) <= 1
    assert abs(rep.end - 120) <= 2


@pytest.mark.parametrize(("rise", "is_rep"), [(0.29, False), (0.31, True)])
def test_rise_below_the_minimum_is_no_rep(rise, is_rep):
    assert (boundaries(rise * WHOLE[0]) is not None) == is_rep


def test_one_row_that_is_too_low_does_not_move_the_start():
    height, _ = WHOLE
    dipped = height.copy()
    dipped[5] = -0.3
    assert boundaries(dipped).start == 30


def test_whole_rep_is_not_partial():
    height, time_s = WHOLE
    assert mark_partial(boundaries(height), height, time_s).partial is Partial.WHOLE


def test_clip_that_begins_in_the_pull_has_no_start():
    height, time_s = heights((0, 0.4), (0.6, 1), (1.6, 1), (2.6, 0), (3.6, 0))
    rep = mark_partial(boundaries(height), height, time_s)
    assert rep.partial is Partial.NO_START
    assert rep.start <= 1


@pytest.mark.parametrize(("lowered", "partial"), [(0.5, Partial.NO_END), (0.9, Partial.WHOLE)])
def test_clip_that_ends_in_the_lowering_has_no_end_unless_nearly_down(lowered, partial):
    height, time_s = heights((0, 0), (1, 0), (2, 1), (2 + 0.4 * lowered, 1 - lowered))
    assert mark_partial(boundaries(height), height, time_s).partial is partial


def test_clip_that_ends_at_the_top_has_boundaries_that_coincide():
    height, time_s = heights((0, 0), (1, 0), (2, 1), (3, 1))
    rep = mark_partial(boundaries(height), height, time_s)
    assert rep.partial is Partial.NO_END
    assert rep.lower == rep.end


def test_shifted_rep_keeps_what_it_lacks():
    rep = RepBoundaries(1, 2, 3, 4, Partial.NO_END)
    assert shift_rep(rep, 10) == RepBoundaries(11, 12, 13, 14, Partial.NO_END)


@pytest.mark.parametrize(("duration_s", "is_removed"), [(0.15, True), (0.5, False)])
def test_short_jumps_are_removed_and_long_ones_kept(duration_s, is_removed):
    height, time_s = WHOLE
    rows = slice(70, 70 + round(duration_s * FPS))
    jumped = height.copy()
    jumped[rows] -= 0.5
    cleaned = remove_jumps(jumped, time_s)[rows]
    assert np.allclose(cleaned, height[rows]) == is_removed


def test_gaps_are_interpolated_and_ends_extended():
    time_s = np.array([0.0, 1.0, 3.0, 4.0])
    values = np.array([np.nan, 1.0, np.nan, 4.0])
    np.testing.assert_allclose(fill_gaps(values, time_s), [1, 1, 3, 4])
    assert fill_gaps(np.array([np.nan, 1.0, np.nan]), time_s[:3]) is None
