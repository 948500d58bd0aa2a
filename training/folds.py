"""Scores of lifters who have not been seen: each lifter is left out in turn.

The calibration is fitted to other lifters' values by models that have seen neither of the two (a
second round of folds within each fold). So of a lifter nothing is known anywhere: neither in what
good lifts look like, nor in the weights, nor in the calibration.
"""

import numpy as np
from numpy.typing import NDArray

from training.calibration import calibrate
from training.estimators import fit
from training.rep_table import RepTable, weights

F64 = NDArray[np.float64]


def unseen_values(reps: RepTable, name: str) -> F64:
    """The value of each repetition by an estimator that has not seen its lifter, (n,).

    A fold in which all others have the same label gives 0.
    """
    values = np.zeros(len(reps))
    for athlete in np.unique(reps.athlete):
        mine = reps.athlete == athlete
        others = reps[~mine]
        if len(np.unique(others.label)) == 2:
            values[mine] = fit(others, name)(reps[mine])
    return values


def unseen_log_odds(reps: RepTable, name: str, other: RepTable | None = None) -> F64:
    """Log odds of "good" of repetitions whose lifters have not been seen.

    Args:
        reps: the repetitions to train on.
        name: of the estimator.
        other: repetitions that are judged but not trained on, in place of `reps`.

    Returns:
        (n,), of `reps` or of `other`.
    """
    judged = reps if other is None else other
    log_odds = np.zeros(len(judged))
    strangers = ~np.isin(judged.athlete, reps.athlete)
    groups = [judged.athlete == athlete for athlete in np.unique(judged.athlete[~strangers])]
    for mine in (*groups, strangers):
        if not mine.any():
            continue
        known = reps[~np.isin(reps.athlete, judged.athlete[mine])]
        if len(np.unique(known.label)) < 2:
            continue
        intercept, slope = calibrate(unseen_values(known, name), known.label, weights(known))
        log_odds[mine] = intercept + slope * fit(known, name)(judged[mine])
    return log_odds
