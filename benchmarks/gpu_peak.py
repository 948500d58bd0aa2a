"""Peak of a device's arithmetic, measured; and the operations of a network, counted."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from benchmarks.timing import interleaved
from services.pose.engines.onnx_runtime import OnnxRuntimeEngine

#: Side of the matrices (chosen: enough work to fill any device), and products in a short and a long
#: chain. Both chains transfer the same data, so the difference of their times is that of products.
_SIDE, _SHORT, _LONG = 8192, 8, 40

_ROUNDS = 3


def peak_flop_s(folder: Path, precision: str) -> float:
    """Products of large matrices by CUDA in a precision, in FLOP/s."""
    engines = {}
    for length in (_SHORT, _LONG):
        file = folder / f"chain-{length}.onnx"
        if not file.exists():
            _write_chain(file, length)
        engines[str(length)] = OnnxRuntimeEngine(file, "cuda", 1, precision)
    given = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    runs = {name: (lambda e=engine: e.infer(given)) for name, engine in engines.items()}
    times = interleaved(runs, _ROUNDS)
    seconds = times[str(_LONG)].least_s - times[str(_SHORT)].least_s
    return 2 * _SIDE**3 * (_LONG - _SHORT) / seconds


def flop_of(model: Path, height_px: int, width_px: int) -> float:
    """Operations of a network's convolutions and products for one image.

    A multiplication and an addition count as two. The rest of a network is a few per cent.

    Args:
        model: ONNX file whose input is (n, 3, height, width).
        height_px: height of the image.
        width_px: width of the image.
    """
    network = onnx.load(str(model))
    sides = network.graph.input[0].type.tensor_type.shape.dim
    for side, size in zip(sides, (1, 3, height_px, width_px), strict=True):
        side.dim_value = size
    graph = shape_inference.infer_shapes(network).graph
    known = [*graph.value_info, *graph.output]
    shapes = {
        value.name: [side.dim_value for side in value.type.tensor_type.shape.dim] for value in known
    }
    shapes |= {weights.name: list(weights.dims) for weights in graph.initializer}
    total = 0.0
    for node in graph.node:
        if node.op_type == "Conv":  # weights: (out, in / groups, height, width)
            per_value = np.prod(shapes[node.input[1]][1:])
        elif node.op_type in ("MatMul", "Gemm"):
            per_value = shapes[node.input[1]][0]
        else:
            continue
        total += 2 * float(np.prod(shapes[node.output[0]])) * float(per_value)
    return total


def _write_chain(path: Path, length: int) -> None:
    """A network that multiplies by one matrix `length` times and returns the mean."""
    matrix = np.random.default_rng(1).standard_normal((_SIDE, _SIDE), dtype=np.float32)
    steps = [
        helper.make_node("MatMul", [f"x{step}", "matrix"], [f"x{step + 1}"])
        for step in range(length)
    ]
    steps.append(helper.make_node("ReduceMean", [f"x{length}"], ["mean"], keepdims=0))
    graph = helper.make_graph(
        steps,
        "chain",
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, [_SIDE, _SIDE])],
        [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [])],
        [numpy_helper.from_array(matrix / np.float32(np.sqrt(_SIDE)), "matrix")],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), str(path))
