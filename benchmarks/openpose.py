"""OpenPose's network, with random weights in a real caffemodel, compared with OpenCV's importer.

python benchmarks/openpose.py network     one frame, with each option
python benchmarks/openpose.py threads     one worker of two threads, and two workers of one
python benchmarks/openpose.py grouping    from maps to people
python benchmarks/openpose.py pipeline    `coach analyze`, and the network alone

Alternatives are run in turn, round after round; ratios are of the minimum times, with those of the
medians in brackets. Random weights show speed and differences of outputs, not keypoint error.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import caffe
from openpose_grouping import grouping
from openpose_pipeline import pipeline
from openpose_threads import threads
from timing import interleaved

from services.pose.engines import ImageInput
from services.pose.engines.interface import int8_file
from services.pose.engines.onnx_runtime import OnnxRuntimeEngine
from services.pose.engines.openvino_cpu import OpenVinoEngine, processor, why_unavailable
from services.pose.engines.quantize import quantize
from services.pose.engines.recording import RecordedInputs
from services.pose.openpose.network import layout_of, network_file, part_files
from services.pose.openpose.region import crop_boxes
from services.pose.openpose.stages import StagedNetwork
from synthetic import Lift, RenderedFrame, render

#: Side of the square that the original resizes its images to, in px.
SIDE_PX = 368

#: Threads per run: both cores of the machine of the published figures.
THREADS = 2

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]

_IMAGE_INPUT = ImageInput(1 / 255)

_STAGES = (4, 3, 2)


def network(folder: Path) -> None:
    """One frame of the network: OpenCV, float32, and each option alone and together."""
    weights = caffe.write_openpose(folder / "random.caffemodel")
    frames = list(render(Lift(reps=1, fps=10)))
    image = _squashed(frames[len(frames) // 2].image)
    left, top, right, bottom = _region(frames[len(frames) // 2])
    part = np.ascontiguousarray(image[top:bottom, left:right])
    calibration = [_squashed(frame.image) for frame in frames[::5]]
    print(f"{processor()}, {THREADS} threads; region {right - left}×{bottom - top} px")

    runs: dict[str, Callable[[], Maps]] = {"cv2.dnn, 4 stages": _opencv(weights, image)}
    for precision in ("f32", "bf16", "int8"):
        if reason := why_unavailable(precision):
            print(f"skipped: {reason}")
            continue
        for stages in _STAGES:
            model = network_file(weights, "mpi", stages, folder)
            if precision == "int8":
                inputs = [_IMAGE_INPUT.apply(image[None]) for image in calibration]
                quantize(RecordedInputs(model, inputs), model.parent)
            engine = _engine(model, precision)
            name = f"{precision}, {stages} stages"
            runs[name] = _with(engine, image)
            runs[f"{name}, region"] = _with(_engine(model, precision), part)
    runs |= _in_parts(weights, image)
    whole = OnnxRuntimeEngine(
        network_file(weights, "mpi", 4, folder),
        "onnxruntime",
        THREADS,
        image_input=_IMAGE_INPUT,
    )
    runs["ONNX Runtime, f32, 4 stages"] = _with(whole, image)
    _report(runs, (slice(top // 8, bottom // 8), slice(left // 8, right // 8)))


def _in_parts(weights: Path, image: NDArray[np.uint8]) -> dict[str, Callable[[], Maps]]:
    """`--pose-stages auto`, as if the maps had converged after each of `_STAGES`."""
    layout = layout_of("mpi")
    first, *later = part_files(weights, "mpi", 2, max(_STAGES), weights.parent)
    parts = [OpenVinoEngine(first, THREADS, image_input=_IMAGE_INPUT)]
    parts += [OpenVinoEngine(part, THREADS) for part in later]
    staged = StagedNetwork(parts, layout.fields, layout.heatmaps)

    def run(stages: int) -> Maps:
        *_, maps = islice(staged.stages(image[None]), stages)
        return maps

    return {f"f32, in parts, {stages} stages": partial(run, stages) for stages in _STAGES}


def _report(runs: dict[str, Callable[[], Maps]], region: tuple[slice, slice]) -> None:
    """Compare outputs with OpenCV's, time all, and print."""
    reference = runs["cv2.dnn, 4 stages"]()
    spread = float(np.sqrt(np.mean(reference[0] ** 2)))
    errors = {}
    for name, run in runs.items():
        inside = region if name.endswith("region") else (slice(None), slice(None))
        apart = [a - b[(..., *inside)] for a, b in zip(run(), reference, strict=True)]
        most = max(float(np.abs(one).max()) for one in apart)
        errors[name] = most, float(np.sqrt(np.mean(apart[0] ** 2))) / spread
    times = interleaved(runs)
    base = times["cv2.dnn, 4 stages"]
    table = Table("network", "ms", "times as fast", "max difference", "rms of it in rms of maps")
    for name, took in times.items():
        ratio = f"{base.least_s / took.least_s:.2f} ({base.median_s / took.median_s:.2f})"
        most, relative = errors[name]
        table.add_row(name, f"{took.least_s * 1e3:.0f}", ratio, f"{most:.1e}", f"{relative:.3f}")
    Console(width=110).print(table)


def _opencv(weights: Path, image: NDArray[np.uint8]) -> Callable[[], Maps]:
    """The original's way: OpenCV's importer, the image resized to a square and divided by 255."""
    if not hasattr(cv2.dnn, "readNetFromCaffe"):
        sys.exit("this needs OpenCV 4: `make bench` runs it with one beside OpenCV 5")
    described = caffe.prototxt("mpi", 4, SIDE_PX, SIDE_PX).encode()
    net = cv2.dnn.readNetFromCaffe(
        np.frombuffer(described, np.uint8), np.frombuffer(weights.read_bytes(), np.uint8)
    )

    def run() -> Maps:
        net.setInput(cv2.dnn.blobFromImage(image, 1 / 255))
        maps = net.forward()
        return maps[:, :16], maps[:, 16:]

    return run


def _engine(model: Path, precision: str) -> OpenVinoEngine:
    file = int8_file(model) if precision == "int8" else model
    return OpenVinoEngine(file, THREADS, precision, _IMAGE_INPUT)


def _with(engine: OpenVinoEngine | OnnxRuntimeEngine, image: NDArray[np.uint8]) -> Callable:
    names = engine.output_names

    def run() -> Maps:
        named = dict(zip(names, engine.infer(image[None]), strict=True))
        return named["heatmaps"], named["fields"]

    return run


def _squashed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)


def _region(frame: RenderedFrame) -> tuple[int, int, int, int]:
    """The region of `--pose-region` around the lifter: left, top, right, bottom."""
    joints = frame.joints_px * SIDE_PX / frame.image.shape[1::-1]
    box = np.concatenate([joints.min(0), joints.max(0)]).astype(np.float32)
    [part] = crop_boxes([box], SIDE_PX, SIDE_PX)
    return part


def main(wanted: list[str]) -> None:
    """Run the named benchmarks, or all."""
    parts = {"network": network, "threads": threads, "grouping": grouping, "pipeline": pipeline}
    cv2.setNumThreads(THREADS)
    with tempfile.TemporaryDirectory() as name:
        for part in wanted or parts:
            print(f"— {part}", flush=True)
            parts[part](Path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
