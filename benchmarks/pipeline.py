"""The pipeline against a plain loop over the same networks, on the same rendered clip, in one run.

At the end, the same analysis judged again from its stored keypoints (`--rescore`).

The loop is what one would write by hand: read, find, draw, write, one frame after the other in one
process. It does the pipeline's work without its queues, chunks, report and data.
"""

import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from coach.cli import analyze, rescore
from services.pose.backends import TimedImage, load_backend
from services.pose.runtime import runtime_from_environment
from services.scorer.analysis import judge_poses
from services.scorer.score import lift_model
from services.writer.overlay import Overlay, OverlayFrame
from shared.data.analysis import PoseRecord, SourceRecord
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions, JudgingOptions
from shared.data.poses import Poses
from shared.media.encode import VideoEncoder
from shared.media.source import open_source
from shared.settings import read_settings
from synthetic import Lift, write_video


def plain_loop(clip: Path, folder: Path) -> None:
    """Read, find, draw and write frame by frame."""
    model = lift_model.load_default()
    runtime = replace(runtime_from_environment(), threads=len(os.sched_getaffinity(0)))
    backend = load_backend(BACKEND, runtime)
    with open_source(clip) as source:
        info = source.info
        size = (info.width_px, info.height_px)
        record = SourceRecord(str(clip), "", *size, 10.0, 300, info.fps)
        nobody = Poses(record, PoseRecord(BACKEND, 1), ())
        overlay = Overlay(judge_poses(nobody, JudgingOptions(), model))
        with VideoEncoder(folder / "loop.mp4", size, info.time_base) as encoder:
            for frame in source.frames():
                next(iter(backend.people([TimedImage(frame.image, frame.time_s)])))
                overlay.draw(frame.image, frame.time_s, [OverlayFrame(None, is_interpolated=False)])
                encoder.write(frame.image, frame.pts)


def main() -> None:
    """Measure both and print a table."""
    table = Table("what", "frames/s", "ratio to the plain loop")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames = len(write_video(Lift(reps=10), folder / "set.mp4"))
        started_s = time.perf_counter()
        plain_loop(folder / "set.mp4", folder)
        loop_s = time.perf_counter() - started_s
        table.add_row("plain loop, detecting in each frame", f"{frames / loop_s:.1f}", "1.00")
        for every in (1, 2):
            options = JobOptions(BACKEND, every)
            started_s = time.perf_counter()
            analyze.run([folder / "set.mp4"], folder / f"out{every}", options, read_settings())
            took_s = time.perf_counter() - started_s
            row = f"coach analyze --every {every}, start to end"
            table.add_row(row, f"{frames / took_s:.1f}", f"{loop_s / took_s:.2f}")
        started_s = time.perf_counter()
        stored = folder / "out1" / "set" / "analysis.json"
        rescore.run([stored], None, JudgingOptions(), None, as_json=False)
        took_s = time.perf_counter() - started_s
        ratio = f"{loop_s / took_s:.2f}"
        table.add_row("coach analyze --rescore, files included", f"{frames / took_s:.1f}", ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
