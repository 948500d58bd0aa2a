"""Threads or workers: one pose worker of two threads, and two workers of one thread."""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

import caffe
import numpy as np
from rich.console import Console
from rich.table import Table

from services.pose.engines import ImageInput
from services.pose.engines.openvino_cpu import OpenVinoEngine
from services.pose.openpose.network import network_file

#: Frames per measurement, and rounds.
_FRAMES, _ROUNDS = 4, 6

_WAYS = {"1 worker × 2 threads": (1, 2), "2 workers × 1 thread": (2, 1)}


def threads(folder: Path) -> None:
    """Measure the frames per second of both, in turn."""
    weights = caffe.write_openpose(folder / "random.caffemodel")
    model = network_file(weights, "mpi", 4, folder)
    teams = {name: team(model, *way) for name, way in _WAYS.items()}
    best: dict[str, list[float]] = {name: [] for name in _WAYS}
    for _ in range(_ROUNDS):
        for name, members in teams.items():
            best[name].append(speed(members, _FRAMES))
    for pipe in (pipe for members in teams.values() for pipe in members):
        pipe.send(0)  # ends the process
    table = Table("float32, 4 stages, 368×368", "frames/s, best", "median")
    for name, speeds in best.items():
        table.add_row(name, f"{max(speeds):.2f}", f"{np.median(speeds):.2f}")
    one, two = (max(best[name]) for name in _WAYS)
    Console(width=110).print(table, f"two workers do {two / one:.2f} times as much")


def team(model: Path, workers: int, count: int) -> list[Connection]:
    """Start worker processes and wait until they are ready; returns pipes to them."""
    context = multiprocessing.get_context("spawn")
    pipes = []
    for _ in range(workers):
        here, there = context.Pipe()
        context.Process(target=_worker, args=(there, model, count), daemon=True).start()
        pipes.append(here)
    for pipe in pipes:
        pipe.recv()  # sent after the first run
    return pipes


def speed(team: list[Connection], frames: int) -> float:
    """Frames per second of a team."""
    started_s = time.perf_counter()
    for pipe in team:
        pipe.send(frames // len(team))
    for pipe in team:
        pipe.recv()
    return frames / (time.perf_counter() - started_s)


def _worker(pipe: Connection, model: Path, count: int) -> None:
    """Compile the network, then run it as often as the pipe says, until that is 0."""
    os.setsid()  # like the pipeline's workers: Linux divides busy cores by sessions
    engine = OpenVinoEngine(model, count, image_input=ImageInput(1 / 255))
    image = np.random.default_rng(0).integers(0, 256, (1, 368, 368, 3), dtype=np.uint8)
    engine.infer(image)
    pipe.send(True)
    while frames := pipe.recv():
        for _ in range(frames):
            engine.infer(image)
        pipe.send(True)
