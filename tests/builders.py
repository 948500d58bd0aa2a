"""Builders of test objects: clips, people, and running deployments."""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Self

import av
import numpy as np
import pytest
import redis
from schemas import validate_result

from coach.cli.status import status_of
from services.scorer.analysis import judge_poses
from services.scorer.score import lift_model
from shared.data.analysis import Analysis, PoseRecord, SourceRecord
from shared.data.defaults import BACKEND
from shared.data.job_options import JudgingOptions
from shared.data.messages import FramePoses, Person
from shared.data.poses import Poses
from shared.data.skeleton import FEET, JOINTS, OUTLINE_LEVELS
from shared.queue.connection import connect
from shared.queue.job_store import JobStore
from synthetic import Lift, render_poses

ROOT = Path(__file__).resolve().parents[1]

#: The set of the tests that film one and let real workers find the lifter: of eight chunks.
FILMED = Lift(reps=2, fps=15, width_px=640, height_px=480)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first test process to ask for it makes, for all of them.

    Args:
        factory: knows the folder of this run.
        name: name of the folder.
        make: fills it.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # which the processes share
    shared = root / "made-once"
    shared.mkdir(exist_ok=True)
    folder, partial = shared / name, shared / f"{name}.partial"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(partial, ignore_errors=True)  # of a process that has failed here
            partial.mkdir()
            make(partial)
            partial.rename(folder)
    return folder


def load_script(path: str) -> ModuleType:
    """A script of this repository as a module; `path` is relative to its root."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_clip(
    path: Path,
    frames: int = 40,
    size_px: tuple[int, int] = (64, 48),
    time_base: Fraction = Fraction(1, 20),
    pts: list[int] | None = None,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sample_aspect: Fraction = Fraction(1),
) -> Path:
    """Write a clip whose frame i is grey of brightness 20 + 5 i (modulo 200)."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=round(1 / time_base))
        stream.width, stream.height = size_px
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = time_base
        stream.codec_context.sample_aspect_ratio = sample_aspect
        for index in range(frames):
            image = np.full((size_px[1], size_px[0], 3), grey_of(index), np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = pts[index] if pts else index, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def grey_of(index: int) -> int:
    """Brightness of a frame of `write_clip`."""
    return 20 + (5 * index) % 200


def person(x_px: float = 100.0, y_px: float = 100.0, height_px: float = 100.0) -> Person:
    """A person standing at (x, y), the middle of the box, all joints seen."""
    rng = np.random.default_rng(0)
    offsets = (rng.random((JOINTS, 2)) - 0.5) * (0.4, 1.0) * height_px
    xy = (offsets + (x_px, y_px)).astype(np.float32)
    box = np.array(
        [x_px - 0.2 * height_px, y_px - height_px / 2, x_px + 0.2 * height_px, y_px + height_px / 2]
    )
    return Person(
        xy_px=xy,
        confidence=np.ones(JOINTS, np.float32),
        feet_px=np.full((len(FEET), 2), np.nan, np.float32),
        feet_confidence=np.zeros(len(FEET), np.float32),
        outline_px=np.full((2, OUTLINE_LEVELS), np.nan, np.float32),
        sole_px=np.full((2, 2), np.nan, np.float32),
        turn_deg=float("nan"),
        box_px=box.astype(np.float32),
        detection_confidence=0.9,
    )


def poses(index: int, time_s: float, *people: Person) -> FramePoses:
    """A frame with these people in it, and no plates."""
    return FramePoses(index, time_s, people, (), np.zeros(48, np.float32), 1.0)


def wait_for(condition: Callable[[], bool], deadline_s: float = 60.0, what: str = "") -> None:
    """Wait until a condition holds; fail when it does not within the deadline.

    The deadline is extended by how late this process is itself, on a machine with too much to do.
    """
    end_s = time.monotonic() + deadline_s
    pause, pause_s = threading.Event(), 0.02
    while not condition():
        paused_s = time.monotonic()
        assert paused_s < end_s, f"not within {deadline_s} s: {what or condition}"
        pause.wait(pause_s)
        end_s += time.monotonic() - paused_s - pause_s


def wait_for_end(process: subprocess.Popen, deadline_s: float = 10.0) -> int:
    """Wait until a process ends, which one that is asked to must within 10 s; its exit status."""
    wait_for(lambda: process.poll() is not None, deadline_s, "the end of a process")
    return process.returncode


@dataclass
class Deployment:
    """Worker processes on a server; `coach(...)` runs a command against it."""

    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    client: redis.Redis = field(init=False)

    def worker(self, service: str, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start `coach worker SERVICE`, its log in the test's folder."""
        command = [*self.prefix, sys.executable, "-m", "coach", "worker", service]
        command += ["--redis", self.url, *options]
        with (self.folder / f"{service}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment, **environment},
            )
        self.processes.append(process)
        return process

    def coach(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `coach` command to its end."""
        return run_coach(*arguments, "--redis", self.url)

    def status(self, job: str) -> dict:
        """What `coach status` tells of a job, in this process.

        To start one for it takes a second of a core: asking again and again starves the workers.
        """
        store = JobStore(self.client, keep_s=3600)
        return status_of(store, store.get(job))

    def __enter__(self) -> Self:
        self.client = connect(self.url)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.client.close()


def run_coach(
    *arguments: str, timeout_s: float = 300, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a `coach` command in a process of its own; its results must fit their schemas.

    An analysis gets one pose worker where nothing else is asked for: other tests run beside it, and
    each worker loads networks for a second of a core.
    """
    alone = arguments[:1] == ("analyze",) and not {"--redis", "--pose-workers"} & set(arguments)
    workers = ("--pose-workers", "1") if alone else ()
    done = subprocess.run(
        [sys.executable, "-m", "coach", *arguments, *workers],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, **environment},
    )
    if "--out" in arguments:
        out = Path(arguments[arguments.index("--out") + 1])
        for manifest in out.glob("*/manifest.json"):
            validate_result(manifest.parent)
    return done


def frames_of(folder: Path) -> list[dict]:
    """The frames of an analysis in a folder of results, without how long each took."""
    frames = json.loads((folder / "analysis.json").read_text())["frames"]
    return [{name: value for name, value in f.items() if name != "pose_ms"} for f in frames]


def poses_of(lift: Lift, **pose: object) -> Poses:
    """A rendered set's truth as the pose stage gives it."""
    frames = tuple(render_poses(lift))
    source = SourceRecord(
        path="/clips/lift.mp4",
        sha256="ab" * 32,
        width=lift.width_px,
        height=lift.height_px,
        duration_s=float(lift.duration_s),
        frames=lift.frames,
        fps=float(lift.fps),
    )
    return Poses(source, PoseRecord(BACKEND, 1, **pose), frames)


def analysis_of(lift: Lift, **options: object) -> Analysis:
    """A rendered set's truth, judged: what the scorer hands to the writer."""
    model = lift_model.load_default()
    return judge_poses(poses_of(lift), JudgingOptions(**options), model, "0123456789abcdef")
