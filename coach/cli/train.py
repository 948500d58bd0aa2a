"""`coach train`: a posture model from labelled pictures, clips or tables of key points."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Group
from rich.table import Table

from coach.tracking import track
from services.pose.backends import TimedImage, load_backend
from services.scorer.observe import ObservedLift
from shared.data.messages import FramePoses, Person
from shared.errors import OutputError
from training.calibration_plot import calibration_plot
from training.clips import observe_clip, with_cache
from training.datasets import LabelledPoses, read
from training.evaluation import Figures
from training.train import TrainingReport, train


def run(
    paths: Sequence[Path],
    out: Path,
    backend_name: str,
    seed: int,
    estimator: str = "auto",
    held_out: Sequence[Path] = (),
    cache: Path | None = None,
) -> TrainingReport:
    """Train on labelled folders; write the model to `out` and its calibration plot beside it.

    Args:
        paths: folders or tables in the formats of `training.datasets`.
        out: file that the model is written to, JSON.
        backend_name: name of the pose backend for pictures and clips.
        seed: of the bootstrap behind the intervals.
        estimator: name of the estimator to ship, or "auto".
        held_out: folders or tables on which the finished model is only judged.
        cache: folder that keeps the poses of clips between runs.

    Returns:
        The trained model and its figures.
    """
    backend = load_backend(backend_name)

    def find_lifter(image: NDArray[np.uint8]) -> Person | None:
        people = next(iter(backend.people([TimedImage(image, 0.0)])))
        return max(people, key=_area_px, default=None)

    def track_clip(clip: Path) -> Sequence[FramePoses]:
        return track(clip, backend=backend).frames

    find_poses = with_cache(track_clip, cache, backend_name) if cache else track_clip

    def observe(clip: Path) -> ObservedLift | None:
        return observe_clip(clip, find_poses)

    def sets_of(listed: Sequence[Path]) -> list[LabelledPoses]:
        return [read(path, find_lifter, observe) for path in listed]

    report = train(sets_of(paths), seed, estimator, sets_of(held_out))
    report.model.save(out)
    plot = out.with_suffix(".png")
    if not cv2.imwrite(str(plot), calibration_plot(report.samples, report.score)):
        raise OutputError(f"cannot write the calibration plot {plot}")
    return report


def render(report: TrainingReport) -> Group:
    """The figures as tables for people."""
    estimators = _table("Estimators, all sources together", "estimator")
    for candidate in report.candidates:
        _add(estimators, candidate.name, candidate.figures)
    parts = _table(f"Scores of unseen lifters and clips by {report.chosen}", "part")
    for row in report.rows:
        _add(parts, row.part, row)
    return Group(estimators, "", parts)


def _table(title: str, first: str) -> Table:
    """A table that fits into 80 columns, which is all that a terminal or a log may have."""
    caption = (
        "below each: 95 % interval over lifters or clips\n"
        "majority: Brier score of always saying the share of good ones"
    )
    table = Table(title=title, caption=caption, box=None, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for column in ("postures", "clips", "groups", "AUC", "clip AUC", "Brier", "majority"):
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _add(table: Table, name: str, row: Figures) -> None:
    table.add_row(
        name,
        *(str(count) for count in (row.postures, row.clips, row.groups)),
        _ranged(row.auc, row.auc_low, row.auc_high, 2),
        _ranged(row.clip_auc, row.clip_auc_low, row.clip_auc_high, 2),
        _ranged(row.brier, row.brier_low, row.brier_high, 3),
        f"{row.majority:.3f}",
    )


def _ranged(value: float, low: float, high: float, digits: int) -> str:
    if np.isnan(value):
        return "–"
    interval = "" if np.isnan(low) else f"\n{low:.{digits}f}–{high:.{digits}f}"
    return f"{value:.{digits}f}{interval}"


def _area_px(person: Person) -> float:
    return float(np.prod(person.box_px[2:] - person.box_px[:2]))
