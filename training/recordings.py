"""A labelled recording: one file that shows one lifter, frame by frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.scorer.observe import LifterObservations
from shared.data.messages import Person
from shared.data.skeleton import F32, FEET, OUTLINE_LEVELS

#: First word of a folder's or label's name → label.
LABELS = {"good": 1, "bad": 0}

#: Minimum number of seen joints of a person. Chosen: fewer make no body.
_MIN_JOINTS = 6


@dataclass(frozen=True, eq=False)
class Recording:
    """A labelled recording.

    Attributes:
        file: Its path within the source.
        lifter: The lifter as the source states it; "" where it does not.
        label: 1 good, 0 bad.
        condition: The label in the source's words.
        seen: What was seen of the lifter.
    """

    file: str
    lifter: str
    label: int
    condition: str
    seen: LifterObservations


def person_of(xy_px: F32, confidence: F32, turn_deg: float = float("nan")) -> Person | None:
    """A person of whom only joints are known; None where too few are seen.

    Args:
        xy_px: float32 (15, 2), MPI-15 joints, NaN where unseen, origin top left.
        confidence: float32 (15,), 0..1.
        turn_deg: measured turn from side-on, NaN where it is not known.
    """
    known = np.isfinite(xy_px).all(-1)
    if known.sum() < _MIN_JOINTS:
        return None
    box = np.concatenate([xy_px[known].min(0), xy_px[known].max(0)])
    return Person(
        xy_px=xy_px.astype(np.float32),
        confidence=np.where(known, confidence, 0).astype(np.float32),
        feet_px=np.full((len(FEET), 2), np.nan, np.float32),
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=np.full((2, 2), np.nan, np.float32),
        turn_deg=turn_deg,
        box_px=box.astype(np.float32),
        detection_confidence=1.0,
    )


def observations_of(people: Sequence[Person | None], fps: float) -> LifterObservations:
    """What was seen of a lifter who is filmed at a constant rate in one shot."""
    count = len(people)
    return LifterObservations(
        index=np.arange(count, dtype=np.int64),
        time_s=np.arange(count) / fps,
        shot=np.zeros(count, np.int64),
        people=tuple(people),
        plates=((),) * count,
        pose_ms=np.zeros(count),
    )
