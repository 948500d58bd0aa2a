"""How well scores separate good from bad postures: AUC and Brier score, with intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.samples import Samples

F64 = NDArray[np.float64]

#: Draws of the bootstrap behind each interval. Chosen: a usual number for 95 % intervals.
_BOOTSTRAPS = 1000

#: Minimum number of groups for an interval. Chosen: resampling one or two says nothing about
#: others.
_MIN_GROUPS = 3

#: Decimals to which scores are rounded before they are compared. Chosen: users see no more.
_DIGITS = 3


@dataclass(frozen=True)
class Figures:
    """How well scores of unseen groups separate good from bad in one part of the data.

    Postures are weighted as in `Samples`; all clips have the same weight. `_low` and `_high` are
    95 % intervals by a bootstrap over groups, NaN where there are too few groups.

    Attributes:
        part: Name of the part.
        postures: Number of postures.
        clips: Number of clips.
        groups: Number of groups.
        good: Fraction of good postures.
        auc: Area under the ROC curve of postures, NaN where the part has only one label.
        auc_low: Lower end of its interval.
        auc_high: Upper end of its interval.
        clip_auc: The same for the mean scores of clips.
        clip_auc_low: Lower end of its interval.
        clip_auc_high: Upper end of its interval.
        brier: Mean squared error of the scores.
        brier_low: Lower end of its interval.
        brier_high: Upper end of its interval.
        majority: Mean squared error of always giving the fraction of good postures.
    """

    part: str
    postures: int
    clips: int
    groups: int
    good: float
    auc: float
    auc_low: float
    auc_high: float
    clip_auc: float
    clip_auc_low: float
    clip_auc_high: float
    brier: float
    brier_low: float
    brier_high: float
    majority: float


def figures(part: str, samples: Samples, score: F64, seed: int) -> Figures:
    """Compute the figures of one part of the data.

    Args:
        part: name of the part.
        samples: its postures.
        score: (n,), their scores, 0..1.
        seed: of the bootstrap.
    """
    weight, label = samples.weight, samples.label
    clips, first, clip_of = np.unique(samples.clip, return_index=True, return_inverse=True)
    clip_score = np.bincount(clip_of, score) / np.bincount(clip_of)
    drawn = _draws(len(np.unique(samples.group)), seed)
    posture_aucs = _aucs(label, score, weight, samples.group, drawn)
    clip_aucs = _aucs(label[first], clip_score, np.ones(len(clips)), samples.group[first], drawn)
    briers = _means((score - label) ** 2, weight, samples.group, drawn)
    good = float(np.average(label, weights=weight))
    return Figures(
        part,
        len(samples),
        len(clips),
        len(drawn[0]),
        good,
        *_interval(posture_aucs),
        *_interval(clip_aucs),
        *_interval(briers),
        float(np.average((good - label) ** 2, weights=weight)),
    )


def _draws(groups: int, seed: int) -> F64:
    """How often each group is drawn, (1 + draws, groups): once each, then with replacement."""
    rng = np.random.default_rng(seed)
    draws = _BOOTSTRAPS if groups >= _MIN_GROUPS else 0
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)
    return np.concatenate([np.ones((1, groups)), drawn])


def _interval(values: F64) -> tuple[float, float, float]:
    """The first value and the 95 % interval of the others."""
    known = values[1:][np.isfinite(values[1:])]
    if not known.size:
        return float(values[0]), float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(values[0]), float(low), float(high)


def _aucs(label: F64, score: F64, weight: F64, group: NDArray[np.str_], drawn: F64) -> F64:
    """AUC for each draw of groups, (draws,); NaN where a draw has only one label.

    The AUC is the fraction of pairs of a good and a bad posture in which the good one has the
    higher score; ties count half.
    """
    groups, levels = (np.unique(x, return_inverse=True)[1] for x in (group, score.round(_DIGITS)))
    shape = (drawn.shape[1], int(levels.max()) + 1)
    good, bad = np.zeros(shape), np.zeros(shape)
    np.add.at(good, (groups, levels), weight * label)
    np.add.at(bad, (groups, levels), weight * (1 - label))
    good, bad = drawn @ good, drawn @ bad
    below = np.cumsum(bad, axis=1) - bad / 2
    total = good.sum(1) * bad.sum(1)
    return np.asarray((good * below).sum(1) / np.where(total > 0, total, np.nan))


def _means(values: F64, weight: F64, group: NDArray[np.str_], drawn: F64) -> F64:
    """Weighted mean for each draw of groups, (draws,)."""
    groups = np.unique(group, return_inverse=True)[1]
    return np.asarray(
        drawn @ np.bincount(groups, values * weight) / (drawn @ np.bincount(groups, weight))
    )
