"""Small TensorFlow.js graph models, built by hand."""

import base64
import json

import numpy as np
import openvino

from services.pose.movenet.graph_model import convert


def text(value):
    return {"s": base64.b64encode(value.encode()).decode()}


def texts(*values):
    return {"list": {"s": [text(value)["s"] for value in values]}}


def integers(*values):
    return {"list": {"i": [str(value) for value in values]}}


def shape(*sides):
    return {"dim": [{"size": str(side)} for side in sides]}


def placeholder(*sides):
    attributes = {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape(*sides)}}
    return {"name": "input", "op": "Placeholder", "attr": attributes}


def constant(name, sides, kind="DT_FLOAT"):
    tensor = {"dtype": kind, "tensorShape": shape(*sides)}
    return {
        "name": name,
        "op": "Const",
        "attr": {"value": {"tensor": tensor}, "dtype": {"type": kind}},
    }


def convolution(op, *steps, inputs=("input", "kernel", "bias")):
    """A fused convolution with stride 1 that keeps the image's size."""
    attributes = {
        "T": {"type": "DT_FLOAT"},
        "strides": integers(1, 1, 1, 1),
        "dilations": integers(1, 1, 1, 1),
        "padding": text("SAME"),
        "explicit_paddings": {"list": {}},
        "data_format": text("NHWC"),
        "fused_ops": texts(*steps),
        "num_args": {"i": "1"},
        "epsilon": {"f": 0},
    }
    return {"name": "output", "op": op, "input": list(inputs), "attr": attributes}


def weight(name, values, quantization=None):
    """An entry of the manifest, and the stored bytes."""
    dtype = "float32" if values.dtype.kind != "i" else "int32"
    entry = {"name": name, "shape": list(values.shape), "dtype": dtype}
    return entry | ({"quantization": quantization} if quantization else {}), values.tobytes()


def graph_model(nodes, weights, *shard_bytes):
    """The JSON and the shards, cut after the given numbers of bytes."""
    data = b"".join(stored for _, stored in weights)
    cuts = [0, *shard_bytes, len(data)]
    shards = {
        f"shard{number}.bin": data[begin:end]
        for number, (begin, end) in enumerate(zip(cuts, cuts[1:], strict=False))
    }
    manifest = [{"paths": list(shards), "weights": [entry for entry, _ in weights]}]
    model = {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "library": {}, "versions": {}},
        "weightsManifest": manifest,
    }
    return model, shards


def two_channels(*steps):
    """A fused convolution of an image (1, 1, 3, 1): ×1 + 4 and ×-2 + 5, then the activation."""
    kernel = np.array([[[[1, -2]]]], np.float32)  # rows, columns, inputs, outputs
    return graph_model(
        [
            placeholder(1, 1, 3, 1),
            constant("kernel", (1, 1, 1, 2)),
            constant("bias", (2,)),
            convolution("_FusedConv2D", *steps),
        ],
        [weight("kernel", kernel), weight("bias", np.array([4, 5], np.float32))],
    )


def run(model, shards, image, folder):
    """What OpenVINO computes from the converted model; `folder` is for its file."""
    file = folder / "graph.pb"
    file.write_bytes(convert(json.dumps(model).encode(), shards))
    network = openvino.Core().compile_model(file, "CPU")
    return network(np.asarray(image, np.float32))[0]
