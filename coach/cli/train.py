"""`coach train`: the figures of a trained model, as tables."""

import numpy as np
from rich.console import Group
from rich.table import Table

from training.evaluation import Figures, Ranged
from training.findings import Findings
from training.train import TrainingReport


def render(report: TrainingReport) -> Group:
    """The figures as tables for people."""
    findings = report.findings
    tables = [
        _table("Estimators on sets of unseen lifters, all sources", findings.estimators),
        _table("Scores of unseen lifters' sets", findings.parts),
    ]
    if findings.held_out:
        tables.append(_table("Sources that were not trained on", findings.held_out))
    if findings.postures:
        tables.append(_table("Single postures of unseen lifters, by raw joints", findings.postures))
    return Group(*tables, *_notes(findings))


def _notes(findings: Findings) -> list[str]:
    """What else is to be known of the figures, line by line."""
    low, high = np.percentile(findings.shuffled, [2.5, 97.5])
    notes = [
        f"AUC with shuffled labels: {findings.shuffled.mean():.2f} ({low:.2f}–{high:.2f})",
        f"phase's share of the score's variance: {max(findings.phase_share, 0):.0%}",
    ]
    notes += [
        f"{name} is seen in {' and '.join(where)}, and left out of all of them at once"
        for name, where in findings.shared.items()
    ]
    return notes


def _table(title: str, rows: tuple[Figures, ...]) -> Table:
    """A table that fits into 80 columns, which is all that a terminal or a log may have."""
    caption = (
        "below each: 95 % interval over lifters\n"
        "AUC: pairs within a source, mean over sources; pairs AUC: over all pairs\n"
        "slope: of the calibration, 1 is right; SD: of the scores"
    )
    table = Table(title=title, caption=caption, box=None, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")
    for column in ("sets", "good", "lifters", "AUC", "pairs AUC", "Brier", "slope", "SD"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.part,
            *(str(count) for count in (row.sets, row.good, row.lifters)),
            *(_ranged(one) for one in (row.auc, row.pairs_auc, row.brier, row.slope)),
            f"{row.score_sd:.2f}",
        )
    return table


def _ranged(figure: Ranged) -> str:
    if np.isnan(figure.value):
        return "–"
    interval = "" if np.isnan(figure.low) else f"\n{figure.low:.2f}–{figure.high:.2f}"
    return f"{figure.value:.2f}{interval}"
