"""From poses to an analysis: `coach.judge`, and the whole way in one call: `coach.analyze`."""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from coach.faults import FaultRule
from coach.tracking import track
from services.scorer.analysis import judge_again, judge_poses
from services.scorer.score import lift_model
from services.scorer.score.lift_model import LiftModel
from shared.data.analysis import Analysis
from shared.data.defaults import BACKEND
from shared.data.job_options import AUTO, JudgingOptions
from shared.data.pose_options import PoseOptions
from shared.data.poses import Poses

_USUAL = PoseOptions()


def judge(
    poses: Poses | Analysis,
    *,
    plate_mm: float | None = None,
    height_cm: float | None = None,
    smooth_hz: float | None = None,
    faults: Sequence[FaultRule] | None = None,
    model: LiftModel | str | PathLike[str] | None = None,
) -> Analysis:
    """Judge poses: who lifts, the reps, the bar, the faults and the scores.

    An analysis is judged once more, from the observations that it holds. What is not given stays as
    it was there; for poses it is the default.

    Args:
        poses: what `track` gives, or an analysis.
        plate_mm: diameter of the plates on the bar, millimetres; 450 by default.
        height_cm: the lifter's height, centimetres; 0, the default, if not known.
        smooth_hz: cut-off of the low-pass that the motion goes through, hertz; 5 by default.
        faults: the rules to judge by, and no others; all eleven by default. Use
            `coach.faults.replace_rules` to change some of all.
        model: the posture model, or its file (`coach train`); the shipped one by default.

    Returns:
        The analysis: lifters, reps, faults and scores.

    Raises:
        UsageError: a number is out of range.
        ModelError: the posture model cannot be read.
    """
    before = poses.judging if isinstance(poses, Analysis) else JudgingOptions()
    given: dict[str, Any] = {
        name: value
        for name, value in (
            ("plate_mm", plate_mm), ("height_cm", height_cm), ("smooth_hz", smooth_hz),
        )
        if value is not None
    }  # fmt: skip
    options = replace(before, **given)
    judged_by = model if isinstance(model, LiftModel) else lift_model.chosen(_path(model))
    if isinstance(poses, Analysis):
        return judge_again(poses, options, judged_by, faults)
    return judge_poses(poses, options, judged_by, rules=faults)


def analyze(
    source: str | PathLike[str],
    *,
    backend: str = BACKEND,
    every: int = AUTO,
    pose: PoseOptions = _USUAL,
    plate_mm: float | None = None,
    height_cm: float | None = None,
    smooth_hz: float | None = None,
    faults: Sequence[FaultRule] | None = None,
    model: LiftModel | str | PathLike[str] | None = None,
) -> Analysis:
    """Analyse a clip in this process: no server, no workers.

    Args:
        source: a video file, a GIF, a picture or a folder of pictures.
        backend: name of a pose backend.
        every: as for `track`.
        pose: options of the pose stage; the backend must know them.
        plate_mm: diameter of the plates on the bar, millimetres; 450 by default.
        height_cm: the lifter's height, centimetres; 0, the default, if not known.
        smooth_hz: cut-off of the low-pass that the motion goes through, hertz; 5 by default.
        faults: the rules to judge by, and no others; all eleven by default.
        model: the posture model, or its file (`coach train`); the shipped one by default.

    Returns:
        The analysis: the same that `coach analyze` writes.

    Raises:
        SourceError: the clip cannot be read.
        UsageError: an argument is out of range.
        ModelError: weights or the posture model are missing or wrong.
    """
    return judge(
        track(source, backend=backend, every=every, options=pose),
        plate_mm=plate_mm,
        height_cm=height_cm,
        smooth_hz=smooth_hz,
        faults=faults,
        model=model,
    )


def _path(model: str | PathLike[str] | None) -> Path | None:
    return None if model is None else Path(model)
