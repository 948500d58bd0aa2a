"""The writer alone: frames per second of the annotated video, for one rendered set in three sizes.

python -m benchmarks.writer
python -m benchmarks.writer --rounds 5 --json

The set is rendered and its true poses are judged beforehand. What is measured is
`services.writer.annotate.render`: the source is decoded again, drawn on, and encoded as H.264.
Processor time is that of all threads; divided by the elapsed time it says how many cores worked.
The rounds of all rows are taken in turn, and the fastest counts: the others were slowed by what
else the machine did.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.scorer.analysis import judge_poses
from services.scorer.score import lift_model
from services.writer.annotate import render
from shared.data.analysis import Analysis, PoseRecord, SourceRecord
from shared.data.defaults import BACKEND
from shared.data.job_options import JudgingOptions
from shared.data.poses import Poses
from shared.media.fingerprint import fingerprint
from synthetic import Lift, render_poses, write_video

#: Sizes of the set, in pixels.
_SIZES_PX = ((640, 360), (1280, 720), (1920, 1080))

#: Repetitions of the set: about 10 s, of which the start of the codecs is a small part.
_REPS = 2


@dataclass(frozen=True)
class Row:
    """One size with one amount of overlay, in its fastest round."""

    size: str
    overlay: str
    frames_per_s: float
    processor_ms: float
    cores_busy: float
    kilobytes: float


def judged(lift: Lift, clip: Path) -> Analysis:
    """The analysis of a rendered set, from its true poses."""
    source = SourceRecord(
        str(clip),
        fingerprint(clip),
        lift.width_px,
        lift.height_px,
        float(lift.duration_s),
        lift.frames,
        float(lift.fps),
    )
    poses = Poses(source, PoseRecord(BACKEND, 1), tuple(render_poses(lift)))
    return judge_poses(poses, JudgingOptions(), lift_model.load_default())


def measured(analysis: Analysis, overlay: str, out: Path) -> Row:
    """Write the annotated video once."""
    source = analysis.source
    started_s, before_s = time.perf_counter(), _processor_s()
    render(analysis, Path(source.path), out, overlay)
    took_s, worked_s = time.perf_counter() - started_s, _processor_s() - before_s
    return Row(
        size=f"{source.width}×{source.height}",
        overlay=overlay,
        frames_per_s=source.frames / took_s,
        processor_ms=1e3 * worked_s / source.frames,
        cores_busy=worked_s / took_s,
        kilobytes=out.stat().st_size / 1e3 / source.frames,
    )


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(rounds: int, folder: Path) -> list[Row]:
    """Measure all sizes, with the overlay and without."""
    runs: list[Callable[[], Row]] = []
    for width_px, height_px in _SIZES_PX:
        lift = Lift(reps=_REPS, width_px=width_px, height_px=height_px)
        clip = folder / f"{height_px}.mp4"
        write_video(lift, clip)
        analysis = judged(lift, clip)
        for overlay in ("full", "none"):
            runs.append(_run_of(analysis, overlay, folder / "annotated.mp4"))
    best = [one() for one in runs]
    for _ in range(rounds - 1):
        pairs = zip(best, [one() for one in runs], strict=True)
        best = [max(pair, key=lambda row: row.frames_per_s) for pair in pairs]
    return best


def _run_of(analysis: Analysis, overlay: str, out: Path) -> Callable[[], Row]:
    return lambda: measured(analysis, overlay, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="runs of each row (default: 3)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        rows = run(options.rounds, Path(name))
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    cores = len(os.sched_getaffinity(0))
    table = Table("size", "overlay", "frames/s", "processor ms/frame", "cores busy", "kB/frame")
    table.caption = f"{cores} cores"
    for row in rows:
        table.add_row(
            row.size,
            row.overlay,
            f"{row.frames_per_s:.0f}",
            f"{row.processor_ms:.1f}",
            f"{row.cores_busy:.2f}",
            f"{row.kilobytes:.1f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
