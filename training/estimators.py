"""The estimators that are compared, and their common form: features to columns to a score."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from services.scorer.score.posture_model import linked, standardised
from training.samples import Samples

F64 = NDArray[np.float64]

#: Beyond so many standard deviations a feature says no more: broken skeletons have such values.
LIMIT = 3.0

#: Products of two features come with this factor, so that regularisation holds them down harder
#: than the features themselves: there are six times as many of them.
_PAIR_SHARE = 0.25

#: What the estimators are, by name. Strengths of regularisation are those that did best on sources
#: that had been left out (docs/score.md).
ESTIMATORS: dict[str, Callable[[], Any]] = {
    "ridge": lambda: Ridge(alpha=1000.0),
    "lasso": lambda: Lasso(alpha=0.01, max_iter=50_000),
    "elastic-net": lambda: ElasticNet(alpha=0.02, l1_ratio=0.5, max_iter=50_000),
    "logistic": lambda: LogisticRegression(C=0.003, max_iter=2000),
    "forest": lambda: RandomForestClassifier(50, min_samples_leaf=20, random_state=0),
}

#: An ensemble of two that differ most: the mean of what they say (soft voting).
VOTING = ("logistic", "forest")

#: Those that can be shipped: their reasons can be named, and the file is a list of numbers.
LINEAR = ("ridge", "lasso", "elastic-net", "logistic")


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained estimator. mean, scale: (n_features,), by which features are standardised."""

    name: str
    mean: F64
    scale: F64
    estimator: Any

    def predict(self, features: F64) -> F64:
        """Scores 0..1 of postures, (n, n_features) → (n,)."""
        columns = _columns(standardised(features, self.mean, self.scale, LIMIT), self.name)
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict_proba(columns)[:, 1])
        return linked(self.estimator.predict(columns), "identity")

    @property
    def linear(self) -> tuple[F64, F64, float]:
        """Of a linear one: coefficients (n,), symmetric pairs (n, n) and intercept."""
        values = np.ravel(self.estimator.coef_)
        count = len(self.mean)
        first, second = _pairs(count)
        pairs = np.zeros((count, count))
        pairs[first, second] = values[count:] * _PAIR_SHARE / 2
        return values[:count], pairs + pairs.T, float(np.ravel(self.estimator.intercept_)[0])


def fit(samples: Samples, name: str) -> Fitted:
    """Train an estimator of `ESTIMATORS` on all samples, by their weights."""
    known = np.isfinite(samples.features)
    weight = np.where(known, samples.weight[:, None], 0.0)
    total = np.maximum(weight.sum(0), 1e-9)
    values = np.where(known, samples.features, 0.0)
    mean = (values * weight).sum(0) / total
    spread = np.sqrt((np.where(known, values - mean, 0.0) ** 2 * weight).sum(0) / total)
    scale = np.where(spread > 1e-6, spread, 1.0)
    columns = _columns(standardised(samples.features, mean, scale, LIMIT), name)
    estimator = ESTIMATORS[name]().fit(columns, samples.label, sample_weight=samples.weight)
    return Fitted(name, mean, scale, estimator)


def _columns(z: F64, name: str) -> F64:
    """Standardised features, and for linear estimators their products."""
    if name not in LINEAR:
        return z
    first, second = _pairs(z.shape[1])
    return np.concatenate([z, _PAIR_SHARE * z[:, first] * z[:, second]], axis=1)


def _pairs(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = np.triu_indices(count)
    return first, second
