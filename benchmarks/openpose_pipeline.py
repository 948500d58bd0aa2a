"""The whole pipeline with OpenPose's network, compared with the network alone.

The weights find painted figures, two per image; random weights would find about thirty people to be
tracked. Several clips are analysed: a worker without chunks of one clip continues with the next,
and only at the end one of them waits for the other's last chunk. The network alone runs before and
after the pipeline, to average out changes of the machine's load. If other programs disturb this,
use the last line: the fraction of the time in which the workers are busy, times the network's
fraction of that work.
"""

import json
import os
import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pattern
from openpose_threads import speed, team
from rich.console import Console
from rich.table import Table
from watch import Watch, watched

from coach.cli import analyze
from services.pose.backends import load_backend
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.openpose.mpi import IMAGE_INPUT
from services.pose.openpose.network import network_file
from services.pose.runtime import runtime_from_environment
from services.pose.tracking import find_poses
from shared.data.job_options import ANALYSIS_SIDE_PX, CHUNK_FRAMES, JobOptions
from shared.data.messages import EncodedFrame
from shared.data.pictures import encode_image
from shared.media.source import open_source
from shared.settings import read_settings

#: Side of the clips' frames, in px; square, so that the network's input has no padding.
_SIDE_PX = 480

#: Clips, frames per clip, and frames of each of the two runs of the network alone.
_CLIPS, _FRAMES, _BARE_FRAMES = 6, 160, 48

#: Frames for measuring the network's fraction of a worker's work.
_MEASURED_FRAMES = 8

_WORKERS = 2


def pipeline(folder: Path) -> None:
    """Measure frames per second of both, and how the pipeline spends its time."""
    weights = pattern.write(folder / "painted.caffemodel")
    # For the pipeline's processes:
    os.environ |= {"COACH_OPENPOSE_WEIGHTS": str(weights), "COACH_TIMINGS": "1"}
    clips = [folder / f"set-{number}.mp4" for number in range(_CLIPS)]
    pattern.film(clips[0], list(_walk()), (_SIDE_PX, _SIDE_PX))
    for clip in clips[1:]:
        shutil.copyfile(clips[0], clip)
    model = network_file(weights, "mpi", 4, folder)
    network_fraction = _network_fraction(model, weights, clips[0])
    bare = team(model, _WORKERS, 1)
    speeds = [speed(bare, _BARE_FRAMES)]
    options = JobOptions("openpose-mpi")
    started_s = time.perf_counter()
    with watched():
        status, _ = analyze.run(clips, folder, options, read_settings(), pose_workers=_WORKERS)
    ended_s = time.perf_counter()
    assert status == 0
    speeds.append(speed(bare, _BARE_FRAMES))
    for pipe in bare:
        pipe.send(0)
    pose_s = [_pose_s(folder / clip.stem) for clip in clips]
    _report(statistics.mean(speeds), network_fraction, pose_s, started_s, ended_s)
    print(f"bare: {speeds[0]:.3f} before, {speeds[1]:.3f} after")


def _walk() -> Iterator[list[np.ndarray]]:
    """Two figures in each frame, one of which moves to and fro."""
    for number in range(_FRAMES):
        walker = pattern.FIGURE + (180 + 60 * np.sin(number / 10), 120)
        yield [walker, 0.8 * pattern.FIGURE + (20, 150)]


def _pose_s(folder: Path) -> np.ndarray:
    """Time of the pose stage for each frame of a clip, in s."""
    frames = json.loads((folder / "analysis.json").read_text())["frames"]
    return np.array([frame["pose_ms"] for frame in frames]) / 1000


def _network_fraction(model: Path, weights: Path, clip: Path) -> float:
    """The network's fraction of the processor time that a worker needs for a frame."""
    engine = OpenVinoEngine(model, 1, image_input=IMAGE_INPUT)
    runtime = replace(runtime_from_environment(), openpose_weights=weights)
    backend = load_backend("openpose-mpi", runtime)
    picture = np.random.default_rng(0).integers(0, 256, (1, 368, 368, 3), np.uint8)
    ways = {
        "network": lambda _: engine.infer(picture),
        "work": lambda f: [*find_poses(backend, f)],
    }
    took_s = dict.fromkeys(ways, 0.0)
    with open_source(clip) as source:
        for number, frame in enumerate(islice(source.frames(), _MEASURED_FRAMES + 1)):
            image = encode_image(frame.shrunk(ANALYSIS_SIDE_PX))
            encoded = (EncodedFrame(frame.index, frame.time_s, image, 1.0, 1.0),)
            for name, way in ways.items():
                started_s = time.process_time()
                way(encoded)
                took_s[name] += (time.process_time() - started_s) * (number > 0)
    return took_s["network"] / took_s["work"]


def _report(
    bare: float, network_fraction: float, pose_s: list[np.ndarray], started_s: float, ended_s: float
) -> None:
    frames = sum(map(len, pose_s))
    took_s, busy_s = ended_s - started_s, float(np.concatenate(pose_s).sum()) / _WORKERS
    table = Table(f"{_WORKERS} workers of 1 thread, {frames} frames", "frames/s", "of the bare")
    table.add_row("bare network, before and after", f"{bare:.3f}", "1.00")
    for name, time_s in (
        ("coach analyze, start to end", took_s),
        ("its pose workers while at work", busy_s),
    ):
        table.add_row(name, f"{frames / time_s:.3f}", f"{frames / time_s / bare:.3f}")
    firsts_s = [pose_s[0][at : at + CHUNK_FRAMES].sum() for at in (0, CHUNK_FRAMES)]
    begun_s = Watch.last.reached_s(CHUNK_FRAMES) - min(firsts_s)
    posed_s, done_s = Watch.last.reached_s(frames), Watch.last.looks[-1][0]
    spent = Table("where the time goes", "seconds", "fraction")
    for name, time_s in (
        ("until the first frame is processed", begun_s - started_s),
        ("pose workers at work", busy_s),
        ("pose workers waiting: messages, the last chunk", posed_s - begun_s - busy_s),
        ("analysing and writing the last clip", done_s - posed_s),
        ("stopping", ended_s - done_s),
    ):
        spent.add_row(name, f"{time_s:.1f}", f"{time_s / took_s:.1%}")
    console = Console(width=110)
    console.print(table)
    console.print(
        spent,
        f"the network's fraction of a worker's work is {network_fraction:.3f}; the speed "
        f"without other programs, in the network's: {network_fraction * busy_s / took_s:.3f}",
    )
