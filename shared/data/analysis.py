"""The analysis of a clip: the types behind `analysis.json`, in memory and on disk the same.

    Analysis                the clip: its source, how poses were found, how they were judged
    ├── frames              LifterFrame: joints, phase, bar, angles and score of the main lifter
    ├── reps                Rep: when, how far, how fast, how well
    ├── faults              Fault: what was wrong in a rep
    ├── not_judged          NotJudged: what a rule could not tell, and why
    ├── bar                 BarScale: how the bar was found, and the unit of its numbers
    ├── summary             Summary: the set in a few numbers
    └── others              Lifter: the same for each other lifter

The docstrings are the source of docs/results.md and of the JSON Schema: "null" there is NaN or None
here.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np

from shared.data import document
from shared.data.fields import Array, KeypointList, Keypoints, Rounded
from shared.data.job_options import JudgingOptions
from shared.data.messages import Person, Plate
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import F32, JOINTS

if TYPE_CHECKING:
    from shared.data.tables import Columns

#: Raised with every change of the fields of `analysis.json`.
ANALYSIS_SCHEMA = 3

#: A number as results have it: a rounding error of 1e-4 is below what anything here is known to.
Number = Annotated[float, Rounded(4)]
Fraction = Annotated[float, Rounded(4, most=1)]
Seconds = Annotated[float, Rounded(4)]
FrameTime = Annotated[float, Rounded(6)]
Degrees = Annotated[float, Rounded(1, most=360)]
Milliseconds = Annotated[float, Rounded(3)]


class View(StrEnum):
    """From where the camera sees the lifter."""

    SIDE = "side"
    OBLIQUE = "oblique"
    FRONT = "front"
    UNKNOWN = "unknown"


class Style(StrEnum):
    """How the lift is done."""

    CONVENTIONAL = "conventional"
    SUMO = "sumo"
    ROMANIAN = "romanian"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """Where in the set a frame is."""

    SETUP = "setup"
    PULL = "pull"
    LOCKOUT = "lockout"
    LOWER = "lower"
    REST = "rest"


class Partial(StrEnum):
    """What of a repetition the clip does not show."""

    WHOLE = ""
    NO_START = "begins before the clip"
    NO_END = "ends after the clip"


class BarSource(StrEnum):
    """What the bar's path was read from."""

    PLATE = "plate"
    WRISTS = "wrists"
    NONE = "none"


class LengthUnit(StrEnum):
    """Unit of the bar's distances: metres, or lengths of the lifter's trunk."""

    METRE = "m"
    TRUNK = "trunk"


class FaultUnit(StrEnum):
    """Unit of a fault's value and threshold."""

    DEGREE = "deg"
    SECOND = "s"
    TRUNK_LENGTH = "trunk lengths"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """The clip that was analysed.

    Attributes:
        path: Where it lay.
        sha256: SHA-256 of its content; of a folder of pictures, of their names and contents.
        width: Width of the upright picture, pixels.
        height: Height of the upright picture, pixels.
        duration_s: Time from the start to the end of the last frame, seconds.
        frames: Frames that it really gives.
        fps: Mean frame rate, frames a second.
    """

    path: str
    sha256: str
    width: int
    height: int
    duration_s: Seconds
    frames: int
    fps: Number


@dataclass(frozen=True, slots=True)
class PoseRecord:
    """How poses were found.

    Attributes:
        backend: Name of the pose backend.
        every: Every n-th frame was looked at.
        skeleton: Name of the joints' order.
        options: Options of the pose stage.
        engines: What computed the poses, each once: library, version, device, precision, weights.
    """

    backend: str
    every: int
    skeleton: str = "mpi-15"
    options: PoseOptions = PoseOptions()
    engines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Angles:
    """Joint angles of the sagittal plane, degrees; null where unknown.

    Attributes:
        trunk_lean: Lean of the line from hips to neck from upright, forward positive.
        hip: Angle at the hip between trunk and thigh; 180 is straight, more is over-stretched.
        knee: Angle at the knee; 180 is straight.
        elbow: Angle at the elbow; 180 is straight.
        back_flexion: Bend of the back's outline between its lower and its upper half, rounded
            positive, not yet compared with the upright back.
    """

    trunk_lean: Degrees
    hip: Degrees
    knee: Degrees
    elbow: Degrees
    back_flexion: Degrees


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What the pose stage saw of the lifter in a frame, before any smoothing.

    Attributes:
        person: The lifter as measured; null when they are not in the frame.
        plates: Weight plates seen near people's hands in this frame, each an ellipse in pixels.
    """

    person: Person | None
    plates: tuple[Plate, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LifterFrame:
    """One analysed frame of one lifter.

    Attributes:
        index: Number of the frame among all frames of the source, from 0.
        time_s: Time of the frame, seconds from the start of the clip.
        score: Posture score, 0 (bad) to 1 (good); null where too little is seen.
        confidence: Mean confidence of the 15 joints, 0..1.
        phase: Where in the set the frame is; null where the lifter is not seen.
        keypoints: The cleaned joints of MPI-15, each [x px, y px, confidence]; null where unseen.
        filled: Names of the joints that were interpolated here.
        bar_px: Middle of the bar, [x, y] in pixels of the source; null where unknown.
        angles: Joint angles.
        shot: Number of the shot (uninterrupted stretch of film), from 0; a cut begins the next.
        measured: What the pose stage saw, from which everything can be judged again.
        pose_ms: Time that finding the poses of this frame took, milliseconds.
    """

    index: int
    time_s: FrameTime
    score: Fraction
    confidence: Fraction
    phase: Phase | None
    keypoints: Annotated[Keypoints, KeypointList(JOINTS)]
    filled: tuple[str, ...]
    bar_px: Annotated[F32, Array((2,), 2, whole_rows=True)]
    angles: Angles
    shot: int
    measured: Measured
    pose_ms: Milliseconds

    @property
    def xy_px(self) -> F32:
        """The cleaned joints, float32 (15, 2), NaN where unseen."""
        return self.keypoints.xy_px

    @property
    def joint_confidence(self) -> F32:
        """Confidence of each joint, float32 (15,), 0..1."""
        return self.keypoints.confidence

    @property
    def person(self) -> Person | None:
        """The lifter as measured; None when they are not in the frame."""
        return self.measured.person

    @property
    def box_px(self) -> F32:
        """Left, top, right, bottom as measured, float32 (4,); NaN when the lifter is not seen."""
        nowhere = np.full(4, np.nan, np.float32)
        return nowhere if self.person is None else self.person.box_px


@dataclass(frozen=True, slots=True)
class Contribution:
    """Something about the posture that moved a score.

    Attributes:
        text: What it is, in words.
        effect: By how much it moved the score; negative is worse.
    """

    text: str
    effect: Number


#: Lowest and highest likely value.
Interval = tuple[Number, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition; times in seconds of the clip, null where the clip does not show them.

    Attributes:
        index: Number of the repetition, from 1.
        start_s: The bar leaves the floor, or its lowest place.
        top_s: Lockout is reached.
        end_s: The bar is back down.
        concentric_s: Duration of the way up, from start to lockout.
        eccentric_s: Duration of the lowering.
        partial: What of the repetition the clip does not show; empty for a whole one.
        unit: Unit of the four numbers that follow.
        rom: Range of motion: how far the bar rises.
        drift: Width of the bar's path, forward and back, on the way up.
        mean_velocity: Mean velocity of the way up, units a second.
        peak_velocity: Peak velocity of the way up, units a second.
        rom_m: Range of motion in metres; null without a scale, as all that follow.
        rom_m_interval: Lowest and highest likely range of motion.
        drift_m: Width of the bar's path in metres.
        drift_m_interval: Lowest and highest likely width.
        mean_velocity_m_s: Mean velocity in metres a second.
        mean_velocity_m_s_interval: Lowest and highest likely mean velocity.
        peak_velocity_m_s: Peak velocity in metres a second.
        peak_velocity_m_s_interval: Lowest and highest likely peak velocity.
        score: Posture score of the repetition, 0..1, less what its faults cost.
        contributions: What lowered the score most, worst first.
        faults: Kinds of the faults of this repetition.
    """

    index: int
    start_s: Seconds
    top_s: Seconds
    end_s: Seconds
    concentric_s: Seconds
    eccentric_s: Seconds
    partial: Partial = Partial.WHOLE
    unit: LengthUnit = LengthUnit.TRUNK
    rom: Number
    drift: Number
    mean_velocity: Number
    peak_velocity: Number
    rom_m: Number = float("nan")
    rom_m_interval: Interval | None = None
    drift_m: Number = float("nan")
    drift_m_interval: Interval | None = None
    mean_velocity_m_s: Number = float("nan")
    mean_velocity_m_s_interval: Interval | None = None
    peak_velocity_m_s: Number = float("nan")
    peak_velocity_m_s_interval: Interval | None = None
    score: Fraction
    contributions: tuple[Contribution, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in one repetition.

    Attributes:
        kind: Identifier of the rule.
        name: Name of the fault, for people.
        rep: Number of the repetition, from 1.
        from_s: Where it begins, seconds of the clip.
        to_s: Where it ends, seconds of the clip.
        shown_at: Index of the frame that shows it best.
        value: What was measured, in `unit`.
        unit: Unit of value and threshold.
        threshold: The value beyond which it is a fault.
        confidence: How certain it is, 0..1.
        reason: Why the threshold is what it is.
        cue: What to do about it.
    """

    kind: str
    name: str
    rep: int
    from_s: Seconds
    to_s: Seconds
    shown_at: int
    value: Number
    unit: FaultUnit
    threshold: Number
    confidence: Fraction
    reason: str
    cue: str


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A rule that tells nothing of some repetitions, and why.

    Attributes:
        kind: Identifier of the rule.
        name: Name of the fault, for people.
        reason: Why it tells nothing.
        reps: Numbers of the repetitions that this holds for, from 1; empty for the whole set.
    """

    kind: str
    name: str
    reason: str
    reps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class BarScale:
    """How the bar was found, and the unit of its numbers.

    Attributes:
        source: What the bar's path was read from.
        unit: Unit of the bar's distances.
        px_per_unit: Pixels of the source in one unit.
        low: Lowest likely value of px_per_unit.
        high: Highest likely value of px_per_unit.
        basis: What gave the unit, or why there are no metres, for people.
    """

    source: BarSource
    unit: LengthUnit
    px_per_unit: Number
    low: Number
    high: Number
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A set in a few numbers.

    Attributes:
        score: Score of the set, 0 (bad) to 1 (good); null where no posture has one.
        reps: Repetitions that were counted, partial ones too.
        partial_reps: Those of them that the clip does not show whole.
        faults: Kinds of the faults that were found.
        contributions: What lowered the score most over the set, worst first.
        view: From where the camera sees the lifter.
        turn_deg: How far the camera stands off the side, 0 (side) to 90 (front or back), degrees.
        facing: 1 if the lifter faces right in the picture, -1 left, 0 towards the camera or away.
        style: How the lift is done.
        trunk_length_px: Length of the upright trunk (hips to neck), pixels of the source.
        occlusion: Fraction of the joints that were unseen or filled in while the lifter was there.
        tilt_deg: By how much the picture leans, degrees clockwise; null where nothing tells.
        warnings: What makes this clip hard to judge, for people.
    """

    score: Fraction
    reps: int
    partial_reps: int
    faults: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    view: View
    turn_deg: Degrees
    facing: int
    style: Style
    trunk_length_px: Annotated[float, Rounded(2)]
    occlusion: Annotated[float, Rounded(3, most=1)]
    tilt_deg: Degrees
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Lifter:
    """All that is known of one lifter.

    Attributes:
        frames: Every analysed frame of the clip.
        reps: The repetitions, in order.
        faults: The faults, by repetition.
        not_judged: What each rule could not judge, or saw too unsurely to tell.
        bar: How the bar was found, and the unit of its numbers.
        summary: The set in a few numbers.
    """

    frames: tuple[LifterFrame, ...]
    reps: tuple[Rep, ...]
    faults: tuple[Fault, ...]
    not_judged: tuple[NotJudged, ...]
    bar: BarScale
    summary: Summary

    @property
    def score(self) -> float:
        """The set's score, 0..1; NaN where no posture has one."""
        return self.summary.score


@dataclass(frozen=True, eq=False, kw_only=True)
class Analysis(Lifter):
    """The analysis of a clip: its main lifter, and the others.

    Attributes:
        schema: Version of these fields.
        job: Identity of the job: of content, options and place of the results.
        source: The clip.
        pose: How poses were found.
        judging: How they were judged.
        warnings: What is wrong with the clip as a whole, for people.
        others: Each other lifter.
    """

    schema: int = ANALYSIS_SCHEMA
    job: str
    source: SourceRecord
    pose: PoseRecord
    judging: JudgingOptions = field(default_factory=JudgingOptions)
    warnings: tuple[str, ...] = ()
    others: tuple[Lifter, ...] = ()

    @property
    def lifters(self) -> tuple[Lifter, ...]:
        """All lifters, the main one first."""
        return (self, *self.others)

    def to_json(self) -> str:
        """The content of `analysis.json`: one line a frame."""
        return document.analysis_text(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Analysis":
        """Read the content of an `analysis.json`.

        Raises:
            UsageError: it is none, is damaged, or is of another version.
        """
        content = document.parsed(text)
        if content.get("schema") != ANALYSIS_SCHEMA:
            document.refuse_schema(content.get("schema"), ANALYSIS_SCHEMA)
        return document.loaded(cls, content)

    def frames_table(self) -> "Columns":
        """One row an analysed frame of the main lifter: column name → values.

        `pandas.DataFrame(…)` and `polars.DataFrame(…)` take it as it is. Numbers are NaN where
        unseen; docs/results.md describes the columns.
        """
        from shared.data.tables import frames_table

        return frames_table(self)


#: Joint angles that frames carry, in order.
ANGLES = tuple(Angles.__dataclass_fields__)
