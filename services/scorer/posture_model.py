"""The posture model: features in, score out. Needs numpy alone; training is in `training`.

A model file is JSON: it can be read, compared and checked, and loading it runs no code.
"""

import json
import math
import os
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from services.scorer.features import FEATURES, is_scorable, posture_features
from shared.errors import ModelError
from shared.skeleton import F32

#: Raised with every change of the file's fields or of the features' meaning.
SCHEMA = 1

_VECTORS = ("imputed", "mean", "scale", "coefficients")


@dataclass(frozen=True)
class PostureModel:
    """A linear model of posture (ridge regression), in the features' own units.

    score = intercept + Σ coefficients · (feature − mean) / scale, clipped to 0..1, where a missing
    feature counts as `imputed`.

    features, imputed, mean, scale, coefficients: one entry a feature.
    provenance: on what it was trained, how, and how well it does on lifters it has not seen.
    """

    features: tuple[str, ...]
    imputed: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    provenance: dict[str, Any]

    def score(self, xy_px: F32, confidence: F32) -> F32:
        """Score postures.

        Args:
            xy_px: float32 (…, 15, 2), MPI-15, NaN where unseen.
            confidence: float32 (…, 15).

        Returns:
            float32 (…), 0 (bad) to 1 (good); NaN where too little is seen (`is_scorable`).
        """
        values = posture_features(xy_px)
        values = np.where(np.isfinite(values), values, self.imputed)
        standard = (values - self.mean) / self.scale
        score = np.clip(standard @ np.array(self.coefficients) + self.intercept, 0, 1)
        return np.where(is_scorable(xy_px, confidence), score, np.nan).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write the model as JSON, whole or not at all."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, allow_nan=False)
        staged = path.with_name(f".{path.name}.partial")
        try:
            staged.write_text(text + "\n")
            os.replace(staged, path)
        except OSError as error:
            raise ModelError(f"cannot write the model {path}: {error.strerror}") from error


def load(path: Path) -> PostureModel:
    """Read a model file.

    Raises:
        ModelError: it is missing, damaged, or made for other features.
    """
    try:
        return parse(path.read_text(), str(path))
    except OSError as error:
        raise ModelError(f"cannot read the posture model {path}: {error.strerror}") from error


def load_default() -> PostureModel:
    """The model that is shipped."""
    resource = files("services.scorer") / "posture_model.json"
    return parse(resource.read_text(), "posture_model.json")


def parse(text: str, name: str) -> PostureModel:
    """A model from its JSON text; `name` is for the error."""
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for vector in ("features", *_VECTORS):
            content[vector] = tuple(content[vector])
        model = PostureModel(**content)
        _check(model)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{name} is no posture model of this version ({error}); make one with `coach train`"
        ) from error
    return model


def _check(model: PostureModel) -> None:
    if model.features != tuple(FEATURES):
        raise ValueError("its features are not this version's")
    for name in _VECTORS:
        values = getattr(model, name)
        if len(values) != len(FEATURES) or not all(map(_is_number, values)):
            raise ValueError(f"{name} must be {len(FEATURES)} finite numbers")
    if not _is_number(model.intercept) or min(model.scale) <= 0:
        raise ValueError("the intercept must be finite and every scale positive")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
