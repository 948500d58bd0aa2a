"""Small networks for the tests of the engines."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def write_network(path: Path, channels: int = 8, seed: int = 0) -> Path:
    """Write a network of two named outputs: `second` (n, 4, h / 2, w / 2), `first` (n, 2, h, w).

    It takes `image`, float32 (n, 3, h, w), of any even size.
    """
    rng = np.random.default_rng(seed)

    def conv(given, name, inputs, outputs):
        weights = rng.standard_normal((outputs, inputs, 3, 3)) / (3 * np.sqrt(inputs))
        parts = {f"{name}_w": weights, f"{name}_b": rng.standard_normal(outputs) / 10}
        kept.extend(numpy_helper.from_array(v.astype(np.float32), n) for n, v in parts.items())
        return helper.make_node("Conv", [given, *parts], [name], name, pads=[1, 1, 1, 1])

    kept: list[onnx.TensorProto] = []
    nodes = [
        conv("image", "body", 3, channels),
        helper.make_node("Relu", ["body"], ["rectified"]),
        helper.make_node("MaxPool", ["rectified"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        conv("p", "second", channels, 4),
        conv("rectified", "first", channels, 2),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "small",
        [value("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [
            value("second", TensorProto.FLOAT, ["n", 4, "h2", "w2"]),
            value("first", TensorProto.FLOAT, ["n", 2, "h", "w"]),
        ],
        kept,
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(network)
    onnx.save(network, path)
    return path
