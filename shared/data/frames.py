"""One analysed frame of one lifter, as `frames` of `analysis.json` lists them."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from shared.data.fields import (
    Array,
    DegreesOrNan,
    Flag,
    Fraction,
    FractionOrNan,
    FrameTime,
    JointName,
    KeypointList,
    Keypoints,
    MillisecondsOrNan,
    Whole,
)
from shared.data.labels import Phase
from shared.data.messages import MAX_PLATES, Person, Plate
from shared.data.skeleton import F32, JOINTS


@dataclass(frozen=True, slots=True)
class Angles:
    """Joint angles in the sagittal plane, of the smoothed joints; left and right are averaged.

    Attributes:
        trunk_lean: Lean of the line from hips to neck: 0 is upright, forward is positive; null
            where unknown.
        hip: Angle at the hip between trunk and thigh: 180 is straight, more is over-extended; null
            where unknown.
        knee: Angle at the knee: 180 is straight; null where unknown.
        elbow: Angle at the elbow: 180 is straight; null where unknown.
        back_flexion: Angle between the lower and the upper half of the back's outline, rounded is
            positive; not yet compared with the lifter's upright back, and about half of the bend
            that the fault `rounded_back` reports. Null where unknown.
    """

    trunk_lean: DegreesOrNan
    hip: DegreesOrNan
    knee: DegreesOrNan
    elbow: DegreesOrNan
    back_flexion: DegreesOrNan


#: Joint angles that frames carry, in order.
ANGLES = tuple(Angles.__dataclass_fields__)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What the pose stage saw in a frame, before any smoothing.

    Attributes:
        person: The lifter as measured; null when they are not seen in the frame.
        plates: Weight plates seen around the people in this frame, each an ellipse in pixels; some
            are other round things.
    """

    person: Person | None
    plates: Annotated[tuple[Plate, ...], Field(fail_fast=True, max_length=MAX_PLATES)] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LifterFrame:
    """One analysed frame of one lifter.

    Attributes:
        index: Number of the frame among all frames of the source, from 0.
        time_s: Time of the frame from the start of the clip.
        score: Score of the repetition, moved by what this part of it takes off; null outside
            repetitions, and where the set has no score.
        confidence: Mean confidence of the 15 joints.
        phase: Where in the set the frame is; null where the lifter is not seen, and where the clip
            shows no deadlift.
        keypoints: The 15 joints, outliers removed and smoothed, in the order of `pose.skeleton`,
            each [x, y, confidence]; null where unseen.
        filled: Names of the joints that were interpolated in this frame.
        bar_px: Middle of the bar, [x, y] in pixels of the source; null where unknown.
        angles: Joint angles.
        covered: Whether most of the lifter's body is covered or out of the picture.
        shot: Number of the shot (uninterrupted footage), from 0; each cut begins the next.
        measured: What the pose stage saw: `coach analyze --rescore` judges it again.
        pose_ms: Time that finding the poses of this frame took; null where `COACH_TIMINGS`
            is off, so that two runs of a job give the same bytes.
    """

    index: Annotated[int, Whole()]
    time_s: FrameTime
    score: FractionOrNan
    confidence: Fraction
    phase: Phase | None
    keypoints: Annotated[Keypoints, KeypointList(JOINTS)]
    filled: Annotated[tuple[JointName, ...], Field(fail_fast=True, max_length=JOINTS)]
    bar_px: Annotated[F32, Array((2,), 2, unit="px", whole_rows=True)]
    angles: Angles
    covered: Flag
    shot: Annotated[int, Whole()]
    measured: Measured
    pose_ms: MillisecondsOrNan

    @property
    def xy_px(self) -> F32:
        """The smoothed joints, float32 (15, 2), NaN where unseen."""
        return self.keypoints.xy_px

    @property
    def joint_confidence(self) -> F32:
        """Confidence of each joint, float32 (15,), 0..1."""
        return self.keypoints.confidence

    @property
    def person(self) -> Person | None:
        """The lifter as measured; None when they are not seen in the frame."""
        return self.measured.person

    @property
    def box_px(self) -> F32:
        """Left, top, right, bottom as measured, float32 (4,); NaN when the lifter is not seen."""
        nowhere = np.full(4, np.nan, np.float32)
        return nowhere if self.person is None else self.person.box_px
