"""Explains a score in a lifter's words. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.score.features import FEATURES, QUARTER_TURN_DEG
from shared.data.analysis import Contribution

F64 = NDArray[np.float64]

#: Maximum number of reasons that are named. Chosen: more are not remembered.
_NAMED = 3

#: Per cent of the trunk in a feature's unit of length. By definition of the features.
_PERCENT = 100.0

#: Minimum cost of a reason that is named. Chosen: scores are shown with two decimals.
_MIN_EFFECT = 0.01


@dataclass(frozen=True)
class _Words:
    """Texts about a feature; `at_least` is the minimum difference that is named."""

    is_angle: bool
    at_least: float
    low: str
    high: str


#: Feature → its texts. Differences below the error of measurement are not named: markerless angles
#: have an RMSE of 6–12° at the knee and 11–17° at the hip (doi 10.1177/17543371251348697); straight
#: arms appear bent by up to 20° in clips of correct lifts. The height of the hands is the phase of
#: the lift and no reason.
_WORDS = {
    "trunk_lean": _Words(True, 5, "trunk {} too upright", "trunk leans {} too far forward"),
    "hip_angle": _Words(True, 11, "hips bent {} too far", "hips {} too open"),
    "knee_angle": _Words(True, 6, "knees bent {} too far", "knees {} too straight"),
    "shank_lean": _Words(True, 6, "shins {} too upright", "shins lean {} too far forward"),
    "elbow_angle": _Words(True, 20, "arms bent by {}", "arms {} too straight"),
    "head_tilt": _Words(True, 10, "head {} too low", "head {} too far back"),
    "hips_over_knees": _Words(False, 7, "hips too low by {}", "hips too high by {}"),
    "shoulders_over_hips": _Words(False, 7, "shoulders too low by {}", "shoulders too high by {}"),
    "shoulders_before_wrists": _Words(
        False, 10, "shoulders too far behind the bar by {}", "shoulders too far over the bar by {}"
    ),
    "wrists_before_ankles": _Words(
        False, 10, "hands too far back by {}", "hands too far before the feet by {}"
    ),
    "hips_before_ankles": _Words(
        False, 10, "hips too far back by {}", "hips too far forward by {}"
    ),
}


def explain_score(effects: F64, off: F64, rows: NDArray[np.int64]) -> tuple[Contribution, ...]:
    """Describe the (up to three) features that lowered the score most over some rows.

    Args:
        effects: (n, n_features), effects on the score, as from `PostureModel.explain`.
        off: (n, n_features), differences from good postures, likewise.
        rows: the rows to average over.
    """
    named = []
    for feature in _WORDS:
        place = list(FEATURES).index(feature)
        known = np.isfinite(off[rows, place])
        if not known.any():
            continue
        effect = float(effects[rows, place][known].mean())
        text = describe(feature, float(off[rows, place][known].mean()))
        if effect <= -_MIN_EFFECT and text:
            named.append(Contribution(text, effect))
    return tuple(sorted(named, key=lambda reason: reason.effect)[:_NAMED])


def describe(feature: str, off: float) -> str:
    """Describe a feature's difference from good postures; "" where it is too small to name.

    >>> describe("knee_angle", -0.2)
    'knees bent 18° too far'
    """
    words = _WORDS[feature]
    amount = abs(off) * (QUARTER_TURN_DEG if words.is_angle else _PERCENT)
    if amount < words.at_least:
        return ""
    shown = f"{amount:.0f}°" if words.is_angle else f"{amount:.0f} % of the trunk"
    return (words.low if off < 0 else words.high).format(shown)
