"""An NVIDIA device: frames per second of each backend's networks, utilisation, decoders it needs.

python -m benchmarks.gpu [--batches N…] [--backends NAME…] [--json FILE]

The device's engines read ONNX only: a backend whose networks are in another format is listed with
that reason, since it runs on the processor. `openpose-mpi` is timed with random weights where its
own are not cached; speed does not depend on them. Images are copied to the device and maps back
from it, as in a pose worker. Without a device the program says so and measures the decoder alone.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.gpu_peak import flop_of, peak_flop_s
from benchmarks.set_clips import CACHE, ensure_clip
from benchmarks.timing import interleaved
from services.decoder.chunks import chunks_of
from services.pose import weights
from services.pose.backends import backend_names, networks_of
from services.pose.engines.devices import nvidia_devices
from services.pose.engines.interface import ImageInput
from services.pose.engines.onnx_runtime import (
    PROVIDERS,
    READABLE_SUFFIXES,
    OnnxRuntimeEngine,
    why_unavailable,
)
from services.pose.runtime import Runtime, runtime_from_environment
from shared.data.job_options import ANALYSIS_SIDE_PX, CHUNK_FRAMES
from shared.errors import CoachError
from shared.media.source import open_source

BATCHES = (1, 8, 32)

#: Engines of the device.
_ENGINES = ("cuda", "tensorrt")

#: Size of a network's input where its ONNX file leaves it open, in px: OpenPose's usual height, and
#: the width of a 16:9 picture.
_HEIGHT_PX, _WIDTH_PX = 368, 656

#: Backends whose ONNX networks take uint8 images through an `ImageInput`.
_IMAGE_INPUTS = {"openpose-mpi": ImageInput(1 / 255)}

_ROUNDS = 5

#: The decoder is measured on a clip of this shape, with at least this many frames.
_DECODED = ("1080p30", 60)


@dataclass(frozen=True)
class Speed:
    """One network on the device.

    Attributes:
        backend: Name of the backend.
        network: Name of the network's file.
        engine: Name of the engine.
        precision: Its number format.
        batch: Images per call.
        fps: Images per second.
        utilisation: Its operations per second over the device's in large matrix products.
    """

    backend: str
    network: str
    engine: str
    precision: str
    batch: int
    fps: float
    utilisation: float


def networks(backend: str, runtime: Runtime, folder: Path) -> tuple[Path, ...]:
    """Files of a backend's networks; those of `openpose-mpi` with random weights if need be."""
    if backend == "openpose-mpi" and not (
        runtime.openpose_weights or weights.is_cached(backend, runtime.models_dir)
    ):
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
        import caffe  # the tests' builder of caffemodels

        made = caffe.write_openpose(folder / "random.caffemodel")
        runtime = replace(runtime, openpose_weights=made, models_dir=folder)
    return networks_of(backend, runtime)


def readable(backend: str, runtime: Runtime, folder: Path) -> tuple[list[Path], str]:
    """A backend's networks that the device's engines read, and why the others are not."""
    try:
        files = networks(backend, runtime, folder)
    except CoachError as error:
        return [], str(error)
    except ImportError as error:
        return [], f"{error.name} is not installed"
    others = [file.name for file in files if file.suffix not in READABLE_SUFFIXES]
    why = f"not ONNX, so on the processor: {', '.join(others)}" if others else ""
    return [file for file in files if file.suffix in READABLE_SUFFIXES], why


def speeds(backend: str, model: Path, batches: tuple[int, ...], peaks: dict[str, float],
           folder: Path) -> Iterator[Speed]:  # fmt: skip
    """Time a network with each engine and precision that can run here."""
    flop = flop_of(model, _HEIGHT_PX, _WIDTH_PX)
    image_input = _IMAGE_INPUTS.get(backend)
    for engine_name in _ENGINES:
        if why_unavailable(engine_name):
            continue
        for precision in PROVIDERS[engine_name].precisions:
            try:
                engine = OnnxRuntimeEngine(
                    model, engine_name, 1, precision, image_input, folder / "tensorrt"
                )
            except CoachError as error:
                print(f"skipped: {engine_name} in {precision}: {error}", file=sys.stderr)
                continue
            for batch in batches:
                images = _images(batch, image_input)
                run = {"": lambda e=engine, i=images: e.infer(i)}
                fps = batch / interleaved(run, _ROUNDS)[""].median_s
                used = fps * flop / peaks[precision]
                yield Speed(backend, model.name, engine_name, precision, batch, fps, used)


def _images(batch: int, image_input: ImageInput | None) -> np.ndarray:
    random = np.random.default_rng(0)
    if image_input is None:
        return random.random((batch, 3, _HEIGHT_PX, _WIDTH_PX), dtype=np.float32)
    return random.integers(0, 256, (batch, _HEIGHT_PX, _WIDTH_PX, 3), np.uint8)


def decoder_speed(cache: Path) -> tuple[float, float]:
    """Frames per second of one decoder, and its processor time per frame in s."""
    clip = ensure_clip(_DECODED[0], cache, _DECODED[1])
    with open_source(clip.path) as source:
        started_s, used_s = time.perf_counter(), time.process_time()
        frames = sum(
            len(chunk.frames) for chunk in chunks_of(source, 1, CHUNK_FRAMES, ANALYSIS_SIDE_PX)
        )
        took_s = time.perf_counter() - started_s
        return frames / took_s, (time.process_time() - used_s) / frames


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    made.add_argument("--batches", type=int, nargs="+", default=list(BATCHES))
    made.add_argument("--backends", nargs="+", metavar="NAME", help="all installed ones if none")
    made.add_argument("--cache", type=Path, default=CACHE, help="folder of the decoder's clip")
    made.add_argument("--no-decoder", action="store_true", help="do not measure the decoder")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all measured values")
    return made


def measure_device(given: argparse.Namespace, folder: Path, console: Console) -> list[Speed]:
    """Time all networks that the device can run, and print them; empty without a device."""
    devices = nvidia_devices()
    reasons = [why_unavailable(name) for name in _ENGINES]
    if not devices or all(reasons):
        console.print(f"No GPU was measured: {reasons[0]}", markup=False)
        return []
    precisions = {p for name in _ENGINES for p in PROVIDERS[name].precisions}
    peaks = {precision: peak_flop_s(folder, precision) for precision in sorted(precisions)}
    console.print(f"{devices[0].name}, {devices[0].memory}, driver {devices[0].driver}")
    for precision, peak in peaks.items():
        console.print(f"large matrix products in {precision}: {peak / 1e12:.0f} TFLOP/s")
    table = Table("backend", "network", "engine", "batch", "frames/s", "of the device's peak")
    measured: list[Speed] = []
    runtime = runtime_from_environment()
    for backend in given.backends or backend_names():
        files, why = readable(backend, runtime, folder)
        if why:
            table.add_row(backend, escape(why))
        for file in files:
            for one in speeds(backend, file, tuple(given.batches), peaks, folder):
                measured.append(one)
                table.add_row(
                    backend, one.network, f"{one.engine}, {one.precision}", str(one.batch),
                    f"{one.fps:.1f}", f"{one.utilisation:.0%}",
                )  # fmt: skip
    console.print(table)
    return measured


def main(arguments: list[str] | None = None) -> None:
    """Measure the device and the decoder, and print both."""
    given = parser().parse_args(arguments)
    console = Console(width=120)
    document: dict[str, Any] = {"devices": [str(device) for device in nvidia_devices()]}
    with tempfile.TemporaryDirectory(prefix="coach-benchmark-") as folder:
        measured = measure_device(given, Path(folder), console)
    document["networks"] = [vars(one) for one in measured]
    if not given.no_decoder:
        fps, processor_s = decoder_speed(given.cache)
        document["decoder"] = {"fps": fps, "processor_s": processor_s}
        console.print(
            f"one decoder on {_DECODED[0]}: {fps:.0f} frames/s, {1 / processor_s:.0f} a core"
        )
        if measured:
            best = max(measured, key=lambda one: one.fps)
            console.print(
                f"{best.backend} at {best.fps:.0f} frames/s keeps {best.fps / fps:.1f} decoders "
                f"busy, {best.fps * processor_s:.1f} cores"
            )
    if given.json:
        given.json.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
