"""Weights of samples."""

import numpy as np
import pytest

from training.samples import even_weights


def test_weights_are_even_over_labels_in_each_view():
    label = np.array([1.0] * 30 + [0.0] * 30)
    clip = np.array([f"g{i // 3}" for i in range(30)] + [f"b{i}" for i in range(30)])
    source = np.full(60, "one")
    view = np.where(np.arange(60) % 3 > 0, "side", "front")
    weight = even_weights(label, clip, source, view)
    assert weight.mean() == pytest.approx(1)
    for here in (view == "side", view == "front"):
        good, bad = (weight[here & (label == value)].sum() for value in (1, 0))
        assert 0.5 < good / bad < 2  # 10 clips against 30, with a prior of one clip each
    one = [weight[clip == name].sum() for name in ("g0", "g1")]
    assert one[0] == pytest.approx(one[1])
