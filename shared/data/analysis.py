"""The analysis of a clip: the types behind `analysis.json`, in memory and on disk the same.

    Analysis                the clip: its source, how poses were found, how they were judged
    ├── frames              LifterFrame: joints, phase, bar, angles and score of the main lifter
    ├── reps                Rep: when, how far, how fast, how well
    ├── attempts            Attempt: when a pull failed, and how
    ├── faults              Fault: what was wrong in a rep
    ├── not_judged          NotJudged: what a rule could not judge, and why
    ├── bar                 BarScale: how the bar was found, and the unit of its distances
    ├── summary             Summary: the set in a few numbers
    └── others              Lifter: the same for each other lifter

The docstrings of the types are the source of docs/results.md and of the JSON Schemas beside it:
"null" there is NaN or None here.
"""

import math
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from shared.data import document, tables, upgrade
from shared.data.fields import (
    Listed,
    OneOf,
    Pixels,
    Rounded,
    Seconds,
    Whole,
)
from shared.data.frames import ANGLES, Angles, LifterFrame, Measured
from shared.data.job_options import JudgingOptions
from shared.data.labels import (
    BarSource,
    Exercise,
    Failure,
    FaultUnit,
    LengthUnit,
    LiftPart,
    Partial,
    Phase,
    Style,
    Verdict,
    View,
)
from shared.data.pose_options import PoseOptions
from shared.data.reps import (
    Attempt,
    BarScale,
    Contribution,
    Fault,
    NotJudged,
    Rep,
)
from shared.data.summary import Summary

__all__ = [
    "ANALYSIS_SCHEMA",
    "ANGLES",
    "Analysis",
    "Angles",
    "Attempt",
    "BarScale",
    "BarSource",
    "Contribution",
    "Exercise",
    "Failure",
    "Fault",
    "FaultUnit",
    "LengthUnit",
    "LiftPart",
    "Lifter",
    "LifterFrame",
    "Measured",
    "NotJudged",
    "Partial",
    "Phase",
    "PoseRecord",
    "Rep",
    "SourceRecord",
    "Style",
    "Summary",
    "Verdict",
    "View",
]

#: Raised with every change of the fields of `analysis.json`.
ANALYSIS_SCHEMA = 7

#: Maximum frames that are read back: nine hours at 30 frames per second.
MAX_FRAMES = 1_000_000


@dataclass(frozen=True, slots=True)
class SourceRecord:
    r"""The clip that was analysed.

    Attributes:
        path: Path of the clip when it was analysed, as it was named. Bytes that are not UTF-8 are
            escaped (`\xe9`).
        sha256: SHA-256 of its content; of a folder of pictures, of their names and contents.
        width: Width of the upright picture.
        height: Height of the upright picture.
        duration_s: Time from the start of the clip to the end of its last frame.
        frames: Number of frames that can be decoded.
        fps: Mean frame rate.
    """

    path: str
    sha256: str
    width: Pixels
    height: Pixels
    duration_s: Seconds
    frames: Annotated[int, Whole()]
    fps: Annotated[float, Rounded(4, unit="1/s", low=0)]


@dataclass(frozen=True, slots=True)
class PoseRecord:
    """How poses were found.

    Attributes:
        backend: Name of the pose backend.
        every: Every n-th frame was analysed, or by default interpolated between those that were
            (`is_interpolated`).
        skeleton: Order of the joints: Head, Neck, RShoulder, RElbow, RWrist, LShoulder, LElbow,
            LWrist, RHip, RKnee, RAnkle, LHip, LKnee, LAnkle, Chest; right and left are the
            lifter's.
        options: Options of the pose stage.
        engines: What computed the poses, each once: library, version, device, precision, weights.
    """

    backend: str
    every: Annotated[int, Whole(1)]
    skeleton: Annotated[str, OneOf(("mpi-15",))] = "mpi-15"
    options: PoseOptions = PoseOptions()
    engines: Listed[str] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Lifter:
    """Everything about one lifter.

    Attributes:
        frames: Every analysed frame of the clip, in order.
        reps: The repetitions, in order.
        attempts: The failed attempts, in order; none of them is a repetition.
        faults: The faults, by repetition.
        not_judged: What each rule could not judge, or saw with too little confidence to report.
        bar: How the bar was found, and the unit of its distances.
        summary: The set in a few numbers.
    """

    frames: Annotated[tuple[LifterFrame, ...], Field(fail_fast=True, max_length=MAX_FRAMES)]
    reps: Listed[Rep]
    faults: Listed[Fault]
    not_judged: Listed[NotJudged]
    bar: BarScale
    summary: Summary
    attempts: Listed[Attempt] = ()

    @property
    def score(self) -> float:
        """The set's score, 0..1; NaN where no deadlift was seen, or no posture has one."""
        return self.summary.score

    @property
    def refusal(self) -> str:
        """Why nothing of this lifter was judged, for people; "" where something was.

        Where no deadlift was seen there are no repetitions, scores or phases, and the first of the
        warnings says why.
        """
        if self.reps or math.isfinite(self.score) or any(frame.phase for frame in self.frames):
            return ""
        return next(iter(self.summary.warnings), "")


@dataclass(frozen=True, eq=False, kw_only=True)
class Analysis(Lifter):
    """The analysis of a clip: its main lifter, and the others.

    Attributes:
        schema: Version of these fields.
        job: Identity of the job: of content, options and place of the results.
        source: The clip.
        pose: How poses were found.
        judging: How they were judged.
        posture_model: SHA-256 of the file of the model of good lifts that gave the scores; empty
            where an earlier version made the analysis.
        warnings: What is wrong with the clip as a whole, for people.
        others: Each other lifter.
    """

    schema: Annotated[int, Whole(ANALYSIS_SCHEMA, ANALYSIS_SCHEMA)] = ANALYSIS_SCHEMA
    job: str
    source: SourceRecord
    pose: PoseRecord
    judging: JudgingOptions = field(default_factory=JudgingOptions)
    posture_model: str = ""
    warnings: Listed[str] = ()
    others: Listed[Lifter] = ()

    @property
    def lifters(self) -> tuple[Lifter, ...]:
        """All lifters, the main one first."""
        return (self, *self.others)

    def to_json(self) -> str:
        """The content of `analysis.json`: one line a frame."""
        return document.analysis_text(self)

    @classmethod
    def from_json(cls, text: str | bytes, manifest: str | bytes | None = None) -> "Analysis":
        """Read the content of an `analysis.json`.

        Args:
            text: the content.
            manifest: the content of the `manifest.json` beside it, if there is one: analyses of
                schema 2 leave to it how they were judged.

        Raises:
            UsageError: it is not JSON, is damaged, or is of a version that cannot be read; the
                message names the field.
        """
        content = upgrade.upgraded(document.parsed(text), manifest, ANALYSIS_SCHEMA)
        analysis = document.loaded(cls, content)
        document.check_order([lifter.frames for lifter in analysis.lifters])
        return analysis

    def frames_table(self) -> tables.Columns:
        """One row per analysed frame of the main lifter: column name → values.

        `pandas.DataFrame(…)` and `polars.DataFrame(…)` take it as it is. Numbers are NaN where
        unseen; docs/results.md describes the columns.
        """
        return tables.frames_table(self.frames)

    def reps_table(self) -> tables.Columns:
        """One row per repetition of the main lifter: column name → values, as `frames_table`."""
        return tables.reps_table(self.reps)
