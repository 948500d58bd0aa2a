"""The posture model: features in, score out. It needs only numpy; `training` fits it.

A model file is JSON: it can be read, compared and checked, and loading it runs no code.
"""

import json
import math
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.scorer.score.features import FEATURES, is_scorable, posture_features
from shared.data.skeleton import F32
from shared.errors import ModelError
from shared.files import replace_when_complete

F64 = NDArray[np.float64]

#: Version of the model file's format. Raised with every change of its fields or of the features'
#: meaning.
SCHEMA = 4

_VECTORS = ("mean", "scale", "coefficients")

#: Feature that stands for the phase of the lift in comparisons with good postures: the height of
#: the hands.
PHASE = "wrists_over_ankles"

#: Links from the linear part to the score.
LINKS = ("identity", "logistic")


@dataclass(frozen=True)
class PostureModel:
    """A model of posture that is linear in its features and in their products.

    z = (feature − mean) / scale, at most `limit` either way; a missing feature counts as the mean.
    linear = intercept + Σ coefficients · z + Σ pairs[i][j] · z[i] · z[j]. The score is that,
    clipped to 0..1 (link "identity": ridge, lasso, elastic net), or its logistic function (link
    "logistic"). With products, a posture that is right at lockout can be wrong at the start, and
    too high can be as bad as too low.

    Attributes:
        features: Names of the features.
        mean: Mean of each feature.
        scale: Standard deviation of each feature.
        limit: Maximum absolute value of z.
        coefficients: Coefficient of each feature.
        pairs: Coefficients of products, n × n, symmetric.
        intercept: Intercept of the linear part.
        link: "identity" or "logistic".
        levels: Heights of the hands at which the rows of `good` begin, in trunk lengths above the
            ankles.
        good: Mean features of good postures in each range of heights.
        provenance: How the model was trained, and its figures on lifters it has not seen.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    limit: float
    coefficients: tuple[float, ...]
    pairs: tuple[tuple[float, ...], ...]
    intercept: float
    link: str
    levels: tuple[float, ...]
    good: tuple[tuple[float, ...], ...]
    provenance: dict[str, Any]

    def score(
        self,
        xy_px: F32,
        confidence: F32,
        facing: int | None = None,
        turn_deg: ArrayLike = 0.0,
    ) -> F32:
        """Score postures.

        Args:
            xy_px: float32 (…, 15, 2), MPI-15, NaN where unseen.
            confidence: float32 (…, 15).
            facing: as in `posture_features`.
            turn_deg: as in `posture_features`.

        Returns:
            float32 (…), 0 (bad) to 1 (good); NaN where too little is seen (`is_scorable`).
        """
        z = self._standard(posture_features(xy_px, confidence, facing, turn_deg))
        linear = z @ np.array(self.coefficients) + ((z @ np.array(self.pairs)) * z).sum(-1)
        return np.where(
            is_scorable(xy_px, confidence), linked(linear + self.intercept, self.link), np.nan
        ).astype(np.float32)

    def explain(
        self,
        xy_px: F32,
        confidence: F32 | None = None,
        facing: int | None = None,
        turn_deg: ArrayLike = 0.0,
    ) -> tuple[F64, F64]:
        """Explain the scores of postures against good ones with the hands at the same height.

        A feature's effect is its Shapley value: the change of the linear part when the feature goes
        from the good posture's value to this one's, on average over the orders in which the
        features change. The effects add up to the difference between the two postures.

        Args:
            xy_px: (…, 15, 2), as in `score`.
            confidence: (…, 15); if None, 1 for every joint that is seen.
            facing: as in `posture_features`.
            turn_deg: as in `posture_features`.

        Returns:
            Effect of each feature on the linear part of the score (negative is worse), and its
            difference from good postures, in its own unit; both float64 (…, n_features), NaN where
            it is not seen.
        """
        seen = np.asarray(np.isfinite(xy_px).all(-1), np.float32)
        known = seen if confidence is None else confidence
        values = posture_features(xy_px, known, facing, turn_deg)
        phase = self.features.index(PHASE)
        height = np.where(np.isfinite(values[..., phase]), values[..., phase], self.mean[phase])
        level = np.clip(np.searchsorted(self.levels, height, side="right") - 1, 0, None)
        good = np.array(self.good)[level]
        z, z_good = self._standard(values), self._standard(good)
        effects = (z - z_good) * (np.array(self.coefficients) + (z + z_good) @ np.array(self.pairs))
        return np.where(np.isfinite(values), effects, np.nan), values - good

    def _standard(self, values: F64) -> F64:
        return standardised(values, np.array(self.mean), np.array(self.scale), self.limit)

    def save(self, path: Path) -> None:
        """Write the model as JSON, whole or not at all."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1, allow_nan=False)
        with replace_when_complete(path) as partial:
            partial.write_text(text + "\n")


def standardised(values: F64, mean: F64, scale: F64, limit: float) -> F64:
    """Features (…, n) about their mean in units of `scale`, at most ± `limit`; 0 where missing."""
    return np.nan_to_num(np.clip((values - mean) / scale, -limit, limit), nan=0.0)


def linked(linear: F64, link: str) -> F64:
    """The score that a linear part stands for, 0..1."""
    if link == "logistic":
        return np.asarray(1 / (1 + np.exp(-np.clip(linear, -50, 50))))
    return np.clip(linear, 0, 1)


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
    """Read the shipped model."""
    resource = files("services.scorer.score") / "posture_model.json"
    return parse(resource.read_text(), "posture_model.json")


def chosen(path: Path | None) -> PostureModel:
    """The model of a file, or the shipped one if none is given."""
    return load_default() if path is None else load(path)


def parse(text: str, name: str) -> PostureModel:
    """Parse a model's JSON text; `name` names it in errors."""
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise ValueError(f"its schema is not {SCHEMA}")
        for vector in ("features", "levels", *_VECTORS):
            content[vector] = tuple(content[vector])
        for table in ("pairs", "good"):
            content[table] = tuple(tuple(row) for row in content[table])
        model = PostureModel(**content)
        _check(model)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{name} is no posture model of this version ({error}); make one with `coach train`"
        ) from error
    return model


def _check(model: PostureModel) -> None:
    count = len(FEATURES)
    if model.features != tuple(FEATURES):
        raise ValueError("its features are not this version's")
    rows = [(name, getattr(model, name)) for name in _VECTORS]
    rows += [("good", row) for row in model.good] + [("pairs", row) for row in model.pairs]
    for name, values in rows:
        if len(values) != count or not all(map(_is_number, values)):
            raise ValueError(f"{name} must be {count} finite numbers")
    if len(model.pairs) != count or not np.array_equal(model.pairs, np.transpose(model.pairs)):
        raise ValueError(f"pairs must be symmetric, {count} × {count}")
    if model.link not in LINKS or not all(map(_is_number, model.levels)):
        raise ValueError(f"its link must be one of {', '.join(LINKS)}, its levels numbers")
    if len(model.good) != len(model.levels) or not model.levels:
        raise ValueError("there must be one row of good postures per level")
    if not _is_number(model.intercept) or not _is_number(model.limit):
        raise ValueError("intercept and limit must be finite numbers")
    if min((*model.scale, model.limit)) <= 0:
        raise ValueError("limit and every scale must be positive")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
