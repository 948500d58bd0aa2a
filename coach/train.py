"""`coach train`: a posture model from labelled pictures, clips or tables of key points."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Group
from rich.table import Table

from services.pose.backends import Backend, TimedImage, load_backend
from services.scorer.datasets import read
from services.scorer.evaluation import Figures, calibration_plot
from services.scorer.lifter import find_lifters
from services.scorer.measured import motion_of
from services.scorer.motion import Motion
from services.scorer.tracks import segments_of
from services.scorer.training import TrainingReport, train
from shared.errors import OutputError
from shared.jobs import ANALYSIS_SIDE_PX, CHUNK_FRAMES, SMOOTH_HZ
from shared.messages import FramePoses, Person
from shared.source import open_source


def run(
    paths: Sequence[Path], out: Path, backend_name: str, seed: int, estimator: str = "auto"
) -> TrainingReport:
    """Train on labelled folders; write the model to `out` and its calibration plot beside it.

    Args:
        paths: folders or tables in the formats of `services.scorer.datasets`.
        out: where the model goes, JSON.
        backend_name: the pose backend that looks at pictures and clips.
        seed: of the bootstrap behind the intervals.
        estimator: which to ship, or "auto".
    """
    backend = load_backend(backend_name)

    def find_lifter(image: NDArray[np.uint8]) -> Person | None:
        people = next(iter(backend.people([TimedImage(image, 0.0)])))
        return max(people, key=_area_px, default=None)

    sets = [read(path, find_lifter, lambda clip: _motion(clip, backend)) for path in paths]
    report = train(sets, seed, estimator)
    report.model.save(out)
    plot = out.with_suffix(".png")
    if not cv2.imwrite(str(plot), calibration_plot(report.label, report.score, report.group)):
        raise OutputError(f"cannot write the calibration plot {plot}")
    return report


def render(report: TrainingReport) -> Group:
    """The figures as tables for people."""
    parts = _table(f"Scores of unseen lifters and clips by {report.chosen}", "part")
    for row in (*report.rows, *([report.small] if report.small else [])):
        _add(parts, row.part, row)
    all_estimators = _table("Estimators, all sources together", "estimator")
    for candidate in report.candidates:
        _add(all_estimators, candidate.name, candidate.figures)
    return Group(all_estimators, parts)


def _table(title: str, first: str) -> Table:
    columns = ("postures", "groups", "good", "AUC (95 % interval)", "Brier", "majority")
    return Table(first, *columns, title=title)


def _add(table: Table, name: str, row: Figures) -> None:
    interval = f"{row.auc:.2f} ({row.auc_low:.2f}–{row.auc_high:.2f})"
    counts = (str(row.postures), str(row.groups), f"{row.good:.0%}")
    table.add_row(name, *counts, interval, f"{row.brier:.3f}", f"{row.majority:.3f}")


def _motion(clip: Path, backend: Backend) -> Motion | None:
    """The main lifter's cleaned motion in a clip; None where there is nobody."""
    frames = list(_poses(clip, backend))
    segments = segments_of(frames)
    lifters = find_lifters(frames, segments)
    if not lifters:
        return None
    people = [lifters[0].people.get(position) for position in range(len(frames))]
    time_s = np.array([frame.time_s for frame in frames])
    return motion_of(people, time_s, segments, SMOOTH_HZ)


def _poses(clip: Path, backend: Backend) -> Iterator[FramePoses]:
    """The people of every frame of a clip, in pixels of the shrunk frame."""
    nothing = np.zeros((0, 5), np.float32)
    chunk: list[tuple[int, TimedImage]] = []
    with open_source(clip) as source:
        for frame in source.frames():
            scale = min(1.0, ANALYSIS_SIDE_PX / max(frame.image.shape[:2]))
            small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            chunk.append((frame.index, TimedImage(small, frame.time_s)))
            if len(chunk) == CHUNK_FRAMES:
                yield from _of_chunk(chunk, backend, nothing)
                chunk = []
    yield from _of_chunk(chunk, backend, nothing)


def _of_chunk(
    chunk: Sequence[tuple[int, TimedImage]], backend: Backend, nothing: NDArray[np.float32]
) -> Iterator[FramePoses]:
    found = backend.people([image for _, image in chunk])
    for (index, (_, time_s)), people in zip(chunk, found, strict=True):
        yield FramePoses(index, time_s, people, nothing, nothing[:, 0], 0.0)


def _area_px(person: Person) -> float:
    return float(np.prod(person.box_px[2:] - person.box_px[:2]))
