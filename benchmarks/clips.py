"""Real clips with known labels and counts, through the whole pipeline.

python benchmarks/clips.py FOLDER             repetitions, faults and scores against CLIPS.csv
python benchmarks/clips.py FOLDER --copies    the same clips mirrored, at half size, at half rate

FOLDER holds clips and a `CLIPS.csv` with the columns file, video_label (good, bad…) and
reps_counted_by_eye; both of the latter may be empty.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.stats import mannwhitneyu

from shared.media.encode import VideoEncoder
from shared.media.source import open_source

Image = NDArray[np.uint8]


def _half(image: Image) -> Image:
    return cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


#: What is done to each picture of a copy, and how many of the source's frames make one of it.
COPIES: dict[str, tuple[Callable[[Image], Image], int]] = {
    "mirrored": (lambda image: np.ascontiguousarray(image[:, ::-1]), 1),
    "half size": (_half, 1),
    "half rate": (lambda image: image, 2),
}


def main(folder: Path, with_copies: bool) -> None:
    """Analyse the clips, or the clips and their copies, and print a table."""
    with (folder / "CLIPS.csv").open() as table:
        rows = [row for row in csv.DictReader(table) if row["file"].endswith(".mp4")]
    clips = [folder / row["file"] for row in rows]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        found = _analysed(clips, scratch / "as it is")
        if not with_copies:
            Console(width=180).print(_judged(rows, found))
            return
        copies = {}
        for kind in COPIES:
            copied = [_copy(clip, kind, scratch) for clip in track(clips, f"copies {kind}")]
            copies[kind] = _analysed(copied, scratch / "out" / kind)
        Console(width=180).print(_compared(found, copies))


def _analysed(clips: list[Path], out: Path) -> dict[str, dict]:
    """What is found in each clip: name → analysis.json."""
    command = [sys.executable, "-m", "coach", "analyze", *map(str, clips), "--no-video"]
    subprocess.run([*command, "--out", str(out)], check=True)
    return {
        clip.stem: json.loads((out / clip.stem / "analysis.json").read_text()) for clip in clips
    }


def _copy(clip: Path, kind: str, scratch: Path) -> Path:
    change, every = COPIES[kind]
    target = scratch / kind / f"{clip.stem}.mp4"
    target.parent.mkdir(exist_ok=True)
    with open_source(clip) as source:
        shape = change(np.zeros((source.info.height_px, source.info.width_px, 3), np.uint8)).shape
        with VideoEncoder(target, (shape[1], shape[0]), source.info.time_base) as encoder:
            for frame in source.frames():
                if frame.index % every == 0:
                    encoder.write(change(frame.image), frame.pts)
    return target


def _judged(rows: list[dict[str, str]], found: dict[str, dict]) -> Table:
    scores: dict[str, list[float]] = {"good": [], "bad": []}
    table = Table("clip", "label", "counted", "found", "score", "view", "bar", "faults")
    for row in rows:
        name, label = Path(row["file"]).stem, row["video_label"]
        one = found[name]
        summary, reps = one["summary"], one["reps"]
        if label and summary["score"] is not None:
            scores[label.split(":")[0]].append(summary["score"])
        faults: dict[str, list[str]] = {}
        for fault in one["faults"]:
            faults.setdefault(fault["kind"], []).append(f"{fault['value']:.3g}")
        partial = "".join(f" ({rep['partial']})" for rep in reps if rep["partial"])
        table.add_row(
            *(name, label, row["reps_counted_by_eye"], f"{len(reps)}{partial}"),
            *(_shown(summary["score"]), summary["view"], one["bar"]["source"]),
            "; ".join(f"{kind} {', '.join(values)}" for kind, values in faults.items()),
        )
    good, bad = scores["good"], scores["bad"]
    auc = mannwhitneyu(good, bad).statistic / (len(good) * len(bad))
    table.caption = f"scores of {len(good)} good and {len(bad)} bad clips: AUC {auc:.2f}"
    return table


def _compared(found: dict[str, dict], copies: dict[str, dict[str, dict]]) -> Table:
    table = Table("clip", "reps", "score", *copies)
    apart: dict[str, list[float]] = {kind: [] for kind in copies}
    recounted = dict.fromkeys(copies, 0)
    turned = dict.fromkeys(copies, 0)
    for name, one in found.items():
        score, reps, verdict = one["summary"]["score"], len(one["reps"]), one["summary"]["verdict"]
        cells = []
        for kind, others in copies.items():
            other = others[name]
            of_copy, count = other["summary"]["score"], len(other["reps"])
            cell = _shown(of_copy)
            if score is not None and of_copy is not None:
                apart[kind].append(abs(of_copy - score))
                cell = f"{of_copy - score:+.3f}"
            turned[kind] += {verdict, other["summary"]["verdict"]} == {"good", "poor"}
            recounted[kind] += count != reps
            cells.append(cell + (f", {count} reps" if count != reps else ""))
        table.add_row(name, str(reps), _shown(score), *cells)
    table.caption = "; ".join(
        f"{kind}: median change {np.median(values):.3f}, nine in ten at most "
        f"{np.quantile(values, 0.9):.3f}, {turned[kind]} good ↔ poor, "
        f"{recounted[kind]} counted otherwise"
        for kind, values in apart.items()
    )
    return table


def _shown(score: float | None) -> str:
    return "–" if score is None else f"{score:.3f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--copies" in sys.argv[2:])
