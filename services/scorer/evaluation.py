"""How well scores tell good from bad: AUC, Brier score, intervals, calibration.

Only training uses it. All weigh each group the same, whatever its number of postures.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

F64 = NDArray[np.float64]

_BOOTSTRAPS = 400

#: Bins of the calibration plot.
_BINS = 8


@dataclass(frozen=True)
class Figures:
    """How well scores of unseen groups separate good from bad in one part of the data.

    auc: area under the ROC curve with a 95 % interval (bootstrap over groups); NaN where the part
    has but one label. brier: mean squared error; majority: that of always giving the share of good
    postures.
    """

    part: str
    postures: int
    groups: int
    good: float
    auc: float
    auc_low: float
    auc_high: float
    brier: float
    majority: float


def figures(part: str, label: F64, score: F64, group: NDArray[np.str_], seed: int) -> Figures:
    """Figures of some postures: label 0 or 1, score 0..1, group, each (n,)."""
    weight = group_weights(group)
    good = float(np.average(label, weights=weight))
    low, high = _interval(label, score, group, seed)
    return Figures(
        part=part,
        postures=len(label),
        groups=len(np.unique(group)),
        good=good,
        auc=auc(label, score, weight),
        auc_low=low,
        auc_high=high,
        brier=float(brier_score_loss(label, score, sample_weight=weight)),
        majority=float(np.average((good - label) ** 2, weights=weight)),
    )


def group_weights(group: NDArray[np.str_]) -> F64:
    """Weights (n,) by which each group counts the same; their mean is 1."""
    _, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    weight = 1.0 / counts[place]
    return np.asarray(weight / weight.mean())


def auc(label: F64, score: F64, weight: F64) -> float:
    """Area under the ROC curve, NaN where there is but one label."""
    if len(np.unique(label)) < 2:
        return float("nan")
    return float(roc_auc_score(label, score, sample_weight=weight))


def _interval(label: F64, score: F64, group: NDArray[np.str_], seed: int) -> tuple[float, float]:
    """95 % interval of the AUC when groups are drawn anew with replacement."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(group == name) for name in np.unique(group)]
    aucs = []
    for _ in range(_BOOTSTRAPS):
        drawn = [members[i] for i in rng.integers(len(members), size=len(members))]
        rows = np.concatenate(drawn)
        weight = np.concatenate([np.full(len(m), 1 / len(m)) for m in drawn])
        aucs.append(auc(label[rows], score[rows], weight))
    known = [value for value in aucs if np.isfinite(value)]
    if not known:
        return float("nan"), float("nan")
    return float(np.percentile(known, 2.5)), float(np.percentile(known, 97.5))


def calibration_plot(label: F64, score: F64, group: NDArray[np.str_]) -> NDArray[np.uint8]:
    """A picture, BGR uint8: share of good postures over the score that unseen groups were given."""
    side, margin = 480, 60
    image = np.full((side, side, 3), 255, np.uint8)
    weight = group_weights(group)

    def at(x: float, y: float) -> tuple[int, int]:
        span = side - 2 * margin
        return round(margin + x * span), round(side - margin - y * span)

    for share in (0.0, 0.5, 1.0):
        cv2.line(image, at(share, 0), at(share, 1), (225, 225, 225), 1)
        cv2.line(image, at(0, share), at(1, share), (225, 225, 225), 1)
        for place in (at(share, -0.07), at(-0.11, share)):
            cv2.putText(image, f"{share:g}", place, 0, 0.45, (90, 90, 90), 1, cv2.LINE_AA)
    cv2.line(image, at(0, 0), at(1, 1), (170, 170, 170), 1, cv2.LINE_AA)
    before = None
    for low in np.arange(_BINS) / _BINS:
        inside = (score >= low) & ((score < low + 1 / _BINS) | (low + 1 / _BINS >= 1))
        if not inside.any():
            continue
        x = float(np.average(score[inside], weights=weight[inside]))
        y = float(np.average(label[inside], weights=weight[inside]))
        size = round(3 + 12 * float(np.sqrt(weight[inside].sum() / weight.sum())))
        if before is not None:
            cv2.line(image, before, at(x, y), (176, 105, 36), 2, cv2.LINE_AA)
        before = at(x, y)
        cv2.circle(image, before, size, (176, 105, 36), -1, cv2.LINE_AA)
    for text, place in (
        ("score given to unseen lifters", (margin + 70, side - 14)),
        ("share that was labelled good", (10, 24)),
    ):
        cv2.putText(image, text, place, 0, 0.5, (60, 60, 60), 1, cv2.LINE_AA)
    return image
