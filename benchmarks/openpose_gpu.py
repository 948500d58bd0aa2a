"""Frames per second on an NVIDIA device by batch size, and utilisation of its matrix units."""

from pathlib import Path

import caffe
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from rich.table import Table
from timing import interleaved

from services.pose.engines import ImageInput
from services.pose.engines.devices import nvidia_devices
from services.pose.engines.onnx_runtime import OnnxRuntimeEngine, why_unavailable
from services.pose.openpose.network import network_file

_BATCHES = (1, 8, 32, 64)
_HEIGHT, _WIDTH = 368, 656

#: Of the 4-stage network at 368×368: 97.7 GMAC.
_FLOP = 195.4e9 * _WIDTH / 368

#: Side of matrices that fill any device, and lengths of two chains of products: the difference of
#: their times excludes transfers.
_SIDE, _SHORT, _LONG = 8192, 8, 40


def gpu(folder: Path) -> None:
    """Time all batch sizes in float16 with both NVIDIA providers; skip without a device."""
    names = [name for name in ("cuda", "tensorrt") if not why_unavailable(name)]
    if not names:
        print(f"skipped: {why_unavailable('cuda')}")
        return
    peak = _matrix_flop_s(folder)
    device = nvidia_devices()[0]
    print(f"{device.name}, {device.memory}: {peak / 1e12:.0f} TFLOP/s in float16 products")
    weights = caffe.write_openpose(folder / "random.caffemodel")
    model = network_file(weights, "mpi", 4, folder)
    table = Table("float16, 4 stages, 368×656", "batch", "frames/s", "of the matrix units' peak")
    for name in names:
        engine = OnnxRuntimeEngine(model, name, 1, "f16", ImageInput(1 / 255))
        for batch in _BATCHES:
            images = np.zeros((batch, _HEIGHT, _WIDTH, 3), np.uint8)
            took = interleaved({"": lambda e=engine, p=images: e.infer(p)})[""]
            speed = batch / took.least_s
            table.add_row(name, str(batch), f"{speed:.1f}", f"{speed * _FLOP / peak:.0%}")
    Console(width=110).print(table)


def _matrix_flop_s(folder: Path) -> float:
    """Products of large float16 matrices, FLOP/s."""
    chains = {}
    for length in (_SHORT, _LONG):
        file = _chain(folder / f"chain-{length}.onnx", length)
        chains[length] = OnnxRuntimeEngine(file, "cuda", 1, "f16")
    given = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    times = interleaved(
        {str(length): lambda e=engine: e.infer(given) for length, engine in chains.items()}
    )
    seconds = times[str(_LONG)].least_s - times[str(_SHORT)].least_s
    return 2 * _SIDE**3 * (_LONG - _SHORT) / seconds


def _chain(path: Path, length: int) -> Path:
    """A network that multiplies by one matrix `length` times and returns the mean."""
    matrix = np.random.default_rng(1).standard_normal((_SIDE, _SIDE), np.float32)
    steps = [helper.make_node("MatMul", [f"x{n}", "matrix"], [f"x{n + 1}"]) for n in range(length)]
    steps.append(helper.make_node("ReduceMean", [f"x{length}"], ["mean"], keepdims=0))
    graph = helper.make_graph(
        steps,
        "chain",
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, [_SIDE, _SIDE])],
        [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [])],
        [numpy_helper.from_array(matrix / np.float32(np.sqrt(_SIDE)), "matrix")],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path
    )
    return path
