"""Figures of scores, and their intervals."""

import numpy as np
import pytest
from labelled import samples_of

from training.evaluation import figures


def test_figures_weigh_each_clip_the_same():
    label = np.array([1.0] * 90 + [1.0] * 10 + [0.0] * 10)
    group = np.array(["many"] * 90 + ["few"] * 10 + ["bad"] * 10)
    score = np.array([1.0] * 90 + [0.0] * 10 + [0.5] * 10)
    row = figures("all", samples_of(label, group), score, seed=0)
    assert row.auc == pytest.approx(0.5)
    assert row.clip_auc == pytest.approx(0.5)
    assert (row.clips, row.groups) == (3, 3)
    perfect = figures("all", samples_of(label, group), label, seed=0)
    assert (perfect.auc, perfect.brier) == (1, 0)
    assert np.isnan(figures("good", samples_of(label, group)[label > 0], label[:100], 0).auc)


def test_an_interval_holds_the_truth_and_narrows_with_groups():
    rng = np.random.default_rng(7)
    widths = []
    for groups in (20, 200):
        group = np.repeat([f"{g:03d}" for g in range(groups)], 4)
        label = (np.arange(groups) % 2).repeat(4).astype(float)
        score = np.clip(rng.normal(0.4 + 0.2 * label, 0.2), 0, 1)
        row = figures("all", samples_of(label, group), score, seed=0)
        assert row.auc_low < 0.76 < row.auc_high  # Φ(0.2 / (0.2 √2))
        assert row.brier_low < row.brier < row.brier_high
        widths.append(row.auc_high - row.auc_low)
    assert widths[1] < widths[0] / 2
