"""Measures every fault rule on labelled sets, real and rendered, from several views.

python -m benchmarks.faults FOLDER
python -m benchmarks.faults FOLDER --films --markdown

FOLDER holds the data: `clips/` with CLIPS.csv, and `postures/` with the folders of SOURCES below;
what is missing is left out. One row is a rule on a source from a view:

    sensitivity     share of the reps with the fault in which it is reported
    false alarms    share of the reps without it in which it is reported
    AUC             how well the excess over the used threshold tells them apart; .5 is chance
    not judged      reps with and without the fault that the rule does not measure

Each comes with its 95 % interval, for which all reps of a lifter count as one (or those of a set,
where one lifter did all). "chance" marks an interval that includes .5. The 3D lifter and the
rendered joints are seen from 0 to 50° off the side. So are films, which take a minute each and are
made with --films only. `--poses` keeps the poses of clips and films. `--cues` prints instead how
well each sign of a rounded back tells rounded from flat backs.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

import coach
from services.scorer.faults import DEFAULT_RULES
from shared.data.defaults import BACKEND
from shared.data.messages import FramePoses
from training.clips import with_cache

from . import kinect, recorded, rendered
from .back_cues import CUES, tally_cues
from .pivot import pivot
from .rates import Estimate
from .sets import LabelledSet
from .tally import Key, Tally, tally

#: Turns of the camera off the side, degrees.
TURNS_DEG = (0.0, 15.0, 30.0, 45.0, 50.0)

Cells = tuple[str, ...]

_COLUMNS: Cells = ("rule", "data", "view", "sensitivity", "false alarms", "AUC", "not judged")


def main() -> None:
    """Judge all sets and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="folder with clips/ and postures/")
    parser.add_argument("--films", action="store_true", help="render films, too")
    parser.add_argument("--cues", action="store_true", help="signs of a rounded back instead")
    parser.add_argument("--markdown", action="store_true", help="print as in docs/faults.md")
    parser.add_argument("--poses", type=Path, default=Path(".cache/faults"), help="kept poses")
    given = parser.parse_args()
    sets = _sets(given.folder, given.poses, given.films)
    if given.markdown and not given.cues:
        print("\n".join(pivot(tally(sets), [rule.kind for rule in DEFAULT_RULES])))
        return
    columns, rows = _cues(sets) if given.cues else _rules(sets)
    if given.markdown:
        lines = [columns, ("---",) * len(columns), *rows]
        print("\n".join("| " + " | ".join(line) + " |" for line in lines))
        return
    table = Table(*columns, title="Fault rules on labelled sets")
    for row in rows:
        table.add_row(*row)
    Console(width=160).print(table)


def _rules(sets: Iterable[LabelledSet]) -> tuple[Cells, list[Cells]]:
    tallies = tally(sets)
    return _COLUMNS, [_row(key, tallies[key]) for key in sorted(tallies, key=_order)]


def _cues(sets: Iterable[LabelledSet]) -> tuple[Cells, list[Cells]]:
    tallies = tally_cues(sets)
    cues = list(CUES)
    keys = [key for key, found in tallies.items() if found.rounded and found.flat]
    keys.sort(key=lambda key: (key[1], key[2].rjust(6), cues.index(key[0])))
    rows: list[Cells] = [
        (*key, f"{len(found.rounded)}, {len(found.flat)}", _estimate(found.auc))
        for key in keys
        for found in (tallies[key],)
    ]
    return ("cue", "data", "view", "rounded, flat reps", "AUC"), rows


def _sets(folder: Path, poses: Path, with_films: bool) -> Iterator[LabelledSet]:
    postures = folder / "postures"
    for turn_deg in progress(TURNS_DEG, "views", console=Console(stderr=True)):
        yield from kinect.sets(postures / "philip-g-mak__Kinect-Deadlift", turn_deg)
        yield from rendered.joints(turn_deg)
        if with_films:
            yield from rendered.films(turn_deg, _poses_of, poses)
    yield from recorded.posed(postures / "st17086ts__final_deadlift")
    yield from recorded.esap(postures / "EricGilerson__Deadlift-ESAP")
    if (folder / "clips" / "CLIPS.csv").exists():
        yield from recorded.clips(folder / "clips", with_cache(_poses_of, poses, BACKEND))


def _poses_of(clip: Path) -> Sequence[FramePoses]:
    return coach.track(clip).frames


def _order(key: Key) -> tuple[int, str, str]:
    kind, source, view = key
    return [rule.kind for rule in DEFAULT_RULES].index(kind), source, view.rjust(6)


def _row(key: Key, found: Tally) -> Cells:
    faulty, correct = found.faulty, found.correct
    return (
        *key,
        _counted(faulty.reported, faulty.reps, faulty.rate),
        _counted(correct.reported, correct.reps, correct.rate),
        _area(found),
        f"{faulty.abstained}, {correct.abstained}",
    )


def _counted(hits: int, reps: int, rate: Estimate) -> str:
    return f"{hits} of {reps} ({rate.low:.0%}–{rate.high:.0%})" if reps else "–"


def _area(found: Tally) -> str:
    if not found.faulty.excess or not found.correct.excess:
        return "–"
    return _estimate(found.auc) + (" chance" if found.is_chance else "")


def _estimate(area: Estimate) -> str:
    return f"{area.value:.2f} ({area.low:.2f}–{area.high:.2f})"


if __name__ == "__main__":
    main()
