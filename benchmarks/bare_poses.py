"""The backend alone, in processes of their own: images in memory, no video, no queue."""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from services.pose.backends import TimedImage, load_backend
from services.pose.runtime import runtime_from_environment
from shared.data.defaults import BACKEND
from shared.data.job_options import ANALYSIS_SIDE_PX, CHUNK_FRAMES
from shared.media.resize import shrink
from shared.media.source import open_source


class BareTeam:
    """Processes that find people in a clip's images; a context manager.

    Each takes every n-th chunk, as the pipeline's workers do on average: within a chunk people are
    followed, so that the same networks run on the same images.
    """

    def __init__(self, clip: Path, workers: int, backend: str = BACKEND) -> None:
        self._clip, self._workers, self._backend = clip, workers, backend
        self._pipes: list[Connection] = []
        self._processes: list[BaseProcess] = []

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        for number in range(self._workers):
            here, there = context.Pipe()
            work = (there, self._clip, number, self._workers, self._backend)
            process = context.Process(target=_worker, args=work, daemon=True)
            process.start()
            self._pipes.append(here)
            self._processes.append(process)
        for pipe in self._pipes:
            pipe.recv()  # sent once the images are in memory
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send(False)
        for process in self._processes:
            process.join()

    def fps(self) -> float:
        """Find the people of all images once; frames per second of all processes together."""
        started_s = time.perf_counter()
        for pipe in self._pipes:
            pipe.send(True)
        frames = sum(pipe.recv() for pipe in self._pipes)
        return frames / (time.perf_counter() - started_s)


def chunks_in_memory(clip: Path, number: int, workers: int) -> list[list[TimedImage]]:
    """A worker's chunks of the analysis size: each n-th from its number on."""
    chunks: list[list[TimedImage]] = []
    with open_source(clip) as source:
        for frame in source.frames():
            if frame.index % CHUNK_FRAMES == 0:
                chunks.append([])
            if (len(chunks) - 1) % workers == number:
                small = shrink(frame.image, ANALYSIS_SIDE_PX).copy()
                chunks[-1].append(TimedImage(small, frame.time_s))
    return chunks[number::workers]


def _worker(pipe: Connection, clip: Path, number: int, workers: int, name: str) -> None:
    """Load the backend and the images, then go through them as often as the pipe says."""
    os.setsid()  # like the pipeline's workers: Linux divides busy cores by sessions
    backend = load_backend(name, runtime_from_environment())
    chunks = chunks_in_memory(clip, number, workers)
    pipe.send(True)
    while pipe.recv():
        pipe.send(sum(len(list(backend.people(chunk))) for chunk in chunks))
