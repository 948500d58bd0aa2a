"""Features, views and weights of samples."""

from dataclasses import replace

import numpy as np
import pytest
from labelled import labelled
from services.scorer.score.features import FEATURES

from training.samples import even_weights, gather


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


@pytest.fixture
def poses():
    return labelled(np.random.default_rng(0), good=False, groups=3)


def test_a_measured_turn_sets_view_and_correction_of_its_clip(poses):
    side, turned = (
        gather([replace(poses, turn_deg=np.full(len(poses.label), turn))]) for turn in (0.0, 45.0)
    )
    assert set(side.view) == {"side"}
    assert set(turned.view) == {"oblique"}
    ahead = list(FEATURES).index("trunk_lean")
    assert (turned.features[:, ahead] > side.features[:, ahead] + 0.02).all()


def test_without_a_measured_turn_it_is_estimated_per_clip(poses):
    wide = poses.xy_px.copy()
    of_first = poses.clip == poses.clip[0]
    trunk = np.linalg.norm(wide[:, 1] - wide[:, [8, 11]].mean(1), axis=-1)
    wide[of_first, 2, 0] += 0.7 * trunk[of_first]  # a shoulder aside, as seen from the front
    views = gather([replace(poses, xy_px=wide)]).view
    assert set(views[of_first]) == {"front"}
    assert set(views[~of_first]) == {"side"}
