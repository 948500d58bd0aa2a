"""Prints every in-house threshold beside the data that it stands on, and where it comes from.

python -m benchmarks.derive RESULTS [--labels CLIPS.csv]

RESULTS is a folder of results of `coach analyze` on real clips; their stored observations are
observed again, so the videos are not needed. Rendered sets with known truth are made here.

The first table has quantities, each measured over groups of lifts, beside the constant that is
compared with it: correct rendered sets, real clips that are labelled good, and all real clips. The
second one has every numeric constant and every number of the fault rules with the kind of source
that its comment names. Clips of one person are not independent: read the spread, and do not tune a
constant to it.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from services.scorer.faults import DEFAULT_RULES, FaultRule, Measurement, rep_views
from services.scorer.observe import ObservedLift
from shared.data.document import meanings_of

from .observed import Observed, real_sets, rendered_sets
from .quantities import QUANTITIES
from .sources import find_constants, kind_of


def main() -> None:
    """Observe all groups and print both tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.derive", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("results", type=Path)
    parser.add_argument("--labels", type=Path, help="CLIPS.csv with file and video_label")
    given = parser.parse_args()
    real = list(real_sets(given.results, given.labels))
    groups = {
        "rendered, correct": list(rendered_sets()),
        "real, good": [one for one in real if one.label.startswith("good")],
        "real, all": real,
    }
    console = Console(width=230)
    console.print(_quantities(groups))
    console.print(_sources())


def _quantities(groups: dict[str, list[Observed]]) -> Table:
    table = Table("quantity", "constant", "is", title="What the constants are compared with")
    for name in groups:
        table.add_column(f"{name} (5 %, median, 95 %; n)", justify="right")
    for quantity in QUANTITIES:
        cells = [
            _spread([v for one in group for v in quantity.samples(one)])
            for group in groups.values()
        ]
        table.add_row(quantity.what, quantity.shown_constant, str(quantity.value), *cells)
    table.add_section()
    for rule in DEFAULT_RULES:
        cells = [
            _spread([m.value for one in group for m in _measured(rule, one.lift)])
            for group in groups.values()
        ]
        threshold = next(v for k, v in rule.defaults().items() if k.startswith("threshold"))
        table.add_row(f"{rule.name}, {rule.unit}", f"faults.{rule.kind}", str(threshold), *cells)
    return table


def _measured(rule: FaultRule, lift: ObservedLift) -> Iterator[Measurement]:
    for rep in rep_views(lift):
        found = rule.evaluate(rep)
        if isinstance(found, Measurement):
            yield found


def _spread(values: Sequence[float]) -> str:
    known = np.array([value for value in values if np.isfinite(value)])
    if not known.size:
        return "–"
    low, middle, high = np.percentile(known, [5, 50, 95])
    digits = 3 if high < 0.1 else 2
    return f"{low:.{digits}f}  {middle:.{digits}f}  {high:.{digits}f}; {known.size}"


def _sources() -> Table:
    table = Table("constant", "value", "source", title="Where the constants come from")
    for one in find_constants():
        table.add_row(f"{one.place}: {one.name}", one.value[:40], one.kind or "not named")
    table.add_section()
    for rule in DEFAULT_RULES:
        meanings = meanings_of(type(rule))
        numbers = [(k, v) for k, v in rule.defaults().items() if isinstance(v, int | float)]
        for name, value in numbers:
            source = kind_of(meanings[name]) or "not named"
            table.add_row(f"{type(rule).__name__}.{name}", str(value), source)
    return table


if __name__ == "__main__":
    sys.exit(main())
