"""`coach train`: the figures of a trained posture model, as tables."""

import numpy as np
from rich.console import Group
from rich.table import Table

from training.evaluation import Figures
from training.train import TrainingReport


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
        "majority: Brier score of always giving the fraction of good ones"
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
