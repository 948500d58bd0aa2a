"""Trains the model of a repetition and says how well it judges lifters it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.lift_model import LiftModel
from shared.errors import UsageError
from training.athletes import shared_lifters
from training.calibration import calibrate
from training.estimators import ESTIMATORS, SHIPPED, VOTING
from training.evaluation import Figures, SetTable, figures, sets_of
from training.findings import Findings, count_data
from training.folds import unseen_log_odds, unseen_values
from training.lifts import LabelledLift
from training.model_file import build_model
from training.null_model import phase_share, shuffled_aucs
from training.postures import Posture
from training.raw_joints import RAW_JOINTS, unseen_raw_values
from training.rep_table import RepTable, tabulate, weights
from training.shown_scores import as_shown, unseen_scores, words_by_label

F64 = NDArray[np.float64]

#: Part of the figures: all sources, by the scores that an analysis shows.
AS_SHOWN = "all, as shown"

#: Minimum number of lifters. Chosen: with fewer, one who is left out is a third of all.
_MIN_LIFTERS = 4


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """A trained model, trained on all lifts, and the figures found on the way."""

    model: LiftModel
    findings: Findings


def train(
    lifts: Sequence[LabelledLift],
    postures: Sequence[Posture] = (),
    held_out: Sequence[LabelledLift] = (),
    seed: int = 0,
) -> TrainingReport:
    """Train on all lifts and compare the estimators.

    Args:
        lifts: labelled lifts.
        postures: labelled single postures, for the original's way.
        held_out: labelled lifts that are judged but not trained on. A lifter who is among those
            trained on as well is judged by a model without them.
        seed: of the bootstraps and shuffles.

    Raises:
        UsageError: good or bad lifts are missing, or there are fewer than four lifters.
    """
    reps = tabulate(lifts)
    if len(np.unique(reps.label)) < 2 or len(np.unique(reps.athlete)) < _MIN_LIFTERS:
        raise UsageError(
            "training needs good and bad repetitions of at least four lifters, seen from the side "
            f"or obliquely for a second or more; here are {len(reps)} repetitions of "
            f"{len(np.unique(reps.athlete))} lifters"
        )
    log_odds = unseen_log_odds(reps, SHIPPED)
    sets = sets_of(reps, log_odds)
    scores = unseen_scores(lifts, reps, seed)
    by_raw_joints, of_postures = _by_raw_joints(reps, postures, seed)
    compared = {name: unseen_log_odds(reps, name) for name in ESTIMATORS}
    compared["voting"] = np.mean([compared[name] for name in VOTING], axis=0)
    estimators = [figures(name, sets_of(reps, one), seed) for name, one in compared.items()]
    judged = (*lifts, *held_out)
    findings = Findings(
        data=count_data(lifts, reps),
        estimators=(*estimators, by_raw_joints),
        parts=(*_parts(sets, seed), figures(AS_SHOWN, as_shown(sets, scores), seed)),
        held_out=_held_out(reps, tabulate(held_out), seed),
        postures=of_postures,
        shared=shared_lifters([one.source for one in judged], [one.athlete for one in judged]),
        words=words_by_label(sets, scores),
        phase_share=phase_share(reps, log_odds),
        shuffled=shuffled_aucs(reps, seed),
        sets=sets,
        seed=seed,
    )
    values = unseen_values(reps, SHIPPED)
    return TrainingReport(build_model(reps, values, findings.provenance(), seed), findings)


def _parts(sets: SetTable, seed: int) -> tuple[Figures, ...]:
    sources = [
        figures(str(name), sets[sets.source == name], seed) for name in dict.fromkeys(sets.source)
    ]
    views = [
        figures(f"{name} view", sets[sets.view == name], seed) for name in dict.fromkeys(sets.view)
    ]
    return (figures("all", sets, seed), *sources, *views)


def _held_out(reps: RepTable, others: RepTable, seed: int) -> tuple[Figures, ...]:
    if not len(others):
        return ()
    sets = sets_of(others, unseen_log_odds(reps, SHIPPED, others))
    return tuple(
        figures(str(name), sets[sets.source == name], seed) for name in dict.fromkeys(sets.source)
    )


def _by_raw_joints(
    reps: RepTable, postures: Sequence[Posture], seed: int
) -> tuple[Figures, tuple[Figures, ...]]:
    """Figures of the original's way: on repetitions, and on the single postures themselves."""
    values, of_postures = unseen_raw_values(reps, postures)
    row = figures(RAW_JOINTS, sets_of(reps, _calibrated(reps, values)), seed)
    label, athlete, clip, source = (
        np.array([getattr(posture, name) for posture in postures])
        for name in ("label", "athlete", "clip", "source")
    )
    single = SetTable(4 * of_postures - 2, label, athlete, clip, source, source)
    return row, tuple(
        figures(str(name), single[source == name], seed) for name in dict.fromkeys(source)
    )


def _calibrated(reps: RepTable, values: F64) -> F64:
    """Log odds from values of unseen lifters (n,), each calibrated on those of the others."""
    log_odds = np.zeros(len(reps))
    for athlete in np.unique(reps.athlete):
        mine = reps.athlete == athlete
        others = reps[~mine]
        if len(np.unique(others.label)) == 2:
            intercept, slope = calibrate(values[~mine], others.label, weights(others))
            log_odds[mine] = intercept + slope * values[mine]
    return log_odds
