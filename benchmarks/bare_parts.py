"""The least that a clip can cost with these libraries, beside what the goals leave for it.

python -m benchmarks.bare_parts [SHAPE…]

For each clip, processor time a frame of three things and nothing else: reading the video twice (for
the poses, and for drawing), encoding it once, and running the networks where the pose stage looks.
No drawing, no queue, no start of a process, no report. The loop's time over the goal, times the
cores, is what Coach may take in all.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from rich.console import Console
from rich.table import Table

from benchmarks.goals import FAST_FPS, MIN_FAST_RATIO, MIN_RATIO
from benchmarks.set_clips import CACHE, SHAPES, Clip, ensure_clip
from benchmarks.whole_clip import ROOT
from benchmarks.whole_clip_tables import machine
from services.decoder.chunks import chunks_of
from services.decoder.sampling import choose_every
from services.pose.backends import load_backend
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.runtime import runtime_from_environment
from services.pose.tracking import find_poses
from shared.data.defaults import BACKEND
from shared.data.job_options import ANALYSIS_SIDE_PX, AUTO, CHUNK_FRAMES
from shared.media.encode import VideoEncoder
from shared.media.source import open_source

#: Pictures that are encoded in turn: more would not fit into memory at 4K.
_PICTURES = 16


@dataclass(frozen=True)
class Parts:
    """Processor time of the bare parts, in ms for each frame of the clip."""

    decode: float
    encode: float
    networks: float

    @property
    def least(self) -> float:
        """What a clip takes at least: it is read twice."""
        return 2 * self.decode + self.encode + self.networks


def parts_of(clip: Clip) -> Parts:
    """Measure the bare parts of a clip."""
    return Parts(
        decode=_processor_ms(lambda: _decode(clip.path)) / clip.frames,
        encode=_encode_ms(clip),
        networks=_networks_ms(clip) / clip.frames,
    )


def loop_ms(clip: Clip, python: Path) -> float:
    """Time of mediapipe's loop for each frame of a clip, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mp4"
        command = [python, ROOT / "benchmarks" / "peer_loop.py", clip.path, out]
        started_s = time.perf_counter()
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return (time.perf_counter() - started_s) * 1000 / clip.frames


def _processor_ms(work: Callable[[], object]) -> float:
    started_s = time.process_time()
    work()
    return (time.process_time() - started_s) * 1000


def _decode(path: Path) -> None:
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        stream.thread_type = "AUTO"
        for _ in file.decode(stream):
            pass


def _encode_ms(clip: Clip) -> float:
    with open_source(clip.path) as source:
        frames = zip(range(_PICTURES), source.frames(), strict=False)
        pictures = [frame.image for _, frame in frames]
        size_px, time_base = (source.info.width_px, source.info.height_px), source.info.time_base

    def encode(file: Path) -> None:
        with VideoEncoder(file, size_px, time_base) as encoder:
            for index in range(clip.frames):
                # Back and forth, so that each picture differs from the one before by one frame.
                turn = index % (2 * _PICTURES - 2)
                encoder.write(pictures[min(turn, 2 * _PICTURES - 2 - turn)], index * 1000)

    with tempfile.TemporaryDirectory() as folder:
        return _processor_ms(lambda: encode(Path(folder) / "out.mp4")) / clip.frames


def _networks_ms(clip: Clip) -> float:
    backend = load_backend(BACKEND, runtime_from_environment())
    with open_source(clip.path) as source:
        every = choose_every(AUTO, source.info.fps)
        chunks = list(chunks_of(source, every, CHUNK_FRAMES, ANALYSIS_SIDE_PX))
    with _timed_networks() as spent_ms:
        for chunk in chunks:
            list(find_poses(backend, chunk.frames, adaptive=True))
    return sum(spent_ms)


@contextmanager
def _timed_networks() -> Iterator[list[float]]:
    """Collect the processor time of each run of a network within the block, in ms."""
    infer, spent_ms = OpenVinoEngine.infer, []

    def timed(engine: OpenVinoEngine, batch: object) -> object:
        started_s = time.process_time()
        try:
            return infer(engine, batch)
        finally:
            spent_ms.append((time.process_time() - started_s) * 1000)

    OpenVinoEngine.infer = timed
    try:
        yield spent_ms
    finally:
        OpenVinoEngine.infer = infer


def main(names: list[str]) -> None:
    """Measure the named clips, or all, and print a table."""
    cores = len(os.sched_getaffinity(0))
    peer = ROOT / ".venv" / "peer" / "bin" / "python"
    print(machine())
    table = Table(
        "clip", "decode", "encode", "networks", "at least", "loop", "goal", "goal leaves", "in use",
        title="processor ms a frame; the loop: ms a frame",
    )  # fmt: skip
    for name in names or list(SHAPES):
        clip = ensure_clip(name, CACHE)
        parts, loop = parts_of(clip), loop_ms(clip, peer)
        goal = MIN_FAST_RATIO if clip.fps >= FAST_FPS else MIN_RATIO
        leaves = loop / goal * cores
        values = (parts.decode, parts.encode, parts.networks, parts.least, loop)
        texts = [f"{value:.1f}" for value in values]
        table.add_row(name, *texts, f"{goal:.0f}×", f"{leaves:.1f}", f"{parts.least / leaves:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
