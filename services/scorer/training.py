"""Trains the posture model: several estimators, each judged on lifters it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from services.scorer.datasets import LabelledPoses
from services.scorer.evaluation import Figures, figures, group_weights
from services.scorer.features import FEATURES, POSTURE, is_scorable, posture_features
from services.scorer.posture_model import PostureModel
from services.scorer.view import turn_deg, upright_torso_px, view_of
from shared.errors import UsageError
from shared.skeleton import torso_px

F64 = NDArray[np.float64]

#: Beyond so many groups, leaving each out alone takes long and says nothing more.
_MAX_FOLDS = 20

#: Leans of the trunk, quarter turns, from which a posture is compared with other good postures.
_LEVELS = (-2.0, 0.25, 0.5, 0.75)

#: The original of 2019 had this many pictures; a source of that size is evaluated alone as well.
_SMALL_SOURCE = 20

#: What the estimators are, by name. Strengths of regularisation are those that did best on
#: held-out groups of the sources named in docs/score.md.
ESTIMATORS: dict[str, Callable[[], object]] = {
    "ridge": lambda: Ridge(alpha=100.0),
    "lasso": lambda: Lasso(alpha=0.01, max_iter=50_000),
    "elastic-net": lambda: ElasticNet(alpha=0.01, l1_ratio=0.5, max_iter=50_000),
    "logistic": lambda: LogisticRegression(C=0.01, max_iter=2000),
    "forest": lambda: _forest(),
}

#: An ensemble of two that differ most: the mean of what they say (soft voting).
VOTING = ("logistic", "forest")

#: Those that can be shipped: their reasons can be named, and the file is a list of numbers.
LINEAR = ("ridge", "lasso", "elastic-net", "logistic")

#: How the model is chosen, as the file says.
RULE = (
    "of the linear estimators, whose reasons can be named, the one with the lowest Brier score on "
    "groups it has not seen; ridge where another is better by less than 0.002"
)
_MARGIN = 0.002


@dataclass(frozen=True)
class Candidate:
    """An estimator and how well it does on all unseen groups."""

    name: str
    figures: Figures


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """A trained model and its figures.

    rows: of the chosen estimator, one a source, one a view, the last over all. candidates: all
    estimators over all. small: the same estimator trained on the smallest source alone (the
    original's pictures), judged on everything else; None without such a source. label, score,
    group: of all postures, (n,), as unseen.
    """

    model: PostureModel
    chosen: str
    rows: tuple[Figures, ...]
    candidates: tuple[Candidate, ...]
    small: Figures | None
    label: F64
    score: F64
    group: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class _Samples:
    features: F64
    label: F64
    group: NDArray[np.str_]
    source: NDArray[np.str_]
    view: NDArray[np.str_]

    def __getitem__(self, rows: NDArray[np.bool_]) -> "_Samples":
        return _Samples(*(values[rows] for values in vars(self).values()))


def train(sets: Sequence[LabelledPoses], seed: int, estimator: str = "auto") -> TrainingReport:
    """Train on all sets together; each group weighs the same, whatever its number of frames.

    Args:
        sets: labelled postures.
        seed: of the bootstrap and the forest.
        estimator: a name of `ESTIMATORS` that can be shipped, or "auto" for `RULE`.

    Raises:
        UsageError: there are not both good and bad postures of at least two groups, or no estimator
            that can be shipped has this name.
    """
    if estimator not in (*LINEAR, "auto"):
        raise UsageError(f"--model takes auto, {', '.join(LINEAR)}, not {estimator!r}")
    samples = _gather(sets)
    if len(np.unique(samples.label)) < 2 or len(np.unique(samples.group)) < 4:
        raise UsageError("training needs good and bad postures, of at least four clips or lifters")
    scores = {name: _unseen_scores(samples, name) for name in ESTIMATORS}
    scores["voting"] = np.mean([scores[name] for name in VOTING], axis=0)
    candidates = tuple(
        Candidate(name, figures("all", samples.label, score, samples.group, seed))
        for name, score in scores.items()
    )
    chosen = _best(candidates) if estimator == "auto" else estimator
    rows = tuple(_rows(samples, scores[chosen], seed))
    small = _from_small_source(samples, chosen, seed)
    report = (chosen, rows, candidates, small)
    return TrainingReport(
        _model(samples, *report, seed), *report, samples.label, scores[chosen], samples.group
    )


def _best(candidates: Sequence[Candidate]) -> str:
    brier = {c.name: c.figures.brier for c in candidates if c.name in LINEAR}
    best = min(brier, key=lambda name: brier[name])
    return "ridge" if brier["ridge"] - brier[best] < _MARGIN else best


def _gather(sets: Sequence[LabelledPoses]) -> _Samples:
    parts: list[_Samples] = []
    for poses in sets:
        keep = is_scorable(poses.xy_px, poses.confidence)
        xy = poses.xy_px[keep]
        parts.append(
            _Samples(
                posture_features(xy),
                poses.label[keep],
                np.array([f"{poses.source}: {g}" for g in poses.group[keep]], dtype=str),
                np.full(int(keep.sum()), poses.source),
                _views(xy, poses.group[keep]),
            )
        )
    joined = (
        np.concatenate(columns)
        for columns in zip(*(vars(part).values() for part in parts), strict=True)
    )
    return _Samples(*joined)


def _views(xy_px: NDArray[np.float32], group: NDArray[np.str_]) -> NDArray[np.str_]:
    """View of each posture, told from all of its group."""
    views = np.full(len(group), "unknown", dtype="<U8")
    for name in np.unique(group):
        mine = xy_px[group == name].astype(np.float64)
        torso = upright_torso_px(torso_px(mine.astype(np.float32)).astype(np.float64))
        views[group == name] = view_of(turn_deg(np.full(len(mine), np.nan), mine, torso))
    return views


def _fitted(samples: _Samples, name: str) -> Pipeline:
    pipeline = Pipeline(
        [
            ("impute", SimpleImputer(keep_empty_features=True)),
            ("scale", StandardScaler()),
            ("estimate", ESTIMATORS[name]()),
        ]
    )
    weight = group_weights(samples.group)
    return pipeline.fit(samples.features, samples.label, estimate__sample_weight=weight)


def _predicted(pipeline: Pipeline, features: F64) -> F64:
    if hasattr(pipeline, "predict_proba"):
        return np.asarray(pipeline.predict_proba(features)[:, 1])
    return np.asarray(np.clip(pipeline.predict(features), 0, 1))


def _unseen_scores(samples: _Samples, name: str) -> F64:
    """Each posture's score by a model that was trained without its group."""
    groups = len(np.unique(samples.group))
    splitter = LeaveOneGroupOut() if groups <= _MAX_FOLDS else GroupKFold(_MAX_FOLDS)
    scores = np.empty(len(samples.label))
    for seen, unseen in splitter.split(samples.features, samples.label, samples.group):
        chosen = np.zeros(len(samples.label), bool)
        chosen[seen] = True
        if len(np.unique(samples.label[chosen])) < 2:
            scores[unseen] = samples.label[chosen].mean()  # nothing to tell apart
            continue
        scores[unseen] = _predicted(_fitted(samples[chosen], name), samples.features[unseen])
    return scores


def _rows(samples: _Samples, scores: F64, seed: int) -> list[Figures]:
    def part(name: str, rows: NDArray[np.bool_]) -> Figures:
        return figures(name, samples.label[rows], scores[rows], samples.group[rows], seed)

    sources = [part(name, samples.source == name) for name in dict.fromkeys(samples.source)]
    views = [part(f"{name} view", samples.view == name) for name in dict.fromkeys(samples.view)]
    return [*sources, *views, part("all", np.ones(len(scores), bool))]


def _from_small_source(samples: _Samples, name: str, seed: int) -> Figures | None:
    """The estimator trained on a source as small as the original's, judged on all others."""
    for source in dict.fromkeys(samples.source):
        mine = samples.source == source
        both = len(np.unique(samples.label[mine])) == 2
        if mine.sum() <= _SMALL_SOURCE and both and (~mine).any():
            scores = _predicted(_fitted(samples[mine], name), samples.features[~mine])
            part = f"all others, trained on {source} alone"
            return figures(part, samples.label[~mine], scores, samples.group[~mine], seed)
    return None


def _model(
    samples: _Samples,
    chosen: str,
    rows: tuple[Figures, ...],
    candidates: tuple[Candidate, ...],
    small: Figures | None,
    seed: int,
) -> PostureModel:
    pipeline = _fitted(samples, chosen)
    imputer, scaler, estimate = (step for _, step in pipeline.steps)
    return PostureModel(
        features=tuple(FEATURES),
        imputed=_numbers(imputer.statistics_),
        mean=_numbers(scaler.mean_),
        scale=_numbers(scaler.scale_),
        coefficients=_numbers(np.ravel(estimate.coef_)),
        intercept=round(float(np.ravel(estimate.intercept_)[0]), 6),
        link="logistic" if chosen == "logistic" else "identity",
        levels=_LEVELS,
        good=tuple(_numbers(row) for row in _good_postures(samples, imputer.statistics_)),
        provenance={
            "model": f"{chosen} of label (1 good, 0 bad), each group weighed the same",
            "rule": RULE,
            "folds": f"each group left out in turn (at most {_MAX_FOLDS} folds)",
            "figures": [_rounded(row) for row in rows],
            "candidates": [{"name": c.name, **_rounded(c.figures)} for c in candidates],
            "small_source": None if small is None else _rounded(small),
            "trained": datetime.now(UTC).date().isoformat(),
            "scikit_learn": sklearn.__version__,
            "seed": seed,
        },
    )


def _good_postures(samples: _Samples, imputed: F64) -> F64:
    """Mean features of good postures at each level of lean, (levels, n_features)."""
    lean = np.nan_to_num(samples.features[:, list(POSTURE).index("trunk_lean")])
    level = np.clip(np.searchsorted(_LEVELS, lean, side="right") - 1, 0, None)
    means = np.tile(imputed, (len(_LEVELS), 1))
    for place in range(len(_LEVELS)):
        rows = samples.features[(level == place) & (samples.label > 0.5)]
        known = np.isfinite(rows).any(0)
        if len(rows):
            means[place, known] = np.nanmean(rows[:, known], axis=0)
    return means


def _forest() -> RandomForestClassifier:
    return RandomForestClassifier(50, min_samples_leaf=20, random_state=0)


def _numbers(values: F64) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)


def _rounded(row: Figures) -> dict[str, object]:
    return {
        name: (round(value, 4) if np.isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in vars(row).items()
    }
