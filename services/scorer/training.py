"""Trains the posture model: ridge regression, judged on groups that it has not seen.

The only file with scikit-learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from services.scorer.datasets import LabelledPoses
from services.scorer.features import FEATURES, is_scorable, posture_features
from services.scorer.posture_model import PostureModel
from shared.errors import UsageError

F64 = NDArray[np.float64]

#: Strengths of regularisation that are tried; 1 was the original's.
_ALPHAS = (0.1, 1.0, 10.0, 100.0, 1000.0)

#: Beyond so many groups, leaving each out alone takes long and says nothing more.
_MAX_FOLDS = 20

_BOOTSTRAPS = 1000


@dataclass(frozen=True)
class Figures:
    """How well scores of unseen groups separate good from bad in one source.

    auc: area under the ROC curve with a 95 % interval (bootstrap over groups); NaN where the
    source has but one label. brier: mean squared error; majority: that of always giving the share
    of good postures.
    """

    source: str
    postures: int
    groups: int
    good: float
    auc: float
    auc_low: float
    auc_high: float
    brier: float
    majority: float


@dataclass(frozen=True)
class TrainingReport:
    """A trained model and its figures: one row a source, the last one over all."""

    model: PostureModel
    alpha: float
    rows: tuple[Figures, ...]


@dataclass(frozen=True)
class _Samples:
    features: F64
    label: F64
    group: NDArray[np.str_]
    source: NDArray[np.str_]
    weight: F64


def train(sets: Sequence[LabelledPoses], seed: int) -> TrainingReport:
    """Train on all sets together; each group weighs the same, whatever its number of frames.

    Raises:
        UsageError: there are not both good and bad postures of at least two groups.
    """
    samples = _gather(sets)
    if len(np.unique(samples.label)) < 2 or len(np.unique(samples.group)) < 4:
        raise UsageError("training needs good and bad postures, of at least four clips or lifters")
    alpha = min(_ALPHAS, key=lambda a: _weighted_error(samples, _unseen_scores(samples, a)))
    scores = _unseen_scores(samples, alpha)
    names = [*dict.fromkeys(samples.source), "all"]
    rows = tuple(_figures(samples, scores, name, seed) for name in names)
    pipeline = _fitted(samples, np.ones(len(samples.label), bool), alpha)
    return TrainingReport(_model(pipeline, alpha, rows, seed), alpha, rows)


def _gather(sets: Sequence[LabelledPoses]) -> _Samples:
    features, labels, groups, sources = [], [], [], []
    for poses in sets:
        keep = is_scorable(poses.xy_px, poses.confidence)
        features.append(posture_features(poses.xy_px[keep]))
        labels.append(poses.label[keep])
        groups.append(np.array([f"{poses.source}: {g}" for g in poses.group[keep]], dtype=str))
        sources.append(np.full(int(keep.sum()), poses.source))
    group = np.concatenate(groups)
    _, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    return _Samples(
        np.concatenate(features),
        np.concatenate(labels),
        group,
        np.concatenate(sources),
        1.0 / counts[place],
    )


def _fitted(samples: _Samples, chosen: NDArray[np.bool_], alpha: float) -> Pipeline:
    pipeline = Pipeline(
        [
            ("impute", SimpleImputer(keep_empty_features=True)),
            ("scale", StandardScaler()),
            ("ridge", Ridge(alpha=alpha)),
        ]
    )
    weight = samples.weight[chosen] / samples.weight[chosen].mean()
    return pipeline.fit(
        samples.features[chosen], samples.label[chosen], ridge__sample_weight=weight
    )


def _unseen_scores(samples: _Samples, alpha: float) -> F64:
    """Each posture's score by a model that was trained without its group."""
    groups = len(np.unique(samples.group))
    splitter = LeaveOneGroupOut() if groups <= _MAX_FOLDS else GroupKFold(_MAX_FOLDS)
    scores = np.empty(len(samples.label))
    for seen, unseen in splitter.split(samples.features, samples.label, samples.group):
        chosen = np.zeros(len(samples.label), bool)
        chosen[seen] = True
        scores[unseen] = _fitted(samples, chosen, alpha).predict(samples.features[unseen])
    return np.clip(scores, 0, 1)


def _weighted_error(samples: _Samples, scores: F64) -> float:
    return float(np.average((scores - samples.label) ** 2, weights=samples.weight))


def _figures(samples: _Samples, scores: F64, source: str, seed: int) -> Figures:
    chosen = (samples.source == source) | (source == "all")
    label, score, weight = samples.label[chosen], scores[chosen], samples.weight[chosen]
    good = float(np.average(label, weights=weight))
    low, high = _interval(label, score, samples.group[chosen], seed)
    return Figures(
        source=source,
        postures=len(label),
        groups=len(np.unique(samples.group[chosen])),
        good=good,
        auc=_auc(label, score, weight),
        auc_low=low,
        auc_high=high,
        brier=float(brier_score_loss(label, score, sample_weight=weight)),
        majority=float(np.average((good - label) ** 2, weights=weight)),
    )


def _interval(label: F64, score: F64, group: NDArray[np.str_], seed: int) -> tuple[float, float]:
    """95 % interval of the AUC when groups are drawn anew with replacement."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(group == name) for name in np.unique(group)]
    aucs = []
    for _ in range(_BOOTSTRAPS):
        drawn = [members[i] for i in rng.integers(len(members), size=len(members))]
        rows = np.concatenate(drawn)
        weight = np.concatenate([np.full(len(m), 1 / len(m)) for m in drawn])
        aucs.append(_auc(label[rows], score[rows], weight))
    known = [auc for auc in aucs if np.isfinite(auc)]
    if not known:
        return float("nan"), float("nan")
    return float(np.percentile(known, 2.5)), float(np.percentile(known, 97.5))


def _auc(label: F64, score: F64, weight: F64) -> float:
    if len(np.unique(label)) < 2:
        return float("nan")
    return float(roc_auc_score(label, score, sample_weight=weight))


def _model(pipeline: Pipeline, alpha: float, rows: tuple[Figures, ...], seed: int) -> PostureModel:
    imputer, scaler, ridge = (step for _, step in pipeline.steps)

    def numbers(values: F64) -> tuple[float, ...]:
        return tuple(round(float(value), 6) for value in values)

    return PostureModel(
        features=tuple(FEATURES),
        imputed=numbers(imputer.statistics_),
        mean=numbers(scaler.mean_),
        scale=numbers(scaler.scale_),
        coefficients=numbers(ridge.coef_),
        intercept=round(float(ridge.intercept_), 6),
        provenance={
            "model": "ridge regression of label (1 good, 0 bad), each group weighed the same",
            "alpha": alpha,
            "folds": "each group left out in turn (at most 20 folds)",
            "figures": [_rounded(row) for row in rows],
            "trained": datetime.now(UTC).date().isoformat(),
            "scikit_learn": sklearn.__version__,
            "seed": seed,
        },
    )


def _rounded(row: Figures) -> dict[str, object]:
    return {
        name: (round(value, 4) if np.isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in vars(row).items()
    }
