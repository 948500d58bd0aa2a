"""`coach train`: a posture model from labelled pictures or tables of key points."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from services.pose.backends import TimedImage, load_backend
from services.scorer.datasets import read
from services.scorer.training import TrainingReport, train
from shared.messages import Person


def run(paths: Sequence[Path], out: Path, backend_name: str, seed: int) -> TrainingReport:
    """Train on labelled folders and write the model to `out`.

    Args:
        paths: folders in the formats of `services.scorer.datasets`.
        out: where the model goes, JSON.
        backend_name: the pose backend that looks at pictures.
        seed: of the bootstrap behind the intervals.
    """
    backend = load_backend(backend_name)

    def find_lifter(image: NDArray[np.uint8]) -> Person | None:
        people = next(iter(backend.people([TimedImage(image, 0.0)])))
        return max(people, key=_area_px, default=None)

    report = train([read(path, find_lifter) for path in paths], seed)
    report.model.save(out)
    return report


def render(report: TrainingReport) -> Table:
    """The figures as a table for people."""
    table = Table(
        *("source", "postures", "groups", "good", "AUC (95 % interval)", "Brier", "majority"),
        title=f"Scores of unseen lifters and clips, ridge with alpha {report.alpha:g}",
    )
    for row in report.rows:
        interval = f"{row.auc:.2f} ({row.auc_low:.2f}–{row.auc_high:.2f})"
        counts = (str(row.postures), str(row.groups), f"{row.good:.0%}")
        table.add_row(row.source, *counts, interval, f"{row.brier:.3f}", f"{row.majority:.3f}")
    return table


def _area_px(person: Person) -> float:
    return float(np.prod(person.box_px[2:] - person.box_px[:2]))
