"""The scores of postures, repetitions and the set, and what faults take off them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import RepBoundaries
from services.scorer.score.posture_model import PostureModel
from shared.data.analysis import Fault

F64 = NDArray[np.float64]
Rows = NDArray[np.int64]

#: The score of a lift of which nothing is known: the mean over 29 real clips, good and bad.
PRIOR_SCORE = 0.6

#: A set is judged as if so many seconds of a usual lift had been seen besides, about one rep's. The
#: joints of one second of film are off all at once; those of a whole set are not.
PRIOR_WEIGHT_S = 2.0

#: What a fault that is beyond doubt takes off the score of its repetition. More separates good from
#: bad clips no better, and a fault that is found in one copy of a clip and not in another would
#: move the score by more than 0.03.
FAULT_COST = 0.03

#: All faults of a repetition together cost no more than this: they share causes.
_MAX_COST = 0.05

#: Up to this confidence, which is that of a value at its threshold, a fault costs nothing: what is
#: barely a fault in one copy of a clip and barely none in another scores alike.
FREE_BELOW_CONFIDENCE = 0.5


def score_postures(motion: Motion, plausible: F64, model: PostureModel) -> F64:
    """Score of each row's posture, (n,), 0..1; NaN where too little is seen, or no body.

    Args:
        motion: the lifter's.
        plausible: (n,), as in `Kinematics`.
        model: judges the joints.
    """
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    return np.where(plausible > 0, model.score(xy, confidence).astype(np.float64), np.nan)


@dataclass(frozen=True, eq=False)
class SetScores:
    """Scores of a set. set_score: NaN if no posture has one. reps: (reps,), likewise."""

    set_score: float
    reps: F64


def score_set(
    scores: F64, plausible: F64, time_s: F64, reps: Sequence[RepBoundaries], costs: F64
) -> SetScores:
    """Scores of the set and of each repetition.

    A posture counts for as long as it is seen and as far as it can be a body's. The set's mean is
    shrunk toward `PRIOR_SCORE`, whose weight is `PRIOR_WEIGHT_S` seconds of footage; a repetition's
    difference from it is shrunk toward 0 likewise, so that both scores of a single repetition are
    the same.

    Args:
        scores: of each posture, (n,).
        plausible: (n,), as in `Kinematics`.
        time_s: (n,), as in `Motion`.
        reps: if there are none, all postures count.
        costs: what faults take off each repetition, (reps,).
    """
    known = np.isfinite(scores)
    seconds = np.where(known, plausible, 0) * _lasts_s(time_s)
    lifting = rows_of_reps(reps, len(scores))
    if not seconds[lifting].any():
        lifting = np.arange(len(scores))
    mean, seen_s = _mean(scores, seconds, lifting)
    if not seen_s > 0:
        return SetScores(float("nan"), np.full(len(reps), np.nan))
    whole = (mean * seen_s + PRIOR_SCORE * PRIOR_WEIGHT_S) / (seen_s + PRIOR_WEIGHT_S)
    each, off = np.full(len(reps), np.nan), np.zeros(len(reps))
    for number, rep in enumerate(reps):
        mine, mine_s = _mean(scores, seconds, rows_of_reps([rep], 0))
        if mine_s > 0:
            share = mine_s / (mine_s + PRIOR_WEIGHT_S)
            each[number] = whole + (mine - mean - costs[number]) * share
            off[number] = costs[number] * share
    cost = float(off.mean()) if len(costs) else 0.0
    return SetScores(float(np.clip(whole - cost, 0, 1)), np.clip(each, 0, 1))


def compute_fault_costs(found: Sequence[Fault], reps: int) -> F64:
    """What the faults of each repetition take off its score, (reps,).

    A posture's score does not know what moved before and after; a fault does. Each costs in
    proportion to how sure it is, from nothing at its threshold to `FAULT_COST` beyond doubt.
    """
    costs = np.zeros(reps)
    for fault in found:
        costs[fault.rep - 1] += (
            FAULT_COST
            * max(0.0, fault.confidence - FREE_BELOW_CONFIDENCE)
            / (1 - FREE_BELOW_CONFIDENCE)
        )
    return np.minimum(costs, _MAX_COST)


def rows_of_reps(reps: Sequence[RepBoundaries], rows: int) -> Rows:
    """Rows in which the lifter lifts; the first `rows` where there is no repetition."""
    if not reps:
        return np.arange(rows)
    return np.concatenate([np.arange(rep.start, rep.end + 1) for rep in reps])


def _lasts_s(time_s: F64) -> F64:
    """How long each frame stands, (n,); a single picture counts for a second."""
    return np.gradient(time_s) if len(time_s) > 1 else np.ones(len(time_s))


def _mean(scores: F64, seconds: F64, rows: Rows) -> tuple[float, float]:
    """Mean score over rows by their seconds, and these together; NaN, 0 where nothing is known."""
    total = float(seconds[rows].sum())
    part = np.nan_to_num(scores[rows]) @ seconds[rows]
    return (float(part / total), total) if total > 0 else (float("nan"), 0.0)
