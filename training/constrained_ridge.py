"""A ridge whose weights are not negative and are drawn to an equal prior.

    minimise  Σ row_weight · (label − (offset − columns · w))² + STRENGTH · |w − PRIOR|²,  w ≥ 0

A deviation from good lifts may cost nothing, but it never pays. Where the data say little about a
term, it costs what every term costs. (A usual ridge draws weights to 0: a fault that is rare in the
data would cost nothing, and of two terms that go together one may get a negative weight.)
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from services.scorer.score.lift_model import FAULT_COLUMNS
from services.scorer.score.terms import TERMS

F64 = NDArray[np.float64]

#: Prior weight of each term and of each column of fault evidence: the fall of the fraction of good
#: lifts for a deviation of 1. Chosen before any fit: three full deviations (of 2 to 3 half widths)
#: or two or three certain faults take a good lift to even.
PRIOR_TERM, PRIOR_FAULT = 0.08, 0.15

#: Strength of the prior, in repetitions of mean weight. Chosen: about that of the repetitions in
#: which a term deviates at all.
STRENGTH = 100.0

#: The prior weights of all columns.
PRIOR = np.array([PRIOR_TERM] * len(TERMS) + [PRIOR_FAULT] * len(FAULT_COLUMNS))


def fit_weights(columns: F64, label: F64, row_weight: F64, strength: float = STRENGTH) -> F64:
    """The weights of the columns, (columns,), at least 0.

    Args:
        columns: (n, columns), deviations and fault evidence, 0 where not seen.
        label: (n,), 1 good, 0 bad.
        row_weight: (n,), with a mean of 1.
        strength: of the prior.
    """
    root = np.sqrt(row_weight)
    off = np.average(columns, axis=0, weights=row_weight) - columns
    wanted = label - np.average(label, weights=row_weight)
    pull = np.sqrt(strength)
    rows = np.vstack([off * root[:, None], pull * np.eye(columns.shape[1])])
    solution, _ = nnls(rows, np.concatenate([wanted * root, pull * PRIOR]))
    return np.asarray(solution)
