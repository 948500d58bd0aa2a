"""Labelled postures of a rendered lifter, to train on."""

import numpy as np

from synthetic.lift import joints_m
from training.datasets import LabelledPoses
from training.samples import Samples, even_weights


def _px(bar_progress):
    joints = joints_m(bar_progress)
    return np.stack([300 + 200 * joints[:, 0], 500 - 200 * joints[:, 1]], -1).astype(np.float32)


def labelled(rng, good, groups):
    """Postures whose knees are straight when good, bent when bad, with some noise."""
    rows = [
        (_px(rng.uniform(0.85, 1.0) if good else rng.uniform(0, 0.3)), f"{good}-{g}")
        for g in range(groups)
        for _ in range(5)
    ]
    xy = np.stack([row[0] + rng.normal(0, 2, (15, 2)) for row in rows]).astype(np.float32)
    label = np.full(len(rows), float(good))
    confidence = np.ones((len(rows), 15), np.float32)
    group = np.array([row[1] for row in rows])
    return LabelledPoses("made", xy, confidence, label, group, group, np.full(len(rows), np.nan))


def samples_of(label, group):
    """Samples of one source and view, without features."""
    source = np.full(len(label), "one")
    weight = even_weights(label, group, source, source)
    return Samples(np.zeros((len(label), 1)), label, group, group, source, source, weight)
