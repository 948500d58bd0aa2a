"""The estimators that are compared, all on the model's columns or on what they say they use.

Each gives a value that is higher for good lifts. What good lifts look like is learned from the same
repetitions as the estimator itself, so that nothing is known of the lifter who is left out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge

from training.constrained_ridge import fit_weights
from training.references import good_lifts
from training.rep_table import RepTable, weights

F64 = NDArray[np.float64]

#: Gives each repetition of a table (n,) a value that is higher for good lifts.
Valuer = Callable[[RepTable], F64]

#: Name of the estimator that is shipped.
SHIPPED = "constrained ridge"

#: Estimators of scikit-learn by name, with their usual strengths; none was searched for.
_LEARNED: dict[str, Callable[[], Any]] = {
    "ridge": lambda: Ridge(alpha=100.0),
    "lasso": lambda: Lasso(alpha=0.02, max_iter=50_000),
    "elastic net": lambda: ElasticNet(alpha=0.02, l1_ratio=0.5, max_iter=50_000),
    "logistic": lambda: LogisticRegression(C=0.1, max_iter=2000),
    "forest": lambda: RandomForestClassifier(50, min_samples_leaf=5, random_state=0),
}

#: Names of all estimators in the order of the comparison's table.
ESTIMATORS = (SHIPPED, *_LEARNED, "phase alone", "majority")

#: Members of "voting", the mean log odds of the two estimators that differ most.
VOTING = ("logistic", "forest")


def fit(reps: RepTable, name: str) -> Valuer:
    """Train one of `ESTIMATORS`.

    "phase alone" sees only how the time is spread over the parts of the repetition; "majority" sees
    nothing.
    """
    row_weight = weights(reps)
    if name == "majority":
        return lambda other: np.zeros(len(other))
    if name == "phase alone":
        logistic = LogisticRegression(C=1.0).fit(phases(reps), reps.label, sample_weight=row_weight)
        return lambda other: np.asarray(logistic.decision_function(phases(other)))
    medians, widths = good_lifts(reps)
    columns = reps.columns(medians, widths)
    if name == SHIPPED:
        cost = fit_weights(columns, reps.label, row_weight)
        return lambda other: np.asarray(-(other.columns(medians, widths) @ cost))
    learned = _LEARNED[name]().fit(columns, reps.label, sample_weight=row_weight)
    return lambda other: _value(learned, other.columns(medians, widths))


def phases(reps: RepTable) -> F64:
    """Fraction of the time of each repetition in each part, (n, parts)."""
    total = reps.part_s.sum(1, keepdims=True)
    return np.asarray(reps.part_s / np.where(total > 0, total, 1))


def _value(estimator: Any, columns: F64) -> F64:
    if hasattr(estimator, "predict_proba"):
        chance = np.clip(estimator.predict_proba(columns)[:, 1], 0.01, 0.99)
        return np.asarray(np.log(chance / (1 - chance)))
    return np.asarray(estimator.predict(columns))
