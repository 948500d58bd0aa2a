"""The table with one column for each view, as docs/faults.md has it. Pure."""

from collections.abc import Mapping, Sequence

from .tally import Key, Side, Tally

#: Columns of each table: the views of what can be turned, and those of what was filmed.
_VIEWS = (("0°", "15°", "30°", "45°", "50°"), ("to 25°", "25–50°"))

_NO_DATA, _NOT_JUDGED = "–", "not judged"


def pivot(tallies: Mapping[Key, Tally], kinds: Sequence[str]) -> list[str]:
    """Markdown: one table per group of sources that are seen from the same views.

    A cell has the reps with the fault in which it is reported, of how many, likewise of those
    without it, and the area under the curve with its interval.
    """
    lines: list[str] = []
    sources = sorted({source for _, source, _ in tallies})
    for views in _VIEWS:
        header = ("fault", "data", *views)
        lines += [_line(header), _line(("---",) * len(header))]
        for kind in kinds:
            for source in sources:
                cells = [_cell(tallies.get((kind, source, view))) for view in views]
                if set(cells) - {_NO_DATA, _NOT_JUDGED}:
                    lines.append(_line((kind.replace("_", " "), source, *cells)))
        lines.append("")
    return lines


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(found: Tally | None) -> str:
    if found is None:
        return _NO_DATA
    faulty, correct = found.faulty, found.correct
    if not faulty.excess and not correct.excess:
        return _NOT_JUDGED
    parts = [_counted(side) for side in (faulty, correct)]
    if faulty.excess and correct.excess:
        area = found.auc
        parts.append(f"{area.value:.2f} ({area.low:.2f}–{area.high:.2f})")
    return ", ".join(parts)


def _counted(side: Side) -> str:
    if not side.reps:
        return _NO_DATA
    return f"{side.reported}/{side.reps}" if side.excess else f"{side.reps} {_NOT_JUDGED}"
