"""The model of a repetition: evidence in, log odds of "good" out. It needs only numpy.

    deviation of a term = sign · (value − median) / (width · magnification) − DEAD_ZONE,
                          within 0..MAX_DEVIATION
    loss                = Σ weight · deviation + weight · fault_sum + weight · worst_fault
    log odds            = intercept − slope · loss

Median and half width are those of good lifts in that part; the weights are not negative. `training`
fits all of it. A model file is JSON: it can be read, compared and checked, and loading it runs no
code.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.evidence import RepEvidence
from services.scorer.score.lift_parts import PARTS
from services.scorer.score.terms import TERMS
from services.scorer.score.values import VALUES
from shared.errors import ModelError
from shared.files import replace_when_complete

F64 = NDArray[np.float64]

#: Version of the model file's format. Raised with every change of its fields, or of the meaning of
#: values, parts or terms.
SCHEMA = 5

#: Deviation that costs nothing, and the largest that counts beyond it, in half widths of good
#: lifts. Chosen: one in seven good lifts is farther from the median than one and a half of them,
#: and what is farther than three and a half is often a misplaced joint. Of 1, 1.25 and 1.5, and of
#: 2, 2.5 and 3, which all separate good from bad alike, these are the ones with which a correct
#: rendered set is good from every view.
DEAD_ZONE, MAX_DEVIATION = 1.5, 2.0

#: Names of the two columns of fault evidence, which follow the terms.
FAULT_COLUMNS = ("fault_sum", "worst_fault")

#: Columns of the model: the terms, then the fault evidence.
COLUMNS = (*(term.name for term in TERMS), *FAULT_COLUMNS)

_VALUE_ROWS = [list(VALUES).index(term.value) for term in TERMS]
_PART_COLUMNS = [PARTS.index(term.part) for term in TERMS]
_SIGNS = np.array([term.sign for term in TERMS], np.float64)


@dataclass(frozen=True)
class LiftModel:
    """What good lifts look like, and what deviations from them cost.

    Attributes:
        columns: Names of the columns, `COLUMNS`.
        medians: Median of good lifts of each term's value.
        widths: Half of the 68 % width of good lifts, likewise.
        weights: Weight of each column, at least 0.
        usual_deviations: Mean deviation of good lifts in each column.
        slope: Slope of the log odds over the loss.
        intercept: Log odds of a repetition without loss.
        calibration_error: Covariance of intercept and slope over lifters, 2 × 2.
        provenance: How the model was trained, and its figures on lifters it has not seen.
    """

    columns: tuple[str, ...]
    medians: tuple[float, ...]
    widths: tuple[float, ...]
    weights: tuple[float, ...]
    usual_deviations: tuple[float, ...]
    slope: float
    intercept: float
    calibration_error: tuple[tuple[float, float], tuple[float, float]]
    provenance: dict[str, Any]

    def deviations(self, reps: Sequence[RepEvidence]) -> F64:
        """The columns of some repetitions, (reps, columns); NaN where a value is not seen."""
        return deviations(term_values(reps), reps, np.array(self.medians), np.array(self.widths))

    def losses(self, columns: F64) -> F64:
        """What each column (…, columns) takes off the log odds; 0 where it is not seen."""
        return np.asarray(np.nan_to_num(columns) * np.array(self.weights) * self.slope)

    def log_odds(self, columns: F64) -> F64:
        """Log odds of "good" of repetitions with these columns, (…, columns) → (…)."""
        return np.asarray(self.intercept - self.losses(columns).sum(-1))

    def calibration_sd(self, log_odds: F64) -> F64:
        """Standard deviation of log odds (…) that comes from few lifters to calibrate on."""
        loss = (self.intercept - log_odds) / self.slope
        gradient = np.stack([np.ones_like(loss), -loss], axis=-1)
        covariance = np.array(self.calibration_error)
        return np.asarray(np.sqrt(np.einsum("...i,ij,...j->...", gradient, covariance, gradient)))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the model as a file: what `sha256sum` says of the one that `save` writes."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write the model as JSON, whole or not at all."""
        with replace_when_complete(path) as partial:
            partial.write_text(self._text())

    def _text(self) -> str:
        content = {"schema": SCHEMA, **asdict(self)}
        return json.dumps(content, indent=1, allow_nan=False) + "\n"


def term_values(reps: Sequence[RepEvidence]) -> F64:
    """The value that each term compares, (reps, terms); NaN where it is unknown or is left out."""
    values = np.array([rep.values[_VALUE_ROWS, _PART_COLUMNS] for rep in reps])
    values = values.reshape(len(reps), len(TERMS))
    of_floor = np.array([term.from_floor for term in TERMS])
    is_other = ~np.array([rep.from_floor for rep in reps], bool)
    values[np.ix_(is_other, of_floor)] = np.nan
    return values


def deviations(values: F64, reps: Sequence[RepEvidence], medians: F64, widths: F64) -> F64:
    """Columns of repetitions from the values of their terms, (reps, columns)."""
    magnification = np.array([rep.magnification for rep in reps]).reshape(-1, 1)
    off = _SIGNS * (values - medians) / (widths * magnification) - DEAD_ZONE
    faults = np.array([(rep.fault_sum, rep.worst_fault) for rep in reps]).reshape(len(reps), 2)
    return np.hstack([np.clip(off, 0, MAX_DEVIATION), faults])


def probability(log_odds: F64) -> F64:
    """The probability that log odds stand for."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -50, 50))))


def load(path: Path) -> LiftModel:
    """Read a model file.

    Raises:
        ModelError: it is missing, damaged, or of another version.
    """
    try:
        return parse(path.read_text(), str(path))
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}") from error


def load_default() -> LiftModel:
    """Read the shipped model."""
    resource = files("services.scorer.score") / "lift_model.json"
    return parse(resource.read_text(), "lift_model.json")


def chosen(path: Path | None) -> LiftModel:
    """The model of a file, or the shipped one if none is given."""
    return load_default() if path is None else load(path)


def parse(text: str, name: str) -> LiftModel:
    """Parse a model's JSON text; `name` names it in errors."""
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for vector in ("columns", "medians", "widths", "weights", "usual_deviations"):
            content[vector] = tuple(content[vector])
        content["calibration_error"] = tuple(map(tuple, content["calibration_error"]))
        model = LiftModel(**content)
        _check(model)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{name} is no model of this version ({error}); make one with `coach train`"
        ) from error
    return model


def _check(model: LiftModel) -> None:
    """Raise ValueError unless names, sizes and numbers are as they should be."""
    if model.columns != COLUMNS:
        raise ValueError("its columns are others")
    sizes = {"medians": len(TERMS), "widths": len(TERMS), "weights": len(COLUMNS),
             "usual_deviations": len(COLUMNS)}  # fmt: skip
    for name, size in sizes.items():
        if len(getattr(model, name)) != size:
            raise ValueError(f"{name}: not {size} numbers")
    if np.shape(model.calibration_error) != (2, 2):
        raise ValueError("calibration_error: not 2 × 2 numbers")
    numbers = (*model.medians, *model.widths, *model.weights, *model.usual_deviations,
               model.slope, model.intercept, *np.ravel(model.calibration_error))  # fmt: skip
    if not all(isinstance(one, int | float) and math.isfinite(one) for one in numbers):
        raise ValueError("a number is missing or not finite")
    if min(model.widths) <= 0 or min(model.weights) < 0 or model.slope <= 0:
        raise ValueError("a width is not positive, or a weight or the slope is negative")
