"""What moved a score, in a lifter's words. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.features import POSTURE
from shared.messages import Contribution

F64 = NDArray[np.float64]

#: How many reasons are named.
_NAMED = 3

#: Degrees in a feature's unit of angle, and per cent of the trunk in its unit of length.
_DEG, _PERCENT = 90.0, 100.0

#: Differences smaller than these are noise and not named, degrees and per cent of the trunk.
_MIN_DEG, _MIN_PERCENT = 4.0, 5.0

#: Feature → (is an angle, words when the value is too low, words when it is too high).
_WORDS: dict[str, tuple[bool, str, str]] = {
    "trunk_lean": (True, "trunk {} too upright", "trunk leans {} too far forward"),
    "hip_angle": (True, "hips bent {} too far", "hips {} too open"),
    "knee_angle": (True, "knees bent {} too far", "knees {} too straight"),
    "shank_lean": (True, "shins {} too upright", "shins lean {} too far forward"),
    "elbow_angle": (True, "arms bent by {}", "arms {} straighter than usual"),
    "head_tilt": (True, "head {} too low", "head {} too far back"),
    "hips_over_knees": (False, "hips too low by {}", "hips too high by {}"),
    "shoulders_over_hips": (False, "shoulders too low by {}", "shoulders too high by {}"),
    "wrists_over_ankles": (False, "hands too low by {}", "hands too high by {}"),
    "shoulders_before_wrists": (
        False, "shoulders too far behind the bar by {}", "shoulders too far before the bar by {}",
    ),
    "wrists_before_ankles": (
        False, "hands too far back by {}", "hands too far before the feet by {}",
    ),
    "hips_before_ankles": (False, "hips too far back by {}", "hips too far forward by {}"),
}  # fmt: skip


def worst_of(effects: F64, off: F64, rows: NDArray[np.int64]) -> tuple[Contribution, ...]:
    """The (up to three) features that lowered the score most over some rows, in words.

    Args:
        effects: (n, n_features), what each added to the score, as `PostureModel.explain` gives it.
        off: (n, n_features), how far it is from good postures, likewise.
        rows: the rows to look at.
    """
    count = len(POSTURE)
    summed = np.nan_to_num(effects[rows, :count]) + np.nan_to_num(effects[rows, count:])
    named = []
    for place, feature in enumerate(POSTURE):
        known = np.isfinite(off[rows, place])
        if not known.any():
            continue
        effect = float(summed[known, place].mean())
        text = describe(feature, float(off[rows, place][known].mean()))
        if effect < 0 and text:
            named.append(Contribution(text, effect))
    return tuple(sorted(named, key=lambda reason: reason.effect)[:_NAMED])


def describe(feature: str, off: float) -> str:
    """A difference from good postures in words, "" where it is too small to name.

    >>> describe("knee_angle", -0.2)
    'knees bent 18° too far'
    """
    is_angle, low, high = _WORDS[feature]
    amount = abs(off) * (_DEG if is_angle else _PERCENT)
    if amount < (_MIN_DEG if is_angle else _MIN_PERCENT):
        return ""
    shown = f"{amount:.0f}°" if is_angle else f"{amount:.0f} % of the trunk"
    return (low if off < 0 else high).format(shown)
