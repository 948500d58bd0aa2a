"""The posture model that is stored: a linear estimator's numbers and the good postures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from services.scorer.score.features import FEATURES
from services.scorer.score.posture_model import PHASE, PostureModel

from training.estimators import LIMIT, fit
from training.samples import Samples

F64 = NDArray[np.float64]

#: Lower ends of the ranges of the hands' height within which postures are compared with good ones,
#: in trunk lengths above the ankles: near the floor, below the knees, above them, at lockout.
_LEVELS = (-10.0, 0.45, 0.75, 1.05)

#: Decimals of the stored numbers.
_DIGITS = 6


def build_model(samples: Samples, name: str, provenance: dict[str, Any]) -> PostureModel:
    """Train a linear estimator on all samples and put it into its stored form.

    Args:
        samples: the postures.
        name: one of `LINEAR`.
        provenance: how the model was made and evaluated.
    """
    fitted = fit(samples, name)
    coefficients, pairs, intercept = fitted.linear
    return PostureModel(
        features=tuple(FEATURES),
        mean=_numbers(fitted.mean),
        scale=_numbers(fitted.scale),
        limit=LIMIT,
        coefficients=_numbers(coefficients),
        pairs=tuple(_numbers(row) for row in pairs),
        intercept=round(intercept, _DIGITS),
        link="logistic" if name == "logistic" else "identity",
        levels=_LEVELS,
        good=tuple(_numbers(row) for row in _good_postures(samples, fitted.mean)),
        provenance=provenance,
    )


def _good_postures(samples: Samples, mean: F64) -> F64:
    """Mean features of good postures at each height of the hands, (levels, n_features)."""
    height = samples.features[:, list(FEATURES).index(PHASE)]
    level = np.clip(np.searchsorted(_LEVELS, height, side="right") - 1, 0, None)
    means = np.tile(mean, (len(_LEVELS), 1))
    for row in range(len(_LEVELS)):
        here = (level == row) & (samples.label > 0.5) & np.isfinite(height)
        features = samples.features[here]
        weight = np.where(np.isfinite(features), samples.weight[here, None], 0.0)
        known = weight.sum(0) > 0
        sums = (np.nan_to_num(features) * weight).sum(0)
        means[row, known] = sums[known] / weight.sum(0)[known]
    return means


def _numbers(values: F64) -> tuple[float, ...]:
    return tuple(round(float(value), _DIGITS) for value in values)
