"""What good lifts look like: median and half width of each term's value."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.terms import TERMS
from services.scorer.score.values import VALUES
from training.rep_table import RepTable

F64 = NDArray[np.float64]

#: Quantiles between which 68 % of good lifts lie: one standard deviation of a normal distribution.
_LOW, _HIGH = 0.16, 0.84

#: Minimum number of good repetitions in which a value is seen. Chosen: fewer say nothing about
#: others; such a term never deviates.
_MIN_GOOD = 3

#: Half width of a term that is not seen often enough, in its unit: nothing deviates from it.
_UNKNOWN_WIDTH = 1e6


def good_lifts(reps: RepTable) -> tuple[F64, F64]:
    """Medians and half widths of good repetitions, (terms,) each.

    A lifter's good repetitions in a source count together as the root of their number. A half width
    is at least what the value's error of measurement makes meaningful (`Value.min_width`).
    """
    good = reps[reps.label > 0.5]
    weight = _weights(good)
    medians, widths = np.zeros(len(TERMS)), np.full(len(TERMS), _UNKNOWN_WIDTH)
    for column, term in enumerate(TERMS):
        known = np.isfinite(good.values[:, column])
        if known.sum() < _MIN_GOOD:
            continue
        low, median, high = quantiles(good.values[known, column], weight[known])
        medians[column] = median
        widths[column] = max((high - low) / 2, VALUES[term.value].min_width)
    return medians, widths


def quantiles(values: F64, weight: F64) -> F64:
    """The weighted 16 %, 50 % and 84 % quantiles of values (n,), (3,)."""
    order = np.argsort(values)
    share = np.cumsum(weight[order])
    middle = (share - weight[order] / 2) / share[-1]
    return np.interp([_LOW, 0.5, _HIGH], middle, values[order])


def _weights(reps: RepTable) -> F64:
    keys = np.char.add(np.char.add(reps.source, "\n"), reps.athlete)
    _, of, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.asarray(1 / np.sqrt(counts[of]))
