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
from numpy.typing import NDArray

from services.scorer.features import FEATURES, is_scorable, posture_features
from shared.errors import ModelError
from shared.skeleton import F32

F64 = NDArray[np.float64]

#: Raised with every change of the file's fields or of the features' meaning.
SCHEMA = 2

_VECTORS = ("imputed", "mean", "scale", "coefficients")

#: Links from the linear part to the score.
LINKS = ("identity", "logistic")


@dataclass(frozen=True)
class PostureModel:
    """A linear model of posture, in the features' own units.

    linear = intercept + Σ coefficients · (feature − mean) / scale, where a missing feature counts
    as `imputed`. The score is that, clipped to 0..1 (link "identity": ridge, lasso, elastic net),
    or its logistic function (link "logistic").

    features, imputed, mean, scale, coefficients: one entry a feature.
    levels, good: mean features of good postures by how far the trunk leans: row k of `good` is for
    leans from levels[k] on, in quarter turns. What a posture is compared with in words.
    provenance: on what it was trained, how, and how well it does on lifters it has not seen.
    """

    features: tuple[str, ...]
    imputed: tuple[float, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    link: str
    levels: tuple[float, ...]
    good: tuple[tuple[float, ...], ...]
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
        linear = standard @ np.array(self.coefficients) + self.intercept
        logistic = self.link == "logistic"
        score = 1 / (1 + np.exp(-np.clip(linear, -50, 50))) if logistic else np.clip(linear, 0, 1)
        return np.where(is_scorable(xy_px, confidence), score, np.nan).astype(np.float32)

    def explain(self, xy_px: F32) -> tuple[F64, F64]:
        """What moves the scores of postures (n, 15, 2), against good ones that lean as far.

        Returns:
            How much each feature adds to the linear part of the score (negative is worse), and how
            far it is from that of good postures, in its own unit; both float64 (n, n_features), NaN
            where it is not seen.
        """
        values = posture_features(xy_px)
        lean = np.nan_to_num(values[:, self.features.index("trunk_lean")])
        level = np.clip(np.searchsorted(self.levels, lean, side="right") - 1, 0, None)
        off = values - np.array(self.good)[level]
        return off * np.array(self.coefficients) / np.array(self.scale), off

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


def chosen(path: Path | None) -> PostureModel:
    """The model of a file, or the shipped one if none is given."""
    return load_default() if path is None else load(path)


def parse(text: str, name: str) -> PostureModel:
    """A model from its JSON text; `name` is for the error."""
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for vector in ("features", "levels", *_VECTORS):
            content[vector] = tuple(content[vector])
        content["good"] = tuple(tuple(row) for row in content["good"])
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
    if model.link not in LINKS or not all(map(_is_number, model.levels)):
        raise ValueError(f"its link must be one of {', '.join(LINKS)}, its levels numbers")
    if len(model.good) != len(model.levels) or not model.levels:
        raise ValueError("there must be one row of good postures a level")
    for row in model.good:
        if len(row) != len(FEATURES) or not all(map(_is_number, row)):
            raise ValueError(f"a good posture must be {len(FEATURES)} finite numbers")
    if not _is_number(model.intercept) or min(model.scale) <= 0:
        raise ValueError("the intercept must be finite and every scale positive")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
