"""Pose backends on pictures with hand-placed joints: what share of the joints is right.

python -m benchmarks.joints FOLDER --backend movenet --backend blazepose-full
python -m benchmarks.joints FOLDER --backend … --threads 2 --json --pictures SHEETS

FOLDER holds `joints.csv` and `pictures`. A joint is right within 0.2 trunk lengths of the standing
lifter; a missing joint is wrong. Each picture is a call of its own, so nobody is followed. The
lifter is chosen as the product chooses one in a clip of this single frame: the largest person near
the middle. "Best person" is the share if the person who fits the labels best were chosen. Intervals
are of a bootstrap over videos, 95 %.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.joints_labels import KINDS, Labels, read_labels, read_picture
from benchmarks.joints_scores import (
    CONFIDENCE_BINS,
    Scored,
    Share,
    best_fit,
    in_bin,
    of_kind,
    score,
    share_of_pictures,
    share_right,
)
from benchmarks.joints_sheets import write_sheets
from services.pose.backends import Backend, TimedImage, backend_names, load_backend
from services.pose.runtime import runtime_from_environment
from services.scorer.lifter.find import find_lifters
from shared.data.messages import FramePoses, Person


@dataclass(frozen=True, eq=False)
class Look:
    """What a backend saw in one picture: everybody, the lifter among them, and what it took."""

    labels: Labels
    people: tuple[Person, ...]
    lifter: Person | None
    took_ms: float

    @property
    def scored(self) -> Scored:
        """The chosen lifter against the labels."""
        return score(self.labels, self.lifter)


def main() -> None:
    """Measure the backends; print a table or JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.joints", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="holds joints.csv and pictures")
    parser.add_argument("--backend", action="append", required=True, choices=backend_names())
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="write contact sheets there")
    given = parser.parse_args()
    labels = read_labels(given.folder / "joints.csv")
    cv2.setNumThreads(given.threads)
    figures, pictures = {}, {}
    for name in given.backend:
        runtime = replace(runtime_from_environment(), threads=given.threads)
        looks = look(load_backend(name, runtime), given.folder, labels, name)
        figures[name] = figures_of(looks)
        pictures[name] = [_record(one) for one in looks]
        if given.pictures:
            seen = [(one.scored, one.lifter) for one in looks]
            write_sheets(seen, given.folder, given.pictures / name)
    if given.json:
        print(json.dumps(_document(figures, pictures), indent=1))
    else:
        Console(width=60 + 24 * len(figures)).print(_table(figures))


def look(backend: Backend, folder: Path, labels: Sequence[Labels], name: str = "") -> list[Look]:
    """Let a backend see each picture by itself.

    Args:
        backend: to measure.
        folder: where the pictures are.
        labels: of the pictures.
        name: of the backend, for the progress bar.
    """
    looks = []
    next(iter(backend.people([TimedImage(read_picture(folder, labels[0]), 0.0)])))  # warms up
    for one in track(labels, name, console=Console(stderr=True)):
        image = read_picture(folder, one)
        started_s = time.process_time()
        [people] = backend.people([TimedImage(image, 0.0)])
        took_ms = 1000 * (time.process_time() - started_s)
        looks.append(Look(one, people, lifter_among(people), took_ms))
    return looks


def lifter_among(people: tuple[Person, ...]) -> Person | None:
    """The main lifter of a clip of one frame; None where there is nobody."""
    frame = FramePoses(0, 0.0, people, (), np.zeros(0, np.float32), 0.0)
    lifters = find_lifters([frame], np.zeros(1, np.int64))
    return lifters[0].people[0] if lifters else None


def figures_of(looks: Sequence[Look]) -> dict[str, Share | float]:
    """Every figure of one backend by its name: shares, and processor time a picture in ms."""
    all_of = [one.scored for one in looks]
    bent = [one for one in all_of if one.labels.is_bent_over]
    aside = [one for one in all_of if one.labels.is_bent_aside]
    behind = [one for one in all_of if one.labels.is_behind_plate]
    views = sorted({(one.labels.video, one.labels.view) for one in all_of})
    return {
        "all joints": share_right(all_of),
        "joints that the labeller saw": share_right(all_of, lambda one: one.labels.seen),
        "bent over": share_right(bent),
        "bent over, seen from the side": share_right(aside),
        "plate in front": share_right(behind),
        "all joints, best person": share_right([best_fit(o.labels, o.people) for o in looks]),
        "pictures without a person": share_of_pictures(all_of, lambda one: not one.is_found),
        "pictures with nonsense": share_of_pictures(all_of, lambda one: one.is_nonsense),
        "processor ms, median": statistics.median(one.took_ms for one in looks),
        "processor ms, mean": statistics.fmean(one.took_ms for one in looks),
        **{
            f"{video}: {view}": share_right([o for o in all_of if o.labels.video == video])
            for video, view in views
        },
        **{kind: share_right(all_of, of_kind(kind)) for kind in KINDS},
        **{
            f"{kind or 'any joint'} at confidence {low:.1f}": share_right(all_of, in_bin(low, kind))
            for kind in ("", *KINDS)
            for low in CONFIDENCE_BINS
        },
    }


def _table(figures: dict[str, dict[str, Share | float]]) -> Table:
    """One row a figure; rows without a single joint for any backend are left out."""
    table = Table("share right, % (95 % interval; of)", *figures)
    for name in next(iter(figures.values())):
        values = [one[name] for one in figures.values()]
        if any(not isinstance(value, Share) or value.whole for value in values):
            table.add_row(name, *map(_shown, values))
    return table


def _shown(value: Share | float) -> str:
    if not isinstance(value, Share):
        return f"{value:.0f}"
    if not value.whole:
        return "–"
    between = f"{100 * value.low:.0f}–{100 * value.high:.0f}; " if np.isfinite(value.low) else ""
    return f"{100 * value.fraction:.1f} ({between}{value.whole})"


def _record(one: Look) -> dict[str, object]:
    """One picture for the JSON document; errors in trunk lengths, null where missing."""
    scored = one.scored
    errors = [[_rounded(value) for value in side] for side in scored.errors]
    return {
        "file": one.labels.file, "people": len(one.people), "errors": errors,
        "confidence": np.round(scored.confidence, 3).tolist(), "ms": round(one.took_ms, 1),
    }  # fmt: skip


def _document(
    figures: dict[str, dict[str, Share | float]], pictures: dict[str, list[dict[str, object]]]
) -> dict[str, object]:
    return {
        backend: {
            "figures": {
                name: {k: _rounded(v) for k, v in asdict(value).items()}
                if isinstance(value, Share)
                else round(value, 1)
                for name, value in some.items()
            },
            "joints": KINDS,
            "pictures": pictures[backend],
        }
        for backend, some in figures.items()
    }


def _rounded(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


if __name__ == "__main__":
    main()
