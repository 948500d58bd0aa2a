"""How well scores of sets separate good from bad lifts: AUC, Brier score, calibration.

A set is all repetitions of a file that can be judged; its log odds are the mean of theirs. Pairs of
a good and a bad set are compared within a source only: across sources a label means something else,
and camera and network differ. Intervals are those of a bootstrap over lifters, who are drawn as a
whole, over all sources at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.lift_model import probability
from training.calibration import calibrate_each
from training.rep_table import RepTable

F64 = NDArray[np.float64]
Texts = NDArray[np.str_]

#: Draws of the bootstrap behind each interval. Chosen: a usual number for 95 % intervals.
_BOOTSTRAPS = 1000

#: Minimum number of lifters for an interval. Chosen: resampling one or two says nothing about
#: others.
_MIN_LIFTERS = 3


#: Decimals to which log odds are rounded before they are compared. Chosen: users see no more.
_DIGITS = 3


@dataclass(frozen=True, eq=False)
class SetTable:
    """Sets with their scores; n of them.

    Attributes:
        log_odds: float64 (n,), log odds of "good" by models that have not seen the lifter.
        label: float64 (n,), 1 good, 0 bad.
        athlete: (n,) strings.
        clip: (n,) strings, "source: file".
        source: (n,) strings.
        view: (n,) strings.
    """

    log_odds: F64
    label: F64
    athlete: Texts
    clip: Texts
    source: Texts
    view: Texts

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, rows: NDArray[np.bool_]) -> "SetTable":
        return SetTable(*(values[rows] for values in vars(self).values()))


@dataclass(frozen=True)
class Ranged:
    """A figure with its 95 % interval; NaN where there is none."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True)
class Figures:
    """How well the scores of unseen lifters' sets agree with their labels in one part of the data.

    Attributes:
        part: Name of the part.
        sets: Number of sets.
        good: Number of good sets.
        lifters: Number of lifters.
        auc: Area under the ROC curve within sources; for several sources their mean, weighted by
            number of lifters. NaN where no source has both labels.
        pairs_auc: The same over the pairs of all sources together.
        brier: Mean squared error of the scores; 0.25 is that of always saying 0.5.
        slope: Slope of a logistic regression of the label on the log odds; below 1 scores are too
            sure, above 1 not sure enough.
        score_sd: Standard deviation of the scores.
    """

    part: str
    sets: int
    good: int
    lifters: int
    auc: Ranged
    pairs_auc: Ranged
    brier: Ranged
    slope: Ranged
    score_sd: float


def sets_of(reps: RepTable, log_odds: F64) -> SetTable:
    """The sets of repetitions whose log odds are given, (n,)."""
    clips, first, of = np.unique(reps.clip, return_index=True, return_inverse=True)
    mean = np.bincount(of, log_odds) / np.bincount(of)
    of_first = (reps.athlete[first], clips, reps.source[first], reps.view[first])
    return SetTable(mean, reps.label[first], *of_first)


def figures(part: str, sets: SetTable, seed: int) -> Figures:
    """Compute the figures of one part of the data; `seed` is that of the bootstrap."""
    lifters, of = np.unique(sets.athlete, return_inverse=True)
    drawn = _draws(len(lifters), seed)[:, of]
    by_source, pairs = _aucs(sets, drawn)
    score = probability(sets.log_odds)
    error = (score - sets.label) ** 2
    return Figures(
        part=part,
        sets=len(sets),
        good=int(sets.label.sum()),
        lifters=len(lifters),
        auc=_ranged(by_source),
        pairs_auc=_ranged(pairs),
        brier=_ranged(drawn @ error / np.maximum(drawn.sum(1), 1e-12)),
        slope=_ranged(_slopes(sets, drawn)),
        score_sd=float(score.std()),
    )


def auc_of(sets: SetTable) -> float:
    """The AUC within sources, as in `Figures.auc`."""
    return float(_aucs(sets, np.ones((1, len(sets))))[0][0])


def calibration_bins(sets: SetTable, edges: F64) -> list[tuple[int, float, float]]:
    """Number of sets, mean score and fraction of good ones between consecutive edges."""
    score = probability(sets.log_odds)
    bins = np.clip(np.searchsorted(edges, score, side="right") - 1, 0, len(edges) - 2)
    return [
        (int(inside.sum()), float(score[inside].mean()), float(sets.label[inside].mean()))
        for inside in (bins == number for number in range(len(edges) - 1))
        if inside.any()
    ]


def _draws(lifters: int, seed: int) -> F64:
    """How often each lifter is drawn, (1 + draws, lifters): once each, then with replacement."""
    rng = np.random.default_rng(seed)
    draws = _BOOTSTRAPS if lifters >= _MIN_LIFTERS else 0
    drawn = rng.multinomial(lifters, np.full(lifters, 1 / lifters), size=draws)
    return np.concatenate([np.ones((1, lifters)), drawn])


def _aucs(sets: SetTable, drawn: F64) -> tuple[F64, F64]:
    """AUC within sources for each draw of sets (draws, n): mean over sources, and over pairs."""
    log_odds = sets.log_odds.round(_DIGITS)
    right, total = np.zeros(len(drawn)), np.zeros(len(drawn))
    means, weights = np.zeros(len(drawn)), np.zeros(len(drawn))
    for source in np.unique(sets.source):
        here = sets.source == source
        good, bad = here & (sets.label > 0.5), here & (sets.label < 0.5)
        above = log_odds[good][:, None] - log_odds[bad][None]
        wins = (above > 0) + 0.5 * (above == 0)
        won = np.einsum("di,ij,dj->d", drawn[:, good], wins, drawn[:, bad])
        pairs = drawn[:, good].sum(1) * drawn[:, bad].sum(1)
        lifters = len(np.unique(sets.athlete[here]))
        means += lifters * np.divide(won, pairs, out=np.zeros(len(drawn)), where=pairs > 0)
        weights += lifters * (pairs > 0)
        right, total = right + won, total + pairs
    return _divided(means, weights), _divided(right, total)


def _divided(values: F64, by: F64) -> F64:
    return np.asarray(np.divide(values, by, out=np.full(len(values), np.nan), where=by > 0))


def _slopes(sets: SetTable, drawn: F64) -> F64:
    """Slope of the labels on the log odds for each draw of sets, NaN where there is none."""
    if not np.ptp(sets.log_odds) > 0:
        return np.full(len(drawn), np.nan)
    return calibrate_each(sets.log_odds, sets.label, drawn)[:, 1]


def _ranged(values: F64) -> Ranged:
    """The first value and the 95 % interval of the others."""
    known = values[1:][np.isfinite(values[1:])]
    if not known.size:
        return Ranged(float(values[0]))
    low, high = np.percentile(known, [2.5, 97.5])
    return Ranged(float(values[0]), float(low), float(high))
