"""Scores of repetitions, of the set and of frames: chances that a coach calls them good. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults.judging import Results
from services.scorer.faults.rep_view import RepView
from services.scorer.faults.rule import FaultRule
from services.scorer.observe import ObservedLift
from services.scorer.score.evidence import RepEvidence, gather_evidence
from services.scorer.score.lift_model import LiftModel, probability
from services.scorer.score.lift_parts import PARTS, part_weights
from services.scorer.score.score_explanation import explain_losses
from services.scorer.score.terms import TERMS
from services.scorer.score.unscored import why_unscored
from services.scorer.score.values import VALUES
from shared.data.analysis import Contribution, Verdict
from shared.data.skeleton import NECK

F64 = NDArray[np.float64]

#: Weight of not knowing, in seconds of footage: log odds are drawn to 0 (a score of 0.5) by
#: seen / (seen + this). Chosen: of a second of a lift, four fifths count.
_UNKNOWN_S = 0.25

#: Number of jittered copies of a set, and the standard deviation by which the excess of a fault
#: differs between them, in margins. Chosen: 200 copies give an interval to a tenth of itself;
#: margins are about the error of what a rule measures, of which half is the same in all lifts.
_COPIES, _FAULT_JITTER = 200, 0.3

#: Standard deviations in half of a score's interval. Derived: 80 % of a normal distribution.
_HALF_INTERVAL = 1.28

#: Lowest score of a good set, the score below which it is poor, and the score that the interval of
#: either must not reach. Chosen: 6 of 10 coaches are clearly more than half of them.
_GOOD, _POOR, _EVEN = 0.6, 0.4, 0.5


@dataclass(frozen=True)
class Score:
    """The score of a set or of a repetition, as in `shared.data.analysis.Summary`."""

    score: float = float("nan")
    score_interval: tuple[float, float] | None = None
    verdict: Verdict = Verdict.NONE
    undiminished: float = float("nan")
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, eq=False)
class LiftScores:
    """All scores of a lift.

    Attributes:
        whole: The score of the set.
        reps: The score of each repetition; one that is not judged has none.
        frames: float64 (n,), the score of each frame; NaN outside repetitions.
        unscored: Why there is no score, for people; "" where there is one.
    """

    whole: Score
    reps: tuple[Score, ...]
    frames: F64
    unscored: str = ""


def score_lift(
    lift: ObservedLift,
    rules: Sequence[FaultRule],
    results: Sequence[Results],
    model: LiftModel,
) -> LiftScores:
    """Score a lift by a model; its faults are evidence among others.

    Args:
        lift: the lift.
        rules: the fault rules to judge by.
        results: what the rules measured (`evaluate_rules`).
        model: the model.
    """
    evidence = gather_evidence(lift, results)
    judged = [number for number, one in enumerate(evidence) if one is not None]
    reps = [one for one in evidence if one is not None]
    columns = model.deviations(reps)
    known = np.array([_known_fraction(row, model) for row in columns])
    scores, frames = [Score()] * len(lift.reps), np.full(len(lift.motion), np.nan)
    unscored = why_unscored(lift, reps, known)
    if unscored:
        return LiftScores(Score(), tuple(scores), frames, unscored)

    certainty = known * [rep.seen_s / (rep.seen_s + _UNKNOWN_S) for rep in reps]
    undiminished = model.intercept * certainty
    losses = model.losses(columns) * certainty[:, None]
    usual = model.losses(np.array(model.usual_deviations)) * certainty[:, None]
    jitter = _jittered_log_odds(reps, model) * certainty
    calibration = model.calibration_sd(model.log_odds(columns)) * certainty

    def score_of(rows: slice) -> Score:
        spread = np.hypot(jitter[:, rows].mean(1).std(), calibration[rows].mean())
        reasons = explain_losses(lift, reps[rows], losses[rows], rules, model)
        log_odds = undiminished[rows].mean() - losses[rows].sum(1).mean()
        return _score(float(log_odds), float(spread), float(undiminished[rows].mean()), reasons)

    for row, number in enumerate(judged):
        scores[number] = score_of(slice(row, row + 1))
        weights = part_weights(RepView(lift, lift.reps[number]))
        log_odds = undiminished[row] - losses[row].sum()
        of_rows = log_odds - weights @ _by_part(losses[row] - usual[row])
        inside = weights.any(-1) & np.isfinite(lift.motion.xy_px[:, NECK, 0])
        frames[inside] = probability(of_rows[inside])
    return LiftScores(score_of(slice(None)), tuple(scores), frames)


def _known_fraction(columns: F64, model: LiftModel) -> float:
    """How much of the terms is known in a repetition with these columns, by weight, 0..1."""
    weights = np.array(model.weights)[: len(TERMS)]
    return float(weights[np.isfinite(columns[: len(TERMS)])].sum() / weights.sum())


def _jittered_log_odds(reps: Sequence[RepEvidence], model: LiftModel) -> F64:
    """Log odds of repetitions measured anew with other errors, (copies, reps).

    A copy has one error for each value and part, the same in all repetitions: camera and clothes
    are the same. The random numbers are the same each time.
    """
    rng = np.random.default_rng(0)
    errors = np.array([value.error for value in VALUES.values()])[:, None]
    copies = []
    for _ in range(_COPIES):
        off = rng.normal(0, errors, (len(VALUES), len(PARTS)))
        excess = rng.normal(0, _FAULT_JITTER, len(reps[0].fault_excess))
        copy = [
            replace(rep, values=rep.values + off, fault_excess=rep.fault_excess + excess)
            for rep in reps
        ]
        copies.append(model.log_odds(model.deviations(copy)))
    return np.array(copies)


def _by_part(losses: F64) -> F64:
    """Losses of the columns (columns,) added up over the terms of each part, (parts,)."""
    parts = [PARTS.index(term.part) for term in TERMS]
    return np.asarray(np.bincount(parts, losses[: len(TERMS)], len(PARTS)), np.float64)


def _score(
    log_odds: float, spread: float, undiminished: float, reasons: tuple[Contribution, ...]
) -> Score:
    """A score from its log odds and their standard deviation."""
    off = np.array([0, -1, 1]) * _HALF_INTERVAL * spread
    score, low, high = map(float, probability(log_odds + off))
    verdict = Verdict.UNCLEAR
    if score >= _GOOD and low > _EVEN:
        verdict = Verdict.GOOD
    elif score < _POOR and high < _EVEN:
        verdict = Verdict.POOR
    return Score(score, (low, high), verdict, undiminished, reasons)
