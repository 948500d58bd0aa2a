"""Weightlifting Coach: a deadlift video in; poses, reps, faults, scores and a report out.

    import coach

    analysis = coach.analyze("lift.mp4")            # in this process: no server, no workers
    analysis.score, analysis.reps[0].mean_velocity_m_s, analysis.faults, analysis.not_judged

    poses = coach.track("lift.mp4")                 # people, joints and plates in each frame
    strict = coach.faults.IncompleteLockout(threshold_deg=18)
    analysis = coach.judge(poses, plate_mm=450, faults=coach.faults.replace_rules(strict))

    coach.annotate("lift.mp4", analysis, "annotated.mp4")
    coach.report(analysis, "report.html", source="lift.mp4")
    coach.load("out/lift").frames_table()           # columns for pandas or polars

What is named here is the public interface. It is loaded when it is first used: importing `coach`
takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coach import faults
    from coach.files import annotate, export, load, report
    from coach.judging import analyze, judge
    from coach.learning import train
    from coach.tracking import track
    from services.pose.backends import Backend, Plugin, TimedImage, load_backend
    from services.scorer.score.lift_model import LiftModel
    from shared.data.analysis import (
        Analysis,
        Angles,
        BarScale,
        BarSource,
        Contribution,
        Exercise,
        Fault,
        FaultUnit,
        LengthUnit,
        Lifter,
        LifterFrame,
        LiftPart,
        Measured,
        NotJudged,
        Partial,
        Phase,
        PoseRecord,
        Rep,
        SourceRecord,
        Style,
        Summary,
        Verdict,
        View,
    )
    from shared.data.job_options import JudgingOptions
    from shared.data.messages import EndReason, FramePoses, Person, Plate
    from shared.data.pose_options import PoseOptions
    from shared.data.poses import Poses
    from shared.data.skeleton import LIMBS, MPI_15
    from shared.errors import CoachError, ModelError, OutputError, SourceError, UsageError
    from training.train import TrainingReport

__all__ = [
    "LIMBS",
    "MPI_15",
    "Analysis",
    "Angles",
    "Backend",
    "BarScale",
    "BarSource",
    "CoachError",
    "Contribution",
    "EndReason",
    "Exercise",
    "Fault",
    "FaultUnit",
    "FramePoses",
    "JudgingOptions",
    "LengthUnit",
    "LiftPart",
    "Lifter",
    "LifterFrame",
    "Measured",
    "ModelError",
    "NotJudged",
    "OutputError",
    "Partial",
    "Person",
    "Phase",
    "Plate",
    "Plugin",
    "PoseOptions",
    "PoseRecord",
    "Poses",
    "LiftModel",
    "Rep",
    "SourceError",
    "SourceRecord",
    "Style",
    "Summary",
    "TimedImage",
    "TrainingReport",
    "UsageError",
    "Verdict",
    "View",
    "analyze",
    "annotate",
    "export",
    "faults",
    "judge",
    "load",
    "load_backend",
    "report",
    "track",
    "train",
]

#: Module → the public names that it defines.
_HOMES = {
    "coach.files": ("annotate", "export", "load", "report",),
    "coach.judging": ("analyze", "judge",),
    "coach.learning": ("train",),
    "coach.tracking": ("track",),
    "services.pose.backends": ("Backend", "Plugin", "TimedImage", "load_backend",),
    "services.scorer.score.lift_model": ("LiftModel",),
    "shared.data.analysis": (
        "Analysis", "Angles", "BarScale", "BarSource", "Contribution", "Exercise", "Fault",
        "FaultUnit", "LengthUnit", "LiftPart", "Lifter", "LifterFrame", "Measured", "NotJudged",
        "Partial", "Phase", "PoseRecord", "Rep", "SourceRecord", "Style", "Summary", "Verdict",
        "View",
    ),
    "shared.data.job_options": ("JudgingOptions",),
    "shared.data.messages": ("EndReason", "FramePoses", "Person", "Plate",),
    "shared.data.pose_options": ("PoseOptions",),
    "shared.data.poses": ("Poses",),
    "shared.data.skeleton": ("LIMBS", "MPI_15",),
    "shared.errors": ("CoachError", "ModelError", "OutputError", "SourceError", "UsageError",),
    "training.train": ("TrainingReport",),
}  # fmt: skip
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    if name == "faults":
        return import_module("coach.faults")
    if name not in _MODULES:
        raise AttributeError(f"module 'coach' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
