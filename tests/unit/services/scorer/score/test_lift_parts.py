"""Which rows belong to which part of a repetition."""

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.faults import rep_views
from services.scorer.score.lift_parts import PARTS, part_weights
from shared.data.analysis import LiftPart
from synthetic import Lift


@pytest.fixture(scope="module")
def rep():
    return rep_views(lift_of(Lift(reps=2, view="side")))[1]


def test_rows_of_a_repetition_and_no_others_belong_to_its_parts(rep):
    weights, bounds = part_weights(rep), rep.boundaries
    np.testing.assert_allclose(weights[rep.rows].sum(1), 1)
    outside = np.setdiff1d(np.arange(len(weights)), [*rep.rows, *rep.setup])
    assert not weights[outside].any()
    held = weights[bounds.top : bounds.lower + 1, PARTS.index(LiftPart.LOCKOUT)]
    np.testing.assert_allclose(held, 1)
    np.testing.assert_allclose(weights[rep.setup[:-1], PARTS.index(LiftPart.START)], 1)


def test_each_part_has_its_full_weight_where_the_bar_is_there(rep):
    pull = part_weights(rep)[rep.pull]
    for part, progress in zip(PARTS[:4], (0, 1 / 3, 2 / 3, 1), strict=True):
        nearest = np.abs(rep.bar_progress - progress).argmin()
        assert pull[nearest, PARTS.index(part)] > 0.8


def test_no_part_begins_with_a_jump(rep):
    steps = np.abs(np.diff(part_weights(rep)[rep.rows], axis=0))
    assert steps.max() < 0.4  # at 30 frames per second, in the fastest part


def test_a_lowering_that_the_clip_cuts_off_counts_by_the_whole_way():
    rep = rep_views(lift_of(Lift(reps=2, view="side", partial="end")))[1]
    seen_s = part_weights(rep).sum(0)
    assert seen_s[PARTS.index(LiftPart.LOWERING_LOW)] == pytest.approx(0, abs=1)
