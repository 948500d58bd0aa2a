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

#: Score of a lift without any observation. Measured: the mean posture score over 29 real clips,
#: good and bad; over 39 clips it is 0.59, with 0.51 to 0.68 in each.
PRIOR_SCORE = 0.6

#: Scores are shrunk toward `PRIOR_SCORE`; this is the prior's weight, in seconds of footage.
#: Chosen: mirrored, half-size and half-rate copies of a clip then score within 0.03 of it. That is
#: the limit of `benchmarks/clips.py --copies`, which therefore is no independent test of it. It is
#: about one rep: errors of joints are alike within a second, and average out over a set.
PRIOR_WEIGHT_S = 2.0

#: Cost of a fault with a confidence of 1, taken off the score of its repetition. Chosen: a fault
#: that is found in only one of two copies of a clip then moves its score by less than 0.03 (with
#: 0.04 one copy was off by 0.031). That is the limit of `benchmarks/clips.py --copies`, which
#: therefore is no independent test of it. A higher cost separated good from bad clips no better.
FAULT_COST = 0.03

#: Maximum cost of all faults of a repetition together. Chosen: faults share causes, and copies of a
#: clip may differ in more than one.
_MAX_COST = 0.05

#: Confidence up to which a fault costs nothing. Chosen: that of a value at its threshold, so that a
#: value that crosses the threshold in only one of two copies of a clip does not move the score.
FREE_BELOW_CONFIDENCE = 0.5


def score_postures(motion: Motion, plausibility: F64, model: PostureModel) -> F64:
    """Score the posture of each row, (n,), 0..1; NaN where it is impossible or hardly seen.

    Args:
        motion: the lifter's motion.
        plausibility: (n,), as in `Kinematics`.
        model: the posture model.
    """
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    scores = model.score(xy, confidence, turn_deg=motion.turn_deg).astype(np.float64)
    return np.where(plausibility > 0, scores, np.nan)


@dataclass(frozen=True, eq=False)
class SetScores:
    """Scores of a set. set_score: NaN if no posture has one. reps: (reps,), likewise."""

    set_score: float
    reps: F64


def score_set(
    scores: F64, plausibility: F64, time_s: F64, reps: Sequence[RepBoundaries], costs: F64
) -> SetScores:
    """Score the set and each repetition.

    The set's score is the mean over postures, weighted by duration and plausibility, and shrunk
    toward `PRIOR_SCORE`. A repetition's difference from the set is shrunk toward 0 likewise, so
    that a single repetition has the score of its set. One whose body is not seen has none, and does
    not count.

    Args:
        scores: of each posture, (n,).
        plausibility: (n,), as in `Kinematics`.
        time_s: (n,), as in `Motion`.
        reps: the repetitions; if there are none to judge, all postures count.
        costs: cost of the faults of each repetition, (reps,).
    """
    known = np.isfinite(scores)
    seconds = np.where(known, plausibility, 0) * _durations_s(time_s)
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
            own_weight = mine_s / (mine_s + PRIOR_WEIGHT_S)
            each[number] = whole + (mine - mean - costs[number]) * own_weight
            off[number] = costs[number] * own_weight
    judged = [number for number, rep in enumerate(reps) if rep.body_seen]
    cost = float(off[judged].mean()) if judged else 0.0
    return SetScores(float(np.clip(whole - cost, 0, 1)), np.clip(each, 0, 1))


def compute_fault_costs(found: Sequence[Fault], reps: int) -> F64:
    """Cost of the faults of each repetition, (reps,), to be taken off its score.

    Posture scores do not depend on motion; faults do. A fault's cost rises with its confidence,
    from 0 at `FREE_BELOW_CONFIDENCE` to `FAULT_COST` at 1.
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
    """Rows of all repetitions whose body is seen; the first `rows` where there is none."""
    judged = [np.arange(rep.start, rep.end + 1) for rep in reps if rep.body_seen]
    return np.concatenate(judged) if judged else np.arange(rows)


def _durations_s(time_s: F64) -> F64:
    """Duration of each frame, (n,); a single picture counts for a second."""
    return np.gradient(time_s) if len(time_s) > 1 else np.ones(len(time_s))


def _mean(scores: F64, seconds: F64, rows: Rows) -> tuple[float, float]:
    """Mean score over rows weighted by seconds, and their sum; NaN, 0 where nothing is known."""
    total = float(seconds[rows].sum())
    part = np.nan_to_num(scores[rows]) @ seconds[rows]
    return (float(part / total), total) if total > 0 else (float("nan"), 0.0)
