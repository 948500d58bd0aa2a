"""Trains the posture model: several estimators, each evaluated on lifters it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sklearn
from numpy.typing import NDArray
from services.scorer.score.posture_model import PostureModel
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

from shared.errors import UsageError
from training.datasets import LabelledPoses
from training.estimators import ESTIMATORS, LINEAR, VOTING, fit
from training.evaluation import Figures, figures
from training.model_file import build_model
from training.samples import Samples, gather

F64 = NDArray[np.float64]

#: Maximum number of folds; up to this number of groups, each group is left out alone. Chosen: more
#: folds take longer and change nothing.
_MAX_FOLDS = 20

#: Maximum number of clips of a source that is also evaluated as the only training data. Chosen: the
#: original of 2019 had 11 pictures.
_SMALL_SOURCE = 12

#: How the estimator is chosen, as the model file states it.
RULE = (
    "of the linear estimators, whose reasons can be named, the one with the lowest Brier score on "
    "groups it has not seen; ridge where another is better by less than 0.002"
)

#: Difference of Brier scores below which ridge is preferred. Chosen: far within the intervals.
_MARGIN = 0.002


@dataclass(frozen=True)
class Candidate:
    """An estimator and its figures on all unseen groups."""

    name: str
    figures: Figures


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """A trained model and its figures.

    Attributes:
        model: The model, trained on all samples.
        chosen: Name of its estimator.
        rows: Figures of the chosen estimator: one row per source, one per view and one over all;
            then one per source that was held out; then those of a model that was trained on the
            smallest source alone (the original's pictures).
        candidates: Figures of all estimators over all samples.
        samples: All postures trained on.
        score: float64 (n,), the score of each by a model that has not seen its group.
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
    """Train on all sets together, weighted by `even_weights`.

    Args:
        sets: labelled postures.
        seed: of the bootstrap.
        estimator: name of an estimator that can be shipped, or "auto" for `RULE`.
        held_out: labelled postures on which the finished model is only evaluated.

    Raises:
        UsageError: good or bad postures are missing, or there are fewer than four groups; or no
            estimator that can be shipped has this name.
    """
    if estimator not in (*LINEAR, "auto"):
        raise UsageError(
            f"--model takes auto, {', '.join(LINEAR)}, not {estimator!r}: others are compared, but "
            "cannot explain a score"
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
    model = build_model(samples, chosen, _provenance(chosen, rows, candidates, seed))
    return TrainingReport(model, chosen, rows, candidates, samples, scores[chosen])


def _best(candidates: Sequence[Candidate]) -> str:
    brier = {c.name: c.figures.brier for c in candidates if c.name in LINEAR}
    best = min(brier, key=lambda name: brier[name])
    return "ridge" if brier["ridge"] - brier[best] < _MARGIN else best


def unseen_scores(samples: Samples, name: str) -> F64:
    """Score each posture by a model that was trained without its group, (n,)."""
    groups = len(np.unique(samples.group))
    splitter = LeaveOneGroupOut() if groups <= _MAX_FOLDS else GroupKFold(_MAX_FOLDS)
    scores = np.empty(len(samples))
    for seen, unseen in splitter.split(samples.features, samples.label, samples.group):
        chosen = np.zeros(len(samples), bool)
        chosen[seen] = True
        if len(np.unique(samples.label[chosen])) < 2:
            scores[unseen] = samples.label[chosen].mean()  # only one label to learn from
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
    """Compare the model with one that was trained on the smallest source alone.

    Both are evaluated on all other sources, trained on or held out. Empty where no source is as
    small as the original's.
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


def _provenance(
    chosen: str, rows: Sequence[Figures], candidates: Sequence[Candidate], seed: int
) -> dict[str, object]:
    """How the model was made and evaluated, as its file states it."""
    return {
        "model": f"{chosen} of label (1 good, 0 bad) on features and their products",
        "weights": "each clip the same; good and bad the same in each view of each source",
        "rule": RULE,
        "folds": f"each group left out in turn (at most {_MAX_FOLDS} folds)",
        "figures": [_rounded(row) for row in rows],
        "candidates": [{"name": c.name, **_rounded(c.figures)} for c in candidates],
        "trained": datetime.now(UTC).date().isoformat(),
        "scikit_learn": sklearn.__version__,
        "seed": seed,
    }


def _rounded(row: Figures) -> dict[str, object]:
    return {
        name: (round(value, 4) if np.isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in vars(row).items()
    }
