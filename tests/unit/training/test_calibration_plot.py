"""The calibration plot."""

import numpy as np
from labelled import samples_of

from training.calibration_plot import calibration_plot


def test_a_calibrated_score_lies_on_the_diagonal_of_the_plot():
    rng = np.random.default_rng(0)
    score = rng.random(4000)
    label = (rng.random(4000) < score).astype(float)
    blue, each = (176, 105, 36), np.arange(4000).astype(str)
    for scores, near in ((score, True), (1 - score, False)):
        plot = calibration_plot(samples_of(label, each), scores)
        ys, xs = np.nonzero((plot == blue).all(-1))
        off = np.abs((480 - ys) - xs).mean()
        assert (off < 25) == near
