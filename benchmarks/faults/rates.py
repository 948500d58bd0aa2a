"""Rates and areas under the curve, with intervals that a few sets leave open. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

#: Normal quantile of 95 % intervals. By definition.
_Z = 1.96

#: Steps of the search for the end of an interval. Chosen: 2^-40 is beyond any digit shown.
_STEPS = 40


@dataclass(frozen=True)
class Estimate:
    """A fraction with its 95 % interval; NaN where there is nothing to count.

    Attributes:
        value: The estimate, 0..1.
        low: Lower end.
        high: Upper end.
    """

    value: float
    low: float
    high: float


UNKNOWN = Estimate(float("nan"), float("nan"), float("nan"))


def rate(hits: int, reps: int, groups: int) -> Estimate:
    """A rate over reps with Wilson's interval.

    Args:
        hits: number of reps that count.
        reps: number of reps.
        groups: number of lifters, or of sets of one lifter. Reps of a group are alike, so a group
            counts as one observation for the interval.
    """
    if not reps:
        return UNKNOWN
    value, n = hits / reps, groups
    middle = (value + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Estimate(value, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def auc(
    faulty: Sequence[float], correct: Sequence[float], faulty_groups: int, correct_groups: int
) -> Estimate:
    """Chance that a faulty rep has a higher value than a correct one, ties counting half.

    The interval is Newcombe's fifth (2006, doi 10.1002/sim.2324), which stays open where all faulty
    values are higher. Groups count as in `rate`.
    """
    if not len(faulty) or not len(correct):
        return UNKNOWN
    high, low = np.asarray(faulty)[:, None], np.asarray(correct)[None]
    value = float((high > low).mean() + (high == low).mean() / 2)

    def is_inside(candidate: float) -> bool:
        spread = _auc_variance(candidate, faulty_groups, correct_groups)
        return (candidate - value) ** 2 <= _Z**2 * spread

    return Estimate(value, _end(value, 0.0, is_inside), _end(value, 1.0, is_inside))


def _auc_variance(value: float, faulty: int, correct: int) -> float:
    more = (faulty + correct) / 2 - 1
    growth = 1 + more * ((1 - value) / (2 - value) + value / (1 + value))
    return value * (1 - value) * growth / (faulty * correct)


def _end(inside: float, outside: float, is_inside: Callable[[float], bool]) -> float:
    for _ in range(_STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
    return (inside + outside) / 2
