"""From labelled data to a posture model of one's own: `coach.train`."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from coach.tracking import track
from services.pose.backends import TimedImage, load_backend
from services.scorer.observe import ObservedLift
from shared.data.defaults import BACKEND
from shared.data.messages import FramePoses, Person
from shared.errors import OutputError, UsageError
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from training import train as fitting
from training.calibration_plot import calibration_plot
from training.clips import observe_clip, with_cache
from training.datasets import LabelledPoses, read
from training.train import TrainingReport

Paths = Sequence[str | PathLike[str]]


def train(
    data: Paths,
    out: str | PathLike[str],
    *,
    backend: str = BACKEND,
    estimator: str = "auto",
    held_out: Paths = (),
    cache: str | PathLike[str] | None = None,
    seed: int = 0,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> TrainingReport:
    """Train a posture model; write it to `out`, and its calibration plot beside it.

    Args:
        data: folders or tables of labelled postures; docs/score.md lists the formats.
        out: file that the model is written to, JSON.
        backend: name of the pose backend for pictures and clips.
        estimator: name of the estimator to ship, or "auto".
        held_out: folders or tables on which the finished model is only judged.
        cache: folder that keeps the poses of clips between runs.
        seed: of the bootstrap behind the intervals.
        limits: where pictures and clips may lie, and how large their frames may be.

    Returns:
        The trained model and its figures on groups that it was not trained on.

    Raises:
        UsageError: the data holds no labelled postures, or too few to train on; or no backend or
            estimator has this name.
        SourceError: a picture or a clip cannot be read.
        ModelError: the backend's weights are missing or wrong.
        OutputError: the model or the plot cannot be written.
    """
    plot = Path(out).with_suffix(".png")
    if plot == Path(out):
        raise UsageError(f"{out} is where the calibration plot goes; give the model a .json name")
    loaded = load_backend(backend)

    def find_lifter(image: NDArray[np.uint8]) -> Person | None:
        people = next(iter(loaded.people([TimedImage(image, 0.0)])))
        return max(people, key=_area_px, default=None)

    def track_clip(clip: Path) -> Sequence[FramePoses]:
        return track(clip, backend=loaded, limits=limits).frames

    find_poses = track_clip if cache is None else with_cache(track_clip, Path(cache), backend)

    def observe(clip: Path) -> ObservedLift | None:
        return observe_clip(clip, find_poses)

    def sets_of(paths: Paths) -> list[LabelledPoses]:
        return [read(Path(path), find_lifter, observe, limits) for path in paths]

    report = fitting.train(sets_of(data), seed, estimator, sets_of(held_out))
    report.model.save(Path(out))
    if not cv2.imwrite(str(plot), calibration_plot(report.samples, report.score)):
        raise OutputError(f"cannot write the calibration plot {plot}")
    return report


def _area_px(person: Person) -> float:
    return float(np.prod(person.box_px[2:] - person.box_px[:2]))
