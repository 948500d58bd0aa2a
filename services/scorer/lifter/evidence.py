"""How much of a deadlift a person's motion shows, from 0 to 1. Pure.

In a deadlift the hands rise together with the shoulders, on hanging arms, while the hips
straighten. Other movements lack one of these: waving, curling and pressing move the hands alone;
walking moves the whole body alike; sitting down and standing up hardly move the hands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.tracks import box_size_px
from shared.data.messages import Person
from shared.data.skeleton import HEAD, L_ANKLE, L_HIP, L_WRIST, NECK, R_ANKLE, R_HIP, R_WRIST

F64 = NDArray[np.float64]

#: Wrist travel of a full pull, in body heights. Chosen: the wrists rise from about 0.17 (bar on the
#: floor) to 0.48 (hanging). Lifters in 39 real clips travel by 0.28 to 0.51.
_FULL_TRAVEL = 0.3

#: Travel of the shoulders that counts in full, as a fraction of the wrists' travel. Chosen: in a
#: deadlift both travel about equally far (0.44 to 1.11 in 39 real clips, median 0.97), in a curl
#: the shoulders do not move.
_FULL_SHOULDER_TRAVEL = 0.5

#: Change of the trunk's height (hips to neck) that counts in full, in body heights. Chosen: a trunk
#: of 0.29 body heights that straightens from 45° grows by about 0.08. Lifters in 39 real clips have
#: 0.10 to 0.36.
_FULL_STRAIGHTENING = 0.08

#: Minimum number of rows that show the wrists. Chosen: fewer have no correlation.
_MIN_ROWS = 3

#: Body height over the distance from head and neck to ankles, because the feet lie below the
#: ankles. Chosen: approximate, since all evidence is in ratios of one person's heights.
_BODY_OVER_ANKLES = 1.08


@dataclass(frozen=True, eq=False)
class BodyHeights:
    """Vertical positions of one person over n rows, in pixels of the source, downwards.

    Attributes:
        wrists_px: float64 (n,), NaN where unseen.
        neck_px: float64 (n,), likewise.
        hips_px: float64 (n,), likewise.
        body_px: The body's usual height.
    """

    wrists_px: F64
    neck_px: F64
    hips_px: F64
    body_px: float


def measure_evidence(people: Mapping[int, Person]) -> float:
    """How much of a lift a person's motion shows, 0..1.

    Args:
        people: row → the person there.
    """
    heights = measure_heights(people)
    wrists, neck, hips = heights.wrists_px, heights.neck_px, heights.hips_px
    if np.isfinite(wrists).sum() < _MIN_ROWS or not np.isfinite(heights.body_px):
        return 0.0
    wrist_travel = _range(wrists) / heights.body_px
    neck_travel = _range(neck) / heights.body_px
    hanging = float(np.nanmean(wrists > neck)) if np.isfinite(wrists + neck).any() else 0.0
    straightening = 0.0
    if np.isfinite(neck - hips).any():
        straightening = _range(neck - hips) / (_FULL_STRAIGHTENING * heights.body_px)
    return float(
        min(1.0, wrist_travel / _FULL_TRAVEL)
        * min(1.0, neck_travel / max(_FULL_SHOULDER_TRAVEL * wrist_travel, 1e-6))
        * _correlation(wrists, neck)
        * hanging
        * min(1.0, straightening)
    )


def measure_heights(people: Mapping[int, Person]) -> BodyHeights:
    """Vertical positions of a person in the rows that show them, in the mapping's order."""
    y_px = np.stack([person.xy_px for person in people.values()]).astype(np.float64)[..., 1]

    def mean(*joints: int) -> F64:
        seen = np.isfinite(y_px[:, joints])
        total = np.where(seen, y_px[:, joints], 0).sum(-1)
        return np.where(seen.any(-1), total / np.maximum(seen.sum(-1), 1), np.nan)

    from_ankles = mean(L_ANKLE, R_ANKLE) - mean(HEAD, NECK)
    known = from_ankles[np.isfinite(from_ankles)]
    if known.size:
        body_px = float(np.percentile(known, 90)) * _BODY_OVER_ANKLES
    else:
        body_px = float(np.median([box_size_px(person) for person in people.values()]))
    return BodyHeights(
        mean(L_WRIST, R_WRIST), mean(NECK), mean(L_HIP, R_HIP), float(max(body_px, 1.0))
    )


def _range(values: F64) -> float:
    """Width of the middle 90 % of the known values; 0 if none is known."""
    known = values[np.isfinite(values)]
    return float(np.subtract(*np.percentile(known, [95, 5]))) if known.size else 0.0


def _correlation(first: F64, second: F64) -> float:
    """Correlation of two series where both are known, at least 0; 0 where either is constant."""
    both = np.isfinite(first + second)
    if both.sum() < _MIN_ROWS or np.ptp(first[both]) == 0 or np.ptp(second[both]) == 0:
        return 0.0
    return max(0.0, float(np.corrcoef(first[both], second[both])[0, 1]))
