"""What training found out: its figures, all of lifters that the scores had not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sklearn
from numpy.typing import NDArray

from training.constrained_ridge import PRIOR_FAULT, PRIOR_TERM, STRENGTH
from training.evaluation import Figures, Ranged, SetTable, auc_of, calibration_bins
from training.lifts import LabelledLift
from training.rep_table import RepTable, clip_name

F64 = NDArray[np.float64]

#: Scores between which the fraction of good sets is counted. Chosen: ten sets each or more.
_EDGES = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])

#: Decimals of the figures in a model file.
_DIGITS = 4


@dataclass(frozen=True)
class DataCount:
    """What a source gave.

    Attributes:
        source: Its name.
        files: Number of labelled files.
        lifters: Number of lifters in them.
        sets: Number of files with repetitions that can be judged.
        good: Number of those labelled good.
        reps: Number of these repetitions.
    """

    source: str
    files: int
    lifters: int
    sets: int
    good: int
    reps: int


@dataclass(frozen=True, eq=False)
class Findings:
    """Figures of a training. All of them are of lifters that the scores had not seen.

    Attributes:
        data: What each source gave that was trained on.
        estimators: Figures of each estimator over all sources.
        parts: Figures of the shipped estimator: all sources, each source, each view; then all
            sources by the scores that an analysis shows.
        held_out: Figures of the shipped estimator on each source that was not trained on.
        postures: Figures of the original's way on single postures, by source.
        shared: Lifters who are seen in more than one source → these sources.
        words: Verdict → number of bad and of good sets that get it.
        phase_share: Fraction of the variance of log odds that the parts seen explain.
        shuffled: (shuffles,), AUC of models that were trained on shuffled labels.
        sets: The sets trained on, with their scores.
        seed: Of the bootstraps and shuffles.
    """

    data: tuple[DataCount, ...]
    estimators: tuple[Figures, ...]
    parts: tuple[Figures, ...]
    held_out: tuple[Figures, ...]
    postures: tuple[Figures, ...]
    shared: dict[str, tuple[str, ...]]
    words: dict[str, list[int]]
    phase_share: float
    shuffled: F64
    sets: SetTable
    seed: int

    def provenance(self) -> dict[str, object]:
        """The findings as a model file states them."""
        low, high = np.percentile(self.shuffled, [2.5, 97.5])
        reached = np.mean(self.shuffled >= auc_of(self.sets))
        return {
            "model": "ridge with weights of at least 0, drawn to an equal prior; two-number "
            "logistic calibration on unseen lifters",
            "prior": {"term": PRIOR_TERM, "fault": PRIOR_FAULT, "strength": STRENGTH},
            "folds": "each lifter left out in turn, from medians, widths, weights and calibration",
            "data": [vars(count) for count in self.data],
            "lifters": sorted({str(name) for name in self.sets.athlete}),
            "shared_lifters": {name: list(where) for name, where in self.shared.items()},
            "figures": {
                "estimators": [_plain(row) for row in self.estimators],
                "parts": [_plain(row) for row in self.parts],
                "held_out": [_plain(row) for row in self.held_out],
                "postures": [_plain(row) for row in self.postures],
                "calibration": [
                    {"sets": sets, "score": _rounded(score), "good": _rounded(good)}
                    for sets, score, good in calibration_bins(self.sets, _EDGES)
                ],
                "words": self.words,
                "phase_share": _rounded(self.phase_share),
                "shuffled_labels": {
                    "shuffles": len(self.shuffled),
                    "auc": _rounded(float(self.shuffled.mean())),
                    "low": _rounded(float(low)),
                    "high": _rounded(float(high)),
                    "as_good": _rounded(float(reached)),
                },
            },
            "trained": datetime.now(UTC).date().isoformat(),
            "scikit_learn": sklearn.__version__,
            "seed": self.seed,
        }


def count_data(lifts: Sequence[LabelledLift], reps: RepTable) -> tuple[DataCount, ...]:
    """What each source gave."""
    counts = []
    for source in dict.fromkeys(lift.source for lift in lifts):
        mine = [lift for lift in lifts if lift.source == source]
        judged = [lift for lift in mine if clip_name(lift) in reps.clip]
        counts.append(
            DataCount(
                source=source,
                files=len(mine),
                lifters=len({lift.athlete for lift in mine}),
                sets=len(judged),
                good=sum(lift.label for lift in judged),
                reps=int((reps.source == source).sum()),
            )
        )
    return tuple(counts)


def _plain(row: Figures) -> dict[str, object]:
    return {name: _plain_value(value) for name, value in vars(row).items()}


def _plain_value(value: object) -> object:
    if isinstance(value, Ranged):
        return [_rounded(value.value), _rounded(value.low), _rounded(value.high)]
    return _rounded(value) if isinstance(value, float) else value


def _rounded(value: float) -> float | None:
    return round(float(value), _DIGITS) if np.isfinite(value) else None
