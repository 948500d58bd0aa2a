"""Rewrites an ONNX network before it is compiled: its input and its precision."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from services.pose.engines.interface import ImageInput

#: Names of the values that are put in front of a network.
_IMAGES, _IMAGES_F32, _SCALED, _SCALE = "images", "images_f32", "images_scaled", "images_scale"


def rewrite_network(model: Path, precision: str, image_input: ImageInput | None) -> bytes:
    """The network of a file, computing in `f32` or `f16`, with uint8 images as input if given."""
    network = onnx.load(model)
    if precision == "f16":
        network = _to_float16(network)
    if image_input is not None:
        add_image_input(network, image_input)
    return bytes(network.SerializeToString())


def add_image_input(network: onnx.ModelProto, image_input: ImageInput) -> None:
    """Replace a network's one float32 input by uint8 (n, height, width, 3)."""
    graph = network.graph
    weights = {weight.name for weight in graph.initializer}
    replaced = next(value for value in graph.input if value.name not in weights)
    scale = numpy_helper.from_array(np.array(image_input.scale, np.float32), _SCALE)
    steps = [
        helper.make_node("Cast", [_IMAGES], [_IMAGES_F32], to=TensorProto.FLOAT),
        helper.make_node("Mul", [_IMAGES_F32, scale.name], [_SCALED]),
        helper.make_node("Transpose", [_SCALED], [replaced.name], perm=[0, 3, 1, 2])
        if image_input.channels_first
        else helper.make_node("Identity", [_SCALED], [replaced.name]),
    ]
    images = helper.make_tensor_value_info(
        _IMAGES, TensorProto.UINT8, ["images_n", "images_h", "images_w", 3]
    )
    nodes = [*steps, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.append(scale)
    graph.input.remove(replaced)
    graph.input.append(images)


def _to_float16(network: onnx.ModelProto) -> onnx.ModelProto:
    """The network in float16, with float32 input and outputs."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    half: onnx.ModelProto = convert_float_to_float16(network, keep_io_types=True)
    return half
