"""From a loss to the log odds of "good": a logistic regression with two numbers."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

F64 = NDArray[np.float64]

#: Inverse strength of the regularisation. Chosen: hardly any; it only keeps the numbers finite
#: where good and bad are separated without an overlap.
_C = 100.0

#: Draws of the bootstrap behind the calibration's error. Chosen: enough for a covariance.
_BOOTSTRAPS = 500


def calibrate(value: F64, label: F64, row_weight: F64) -> tuple[float, float]:
    """Intercept and slope of the log odds over a value (n,) that is higher for good lifts."""
    fitted = LogisticRegression(C=_C).fit(value[:, None], label, sample_weight=row_weight)
    return float(fitted.intercept_[0]), float(fitted.coef_[0, 0])


def calibration_error(
    value: F64, label: F64, row_weight: F64, athlete: NDArray[np.str_], seed: int
) -> F64:
    """Covariance of intercept and slope over lifters, (2, 2), by a bootstrap over lifters.

    Draws in which all lifters are good, or all bad, are left out.
    """
    rng = np.random.default_rng(seed)
    of = np.unique(athlete, return_inverse=True)[1]
    count = int(of.max()) + 1
    found = []
    for _ in range(_BOOTSTRAPS):
        drawn = np.bincount(rng.integers(0, count, count), minlength=count)[of] * row_weight
        rows = drawn > 0
        if len(np.unique(label[rows])) == 2:
            found.append(calibrate(value[rows], label[rows], drawn[rows]))
    return np.cov(np.array(found), rowvar=False)
