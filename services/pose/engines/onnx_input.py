"""Changes an ONNX network before it is compiled: what it takes, and what it computes in."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from services.pose.engines.interface import ImageInput

#: Names of what is put in front of a network.
_PICTURES, _SCALED = "pictures", "pictures_scaled"


def changed(model: Path, precision: str, pictures: ImageInput | None) -> bytes:
    """The network of a file, computing in `f32` or `f16`, taking pictures if they are described."""
    network = onnx.load(model)
    if precision == "f16":
        network = _in_half(network)
    if pictures is not None:
        take_pictures(network, pictures)
    return bytes(network.SerializeToString())


def take_pictures(network: onnx.ModelProto, pictures: ImageInput) -> None:
    """Let a network take uint8 (n, height, width, 3) in place of its one float32 input."""
    graph = network.graph
    weights = {weight.name for weight in graph.initializer}
    image = next(value for value in graph.input if value.name not in weights)
    scale = numpy_helper.from_array(np.array(pictures.scale, np.float32), "pictures_scale")
    steps = [
        helper.make_node("Cast", [_PICTURES], ["pictures_f32"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pictures_f32", scale.name], [_SCALED]),
        helper.make_node("Transpose", [_SCALED], [image.name], perm=[0, 3, 1, 2])
        if pictures.channels_first
        else helper.make_node("Identity", [_SCALED], [image.name]),
    ]
    taken = helper.make_tensor_value_info(
        _PICTURES, TensorProto.UINT8, ["pictures_n", "pictures_h", "pictures_w", 3]
    )
    nodes = [*steps, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.append(scale)
    graph.input.remove(image)
    graph.input.append(taken)


def _in_half(network: onnx.ModelProto) -> onnx.ModelProto:
    """The network in float16, with float32 input and outputs."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    half: onnx.ModelProto = convert_float_to_float16(network, keep_io_types=True)
    return half
