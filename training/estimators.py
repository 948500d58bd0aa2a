"""The estimators that are compared, and how each turns features into scores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from services.scorer.score.posture_model import linked, standardised
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from training.samples import Samples

F64 = NDArray[np.float64]

#: Standard deviations to which a feature is clipped. Chosen: only broken skeletons have more.
LIMIT = 3.0

#: Factor of products of two features, so that regularisation shrinks them more than the features
#: themselves. Chosen: there are six times as many products.
_PAIR_SCALE = 0.25

#: Estimators by name. Their regularisation is the one that did best on sources that had been left
#: out (docs/score.md).
ESTIMATORS: dict[str, Callable[[], Any]] = {
    "ridge": lambda: Ridge(alpha=1000.0),
    "lasso": lambda: Lasso(alpha=0.01, max_iter=50_000),
    "elastic-net": lambda: ElasticNet(alpha=0.02, l1_ratio=0.5, max_iter=50_000),
    "logistic": lambda: LogisticRegression(C=0.003, max_iter=2000),
    "forest": lambda: RandomForestClassifier(50, min_samples_leaf=20, random_state=0),
}

#: Members of the ensemble "voting", the mean of the scores of two estimators that differ most.
VOTING = ("logistic", "forest")

#: Estimators that can be shipped: they can explain a score, and are stored as plain numbers.
LINEAR = ("ridge", "lasso", "elastic-net", "logistic")


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained estimator.

    Attributes:
        name: Its name in `ESTIMATORS`.
        mean: float64 (n_features,), subtracted from features.
        scale: float64 (n_features,), divisors of features.
        estimator: The scikit-learn estimator.
    """

    name: str
    mean: F64
    scale: F64
    estimator: Any

    def predict(self, features: F64) -> F64:
        """Score postures, (n, n_features) → (n,), 0..1."""
        columns = _columns(standardised(features, self.mean, self.scale, LIMIT), self.name)
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(self.estimator.predict_proba(columns)[:, 1])
        return linked(self.estimator.predict(columns), "identity")

    @property
    def linear(self) -> tuple[F64, F64, float]:
        """Coefficients (n,), symmetric pairs (n, n) and intercept of a linear estimator."""
        values = np.ravel(self.estimator.coef_)
        count = len(self.mean)
        first, second = _pairs(count)
        pairs = np.zeros((count, count))
        pairs[first, second] = values[count:] * _PAIR_SCALE / 2
        return values[:count], pairs + pairs.T, float(np.ravel(self.estimator.intercept_)[0])


def fit(samples: Samples, name: str) -> Fitted:
    """Train an estimator of `ESTIMATORS` on weighted samples."""
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
    """Standardised features, followed by their products for linear estimators."""
    if name not in LINEAR:
        return z
    first, second = _pairs(z.shape[1])
    return np.concatenate([z, _PAIR_SCALE * z[:, first] * z[:, second]], axis=1)


def _pairs(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = np.triu_indices(count)
    return first, second
