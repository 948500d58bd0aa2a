"""The whole pipeline with OpenPose's network against the bare network, as many workers each.

The bare network runs before and after the pipeline, so that a machine that grows busier or idler
meanwhile favours neither.
"""

import json
import os
import statistics
import time
from pathlib import Path

import caffe
from openpose_threads import speed, team
from rich.console import Console
from rich.table import Table

from coach import analyze
from coach.rendering import Lift, write_video
from services.pose.openpose_network import network_file
from shared.jobs import JobOptions

#: The clip's frames are square, so that the network sees 368×368 and nothing is padded.
_SIDE_PX = 480

#: Frames of the clip, which are nine chunks for each of two workers, and of each of the two runs of
#: the bare network.
_FRAMES, _BARE_FRAMES = 280, 32

_WORKERS = 2


def pipeline(folder: Path) -> None:
    """Frames a second of both, start and end included."""
    weights = caffe.write_openpose(folder / "random.caffemodel")
    os.environ["COACH_OPENPOSE_WEIGHTS"] = str(weights)
    lift = Lift(reps=9, fps=8, width_px=_SIDE_PX, height_px=_SIDE_PX)
    frames = len(write_video(lift, folder / "set.mp4"))
    assert frames == _FRAMES, f"the clip has {frames} frames"
    bare = team(network_file(weights, "mpi", 4), _WORKERS, 1)
    speeds = [speed(bare, _BARE_FRAMES)]
    started_s = time.perf_counter()
    options = JobOptions("openpose-mpi")
    status = analyze.run([folder / "set.mp4"], folder, options, pose_workers=_WORKERS)
    took_s = time.perf_counter() - started_s
    assert status == 0
    speeds.append(speed(bare, _BARE_FRAMES))
    for pipe in bare:
        pipe.send(0)

    found = json.loads((folder / "set" / "analysis.json").read_text())["frames"]
    pose_s = sum(frame["pose_ms"] for frame in found) / 1000 / _WORKERS
    bare_speed = statistics.mean(speeds)
    table = Table(f"{_WORKERS} workers of 1 thread, {frames} frames", "frames/s", "of the bare")
    table.add_row("bare network, before and after", f"{bare_speed:.3f}", "1.00")
    whole, steady = frames / took_s, frames / pose_s
    table.add_row("coach analyze, start to end", f"{whole:.3f}", f"{whole / bare_speed:.3f}")
    table.add_row("its pose workers while at work", f"{steady:.3f}", f"{steady / bare_speed:.3f}")
    Console(width=110).print(
        table,
        f"bare: {speeds[0]:.3f} before, {speeds[1]:.3f} after; "
        f"start-up, waiting and writing: {1 - pose_s / took_s:.1%} of the time",
    )
