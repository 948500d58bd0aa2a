"""From a loss to the log odds of "good": a logistic regression with two numbers."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Strength of the penalty on the slope. Chosen: few lifters make a slope too steep. With hardly any
#: penalty the scores of unseen lifters were too certain (their own calibration's slope was 0.6 to
#: 0.8); with this, it is within 0.8 to 1.25, measured on the same lifters.
_PENALTY = 0.15

#: Maximum steps of Newton's method, and of halvings of one; it ends where no number moves by more
#: than `_ENOUGH`.
_STEPS, _HALVINGS, _ENOUGH = 60, 20, 1e-8

#: Draws of the bootstrap behind the calibration's error. Chosen: enough for a covariance.
_BOOTSTRAPS = 500


def calibrate(value: F64, label: F64, row_weight: F64) -> tuple[float, float]:
    """Intercept and slope of the log odds over a value (n,) that is higher for good lifts."""
    [(intercept, slope)] = calibrate_each(value, label, row_weight[None])
    return float(intercept), float(slope)


def calibrate_each(value: F64, label: F64, row_weights: F64) -> F64:
    """Intercept and slope for each set of weights, (sets, n) → (sets, 2).

    Minimises the weighted logistic loss by Newton's method, for all sets of weights at once. A set
    in which all weight is on one label gives NaN.
    """
    design = np.stack([np.ones(len(value)), value], axis=-1)
    weights = np.asarray(row_weights, np.float64)
    fitted = np.zeros((len(weights), 2))
    penalty = np.diag([0.0, _PENALTY])

    def losses(numbers: F64) -> F64:
        margin = (numbers @ design.T) * (2 * label - 1)
        loss = (weights * np.logaddexp(0, -margin)).sum(1)
        return np.asarray(loss + _PENALTY / 2 * numbers[:, 1] ** 2)

    has_both = (weights @ label > 0) & (weights @ (1 - label) > 0)
    now = losses(fitted)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(fitted @ design.T, -500, 500)))
        gradient = (weights * (chance - label)) @ design + fitted @ penalty
        bend = np.einsum("sn,ni,nj->sij", weights * chance * (1 - chance), design, design)
        step = np.linalg.solve(bend + penalty + 1e-12 * np.eye(2), gradient[..., None])[..., 0]
        for _ in range(_HALVINGS):
            then = losses(fitted - step)
            if not (worse := then > now + 1e-12).any():
                break
            step[worse] /= 2
        fitted, now = fitted - step, losses(fitted - step)
        if np.abs(step[has_both]).max(initial=0) < _ENOUGH:
            break
    return np.where(has_both[:, None], fitted, np.nan)


def calibration_error(
    value: F64, label: F64, row_weight: F64, athlete: NDArray[np.str_], seed: int
) -> F64:
    """Covariance of intercept and slope over lifters, (2, 2), by a bootstrap over lifters.

    Draws in which all lifters are good, or all bad, are left out.
    """
    rng = np.random.default_rng(seed)
    of = np.unique(athlete, return_inverse=True)[1]
    count = int(of.max()) + 1
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=_BOOTSTRAPS)[:, of]
    found = calibrate_each(value, label, drawn * row_weight)
    return np.cov(found[np.isfinite(found).all(1)], rowvar=False)
