"""From labelled data to a model of one's own: `coach.train`."""

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
from training.athletes import Athletes, check_named
from training.calibration_plot import calibration_plot
from training.clips import observe_clip, with_cache
from training.labelled_data import LabelledData, read
from training.train import TrainingReport

Paths = Sequence[str | PathLike[str]]


def train(
    data: Paths,
    out: str | PathLike[str],
    *,
    held_out: Paths = (),
    backend: str = BACKEND,
    cache: str | PathLike[str] | None = None,
    athletes: Paths = (),
    files_are_lifters: bool = False,
    turns_deg: Sequence[float] = (0.0,),
    seed: int = 0,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> TrainingReport:
    """Train a model; write it to `out`, and its calibration plot beside it.

    Args:
        data: folders or tables of labelled lifts and postures; docs/score.md lists the formats.
        out: file that the model is written to, JSON.
        held_out: folders on whose lifts the model is only judged.
        backend: name of the pose backend for pictures and clips.
        cache: folder that keeps the poses of clips between runs.
        athletes: CSV tables (source, file, athlete) that say who is seen in which file.
        files_are_lifters: whether files about which nobody says who is seen show one lifter each.
        turns_deg: turns from side-on at which 3D skeletons are filmed.
        seed: of the bootstraps and shuffles.
        limits: where pictures and clips may lie, and how large their frames may be.

    Returns:
        The trained model and its figures on lifters that it was not trained on.

    Raises:
        UsageError: the data hold nothing that is labelled, or too little to train on; it is not
            known who is seen in a file; or no backend has this name.
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
        return track(clip, backend=loaded, every=1, limits=limits).frames

    find_poses = track_clip if cache is None else with_cache(track_clip, Path(cache), backend)

    def observe(clip: Path) -> ObservedLift | None:
        return observe_clip(clip, find_poses)

    known = Athletes([Path(table) for table in athletes])

    def read_all(paths: Paths) -> LabelledData:
        return LabelledData.joined(
            read(Path(path), find_lifter, observe, known, turns_deg, limits) for path in paths
        )

    learned, judged = read_all(data), read_all(held_out)
    check_named([*learned.athletes, *judged.athletes], files_are_lifters)
    report = fitting.train(learned.lifts, learned.postures, judged.lifts, seed)
    report.model.save(Path(out))
    if not cv2.imwrite(str(plot), calibration_plot(report.findings.sets)):
        raise OutputError(f"cannot write the calibration plot {plot}")
    return report


def _area_px(person: Person) -> float:
    return float(np.prod(person.box_px[2:] - person.box_px[:2]))
