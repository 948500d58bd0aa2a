"""What is left when nothing can be learned: the AUC with shuffled labels, and phase's share."""

import numpy as np
from numpy.typing import NDArray

from training.estimators import SHIPPED, phases
from training.evaluation import auc_of, sets_of
from training.folds import unseen_values
from training.rep_table import RepTable, weights

F64 = NDArray[np.float64]

#: Shuffles of the labels. Chosen: enough to tell a chance of one in fifty.
_SHUFFLES = 100


def shuffled_aucs(reps: RepTable, seed: int) -> F64:
    """AUC within sources of models that were trained and judged on shuffled labels, (shuffles,).

    The labels of the clips of each source are shuffled among them; all repetitions of a clip have
    one label.
    """
    rng = np.random.default_rng(seed)
    clips, first, of = np.unique(reps.clip, return_index=True, return_inverse=True)
    found = []
    for _ in range(_SHUFFLES):
        label = reps.label[first].copy()
        for source in np.unique(reps.source):
            here = np.flatnonzero(reps.source[first] == source)
            label[here] = label[rng.permutation(here)]
        shuffled = reps.with_labels(label[of])
        found.append(auc_of(sets_of(shuffled, unseen_values(shuffled, SHIPPED))))
    return np.array(found)


def phase_share(reps: RepTable, log_odds: F64) -> float:
    """Fraction of the variance of log odds (n,) that the parts seen explain: an adjusted R².

    The explanation is linear in the fractions of time in each part of the repetition.
    """
    row_weight = weights(reps)
    root = np.sqrt(row_weight)[:, None]
    seen = phases(reps)
    design = np.hstack([np.ones((len(reps), 1)), seen[:, 1:]])  # the fractions add up to 1
    solution, *_ = np.linalg.lstsq(design * root, log_odds * root[:, 0], rcond=None)
    left = np.average((log_odds - design @ solution) ** 2, weights=row_weight)
    all_of_it = np.average(
        (log_odds - np.average(log_odds, weights=row_weight)) ** 2, weights=row_weight
    )
    degrees = len(reps) - design.shape[1]
    if degrees <= 0 or not all_of_it > 0:
        return float("nan")
    return float(1 - left / all_of_it * (len(reps) - 1) / degrees)
