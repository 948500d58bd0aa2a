"""The model that is stored: what good lifts look like, the weights and the calibration."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.lift_model import COLUMNS, LiftModel
from shared.errors import UsageError
from training.calibration import calibrate, calibration_error
from training.constrained_ridge import fit_weights
from training.references import good_lifts
from training.rep_table import RepTable, weights

F64 = NDArray[np.float64]

#: Decimals of the stored numbers.
_DIGITS = 6


def build_model(
    reps: RepTable, unseen_value: F64, provenance: dict[str, Any], seed: int = 0
) -> LiftModel:
    """Train on all repetitions and put the model into its stored form.

    Args:
        reps: the repetitions.
        unseen_value: (n,), minus the loss of each by a model that has not seen its lifter; the
            calibration is fitted to it.
        provenance: how the model was made and evaluated.
        seed: of the bootstrap behind the calibration's error.

    Raises:
        UsageError: bad repetitions deviate less from good lifts than good ones do.
    """
    row_weight = weights(reps)
    medians, widths = good_lifts(reps)
    columns = reps.columns(medians, widths)
    intercept, slope = calibrate(unseen_value, reps.label, row_weight)
    if slope <= 0:
        raise UsageError(
            "these lifts do not train a model: those labelled bad deviate less from the good ones "
            "of other lifters than those labelled good"
        )
    error = calibration_error(unseen_value, reps.label, row_weight, reps.athlete, seed)
    good = reps.label > 0.5
    usual = np.average(columns[good], axis=0, weights=row_weight[good])
    return LiftModel(
        columns=COLUMNS,
        medians=_numbers(medians),
        widths=_numbers(widths),
        weights=_numbers(fit_weights(columns, reps.label, row_weight)),
        usual_deviations=_numbers(usual),
        slope=round(slope, _DIGITS),
        intercept=round(intercept, _DIGITS),
        calibration_error=(_pair(error[0]), _pair(error[1])),
        provenance=provenance,
    )


def _pair(values: F64) -> tuple[float, float]:
    first, second = _numbers(values)
    return first, second


def _numbers(values: F64) -> tuple[float, ...]:
    return tuple(round(float(value), _DIGITS) for value in values)
