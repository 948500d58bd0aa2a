"""Trains the posture model: several estimators, each judged on lifters it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from services.scorer.score.features import FEATURES
from services.scorer.score.posture_model import PHASE, PostureModel
from shared.errors import UsageError
from training.datasets import LabelledPoses
from training.estimators import ESTIMATORS, LIMIT, LINEAR, VOTING, fit
from training.evaluation import Figures, figures
from training.samples import Samples, gather

F64 = NDArray[np.float64]

#: Beyond so many groups, leaving each out alone takes long and says nothing more.
_MAX_FOLDS = 20

#: Heights of the hands, trunk lengths over the ankles, from which a posture is compared with other
#: good postures: on the floor or just off it, below the knees, above them, at lockout.
_LEVELS = (-10.0, 0.45, 0.75, 1.05)

#: The original of 2019 had 11 pictures; the smallest source, of up to so many pictures or clips, is
#: evaluated alone as well.
_SMALL_SOURCE = 12

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

    rows: of the chosen estimator, one a source, one a view, one over all; then what it does on
    sources that were held out, and what the smallest source alone (the original's pictures) would
    do on the same. candidates: all estimators over all. samples, score: of all postures trained on,
    (n,), as unseen.
    """

    model: PostureModel
    chosen: str
    rows: tuple[Figures, ...]
    candidates: tuple[Candidate, ...]
    samples: Samples
    score: F64


def train(
    sets: Sequence[LabelledPoses],
    seed: int,
    estimator: str = "auto",
    held_out: Sequence[LabelledPoses] = (),
) -> TrainingReport:
    """Train on all sets together, with weights by which neither source nor view tells the label.

    Args:
        sets: labelled postures.
        seed: of the bootstrap.
        estimator: a name of `ESTIMATORS` that can be shipped, or "auto" for `RULE`.
        held_out: labelled postures on which the finished model is only judged.

    Raises:
        UsageError: there are not both good and bad postures of at least two groups, or no estimator
            that can be shipped has this name.
    """
    if estimator not in (*LINEAR, "auto"):
        raise UsageError(
            f"--model takes auto, {', '.join(LINEAR)}, not {estimator!r}: others are compared, but "
            "cannot name their reasons"
        )
    samples = gather(sets)
    if len(np.unique(samples.label)) < 2 or len(np.unique(samples.group)) < 4:
        raise UsageError("training needs good and bad postures, of at least four clips or lifters")
    scores = {name: unseen_scores(samples, name) for name in ESTIMATORS}
    scores["voting"] = np.mean([scores[name] for name in VOTING], axis=0)
    candidates = tuple(
        Candidate(name, figures("all", samples, score, seed)) for name, score in scores.items()
    )
    chosen = _best(candidates) if estimator == "auto" else estimator
    others = [gather([poses]) for poses in held_out]
    rows = (
        *_parts(samples, scores[chosen], seed),
        *_held_out(samples, chosen, others, seed),
        *_small_source(samples, scores[chosen], chosen, others, seed),
    )
    model = _model(samples, chosen, rows, candidates, seed)
    return TrainingReport(model, chosen, rows, candidates, samples, scores[chosen])


def _best(candidates: Sequence[Candidate]) -> str:
    brier = {c.name: c.figures.brier for c in candidates if c.name in LINEAR}
    best = min(brier, key=lambda name: brier[name])
    return "ridge" if brier["ridge"] - brier[best] < _MARGIN else best


def unseen_scores(samples: Samples, name: str) -> F64:
    """Each posture's score by a model that was trained without its group."""
    groups = len(np.unique(samples.group))
    splitter = LeaveOneGroupOut() if groups <= _MAX_FOLDS else GroupKFold(_MAX_FOLDS)
    scores = np.empty(len(samples))
    for seen, unseen in splitter.split(samples.features, samples.label, samples.group):
        chosen = np.zeros(len(samples), bool)
        chosen[seen] = True
        if len(np.unique(samples.label[chosen])) < 2:
            scores[unseen] = samples.label[chosen].mean()  # nothing to tell apart
            continue
        scores[unseen] = fit(samples[chosen], name).predict(samples.features[unseen])
    return scores


def _parts(samples: Samples, scores: F64, seed: int) -> list[Figures]:
    def part(name: str, rows: NDArray[np.bool_]) -> Figures:
        return figures(name, samples[rows], scores[rows], seed)

    sources = [part(name, samples.source == name) for name in dict.fromkeys(samples.source)]
    views = [part(f"{name} view", samples.view == name) for name in dict.fromkeys(samples.view)]
    return [*sources, *views, part("all", np.ones(len(scores), bool))]


def _held_out(samples: Samples, chosen: str, others: Sequence[Samples], seed: int) -> list[Figures]:
    fitted = fit(samples, chosen)
    return [
        figures(f"{o.source[0]}, held out", o, fitted.predict(o.features), seed) for o in others
    ]


def _small_source(
    samples: Samples, scores: F64, chosen: str, others: Sequence[Samples], seed: int
) -> list[Figures]:
    """The estimator trained on a source as small as the original's, and on the same postures ours.

    Both are judged on all other sources, on those trained on and on those held out.
    """
    clips = {
        name: len(np.unique(samples.clip[samples.source == name]))
        for name in np.unique(samples.source)
    }
    source = min(clips, key=lambda name: clips[name])
    mine = samples.source == source
    both = len(np.unique(samples.label[mine])) == 2
    if clips[source] > _SMALL_SOURCE or not both or mine.all():
        return []
    alone, rest = fit(samples[mine], chosen), samples[~mine]
    by = f"trained on {source} alone"
    return [
        figures(f"all but {source}", rest, scores[~mine], seed),
        figures(f"all but {source}, {by}", rest, alone.predict(rest.features), seed),
        *(figures(f"{o.source[0]}, {by}", o, alone.predict(o.features), seed) for o in others),
    ]


def _model(
    samples: Samples,
    chosen: str,
    rows: tuple[Figures, ...],
    candidates: tuple[Candidate, ...],
    seed: int,
) -> PostureModel:
    fitted = fit(samples, chosen)
    coefficients, pairs, intercept = fitted.linear
    return PostureModel(
        features=tuple(FEATURES),
        mean=_numbers(fitted.mean),
        scale=_numbers(fitted.scale),
        limit=LIMIT,
        coefficients=_numbers(coefficients),
        pairs=tuple(_numbers(row) for row in pairs),
        intercept=round(intercept, 6),
        link="logistic" if chosen == "logistic" else "identity",
        levels=_LEVELS,
        good=tuple(_numbers(row) for row in _good_postures(samples, fitted.mean)),
        provenance={
            "model": f"{chosen} of label (1 good, 0 bad) on features and their products",
            "weights": "each clip the same; good and bad the same in each view of each source",
            "rule": RULE,
            "folds": f"each group left out in turn (at most {_MAX_FOLDS} folds)",
            "figures": [_rounded(row) for row in rows],
            "candidates": [{"name": c.name, **_rounded(c.figures)} for c in candidates],
            "trained": datetime.now(UTC).date().isoformat(),
            "scikit_learn": sklearn.__version__,
            "seed": seed,
        },
    )


def _good_postures(samples: Samples, mean: F64) -> F64:
    """Mean features of good postures at each height of the hands, (levels, n_features)."""
    height = samples.features[:, list(FEATURES).index(PHASE)]
    level = np.clip(np.searchsorted(_LEVELS, height, side="right") - 1, 0, None)
    means = np.tile(mean, (len(_LEVELS), 1))
    for place in range(len(_LEVELS)):
        here = (level == place) & (samples.label > 0.5) & np.isfinite(height)
        features = samples.features[here]
        weight = np.where(np.isfinite(features), samples.weight[here, None], 0.0)
        known = weight.sum(0) > 0
        sums = (np.nan_to_num(features) * weight).sum(0)
        means[place, known] = sums[known] / weight.sum(0)[known]
    return means


def _numbers(values: F64) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)


def _rounded(row: Figures) -> dict[str, object]:
    return {
        name: (round(value, 4) if np.isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in vars(row).items()
    }
