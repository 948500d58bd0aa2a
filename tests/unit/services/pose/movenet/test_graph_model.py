"""TensorFlow.js graph models, converted and computed; what must come out is computed by hand."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from graph_models import (
    constant,
    convolution,
    graph_model,
    placeholder,
    run,
    shape,
    text,
    two_channels,
    weight,
)

from services.pose.movenet.graph_model import MAX_JSON_BYTES, convert
from shared.errors import ModelError

#: One row of three pixels with one channel.
ROW = np.array([[[[1], [2], [3]]]])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("BiasAdd",), [[5, 3], [6, 1], [7, -1]]),
        (("BiasAdd", "Relu"), [[5, 3], [6, 1], [7, 0]]),
        (("BiasAdd", "Relu6"), [[5, 3], [6, 1], [6, 0]]),
    ],
)
def test_a_fused_convolution_adds_the_bias_then_activates(steps, expected, tmp_path):
    assert run(*two_channels(*steps), ROW, tmp_path).tolist() == [[expected]]


def test_a_fused_depthwise_convolution_keeps_channels_apart(tmp_path):
    kernel = np.array([[[[1], [10]], [[1], [0]], [[1], [0]]]], np.float32)  # (1, 3, 2, 1)
    model = graph_model(
        [
            placeholder(1, 1, 3, 2),
            constant("kernel", kernel.shape),
            constant("bias", (2,)),
            convolution("FusedDepthwiseConv2dNative", "BiasAdd", "Relu"),
        ],
        [weight("kernel", kernel), weight("bias", np.array([0, -15], np.float32))],
    )
    image = [[[[1, 1], [2, 2], [3, 3]]]]
    # Channel 1: the sum of three neighbours. Channel 2: ten times the left neighbour, minus 15.
    assert run(*model, image, tmp_path).tolist() == [[[[3, 0], [6, 0], [5, 5]]]]


def added(entry, kind="DT_FLOAT"):
    """A graph that adds a weight `w` to its input, converted from `kind`."""
    entry, data = entry
    total = {"name": "output", "op": "AddV2", "attr": {"T": {"type": "DT_FLOAT"}}}
    nodes = [placeholder(*entry["shape"]), constant("w", entry["shape"], kind)]
    if kind == "DT_FLOAT":
        total["input"] = ["input", "w"]
    else:
        kinds = {"SrcT": {"type": kind}, "DstT": {"type": "DT_FLOAT"}}
        nodes.append({"name": "cast", "op": "Cast", "input": ["w"], "attr": kinds})
        total["input"] = ["input", "cast"]
    return graph_model([*nodes, total], [(entry, data)])


@pytest.mark.parametrize(
    ("stored", "quantization", "expected"),
    [
        (np.array([0.1, -3], np.float32), None, [np.float32(0.1), -3]),
        (np.array([0.5, -3], np.float16), {"dtype": "float16"}, [0.5, -3]),
        (np.array([0, 255], np.uint8), {"dtype": "uint8", "scale": 0.5, "min": -8}, [-8, 119.5]),
        (np.array([1, 65535], np.uint16), {"dtype": "uint16", "scale": 2, "min": 1}, [3, 131071]),
    ],
)
def test_stored_weights_get_their_values_back(stored, quantization, expected, tmp_path):
    model, shards = added(weight("w", stored, quantization))
    assert run(model, shards, [0, 0], tmp_path).tolist() == expected


def test_quantised_integers_are_rounded(tmp_path):
    entry, data = weight("w", np.array([1, 2, 3], np.uint8), {"dtype": "uint8"})
    entry |= {"dtype": "int32", "quantization": {"dtype": "uint8", "scale": 0.5, "min": -2}}
    model, shards = added((entry, data), "DT_INT32")
    assert run(model, shards, [0, 0, 0], tmp_path).tolist() == [-1, -1, 0]  # -1.5, -1, -0.5


def test_weights_may_be_cut_anywhere_into_shards():
    nodes = [constant("a", (3,)), constant("b", (2,))]
    weights = [weight("a", np.float32([1, 2, 3])), weight("b", np.float32([4, 5]))]
    model, whole = graph_model(nodes, weights)
    expected = convert(json.dumps(model).encode(), whole)
    model, pieces = graph_model(nodes, weights, 5, 13)
    assert [len(piece) for piece in pieces.values()] == [5, 8, 7]
    assert convert(json.dumps(model).encode(), pieces) == expected


def test_an_unknown_size_of_the_input_stays_unknown(tmp_path):
    model, shards = two_channels("BiasAdd")
    model["modelTopology"]["node"][0]["attr"]["shape"]["shape"] = shape(1, -1, -1, 1)
    image = np.ones((1, 2, 5, 1))
    assert run(model, shards, image, tmp_path).shape == (1, 2, 5, 2)


def test_every_process_writes_the_same_bytes():
    program = (
        "import hashlib, json; from services.pose.movenet.graph_model import convert;"
        "from graph_models import two_channels;"
        "model, shards = two_channels('BiasAdd', 'Relu');"
        "print(hashlib.sha256(convert(json.dumps(model).encode(), shards)).hexdigest())"
    )
    model, shards = two_channels("BiasAdd", "Relu")
    here = hashlib.sha256(convert(json.dumps(model).encode(), shards)).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert there.stdout.strip() == here, there.stderr


def nodes(model):
    return model["modelTopology"]["node"]


def manifest(model):
    return model["weightsManifest"][0]["weights"]


DAMAGES = {
    "no weights for the constant 'bias'": lambda m, s: (
        manifest(m).pop(),
        s.update({"shard0.bin": s["shard0.bin"][:8]}),
    ),
    "have 16 bytes, and the graph model uses 8": lambda m, s: manifest(m).pop(),
    "end before those of 'bias'": lambda m, s: s.update({"shard0.bin": s["shard0.bin"][:-1]}),
    "'shard0.bin' are missing": lambda m, s: s.clear(),
    "two weights named 'bias'": lambda m, s: manifest(m)[0].update(name="bias"),
    r"is not float32 \(2,\)": lambda m, s: nodes(m).__setitem__(2, constant("bias", (1, 2))),
    "'bias' is not float32": lambda m, s: nodes(m).__setitem__(
        2, constant("bias", (2,), "DT_INT32")
    ),
    "should be 'float32', 'int32' or 'bool'": lambda m, s: manifest(m)[0].update(dtype="string"),
    "stored as uint8": lambda m, s: (
        manifest(m)[0].update(quantization={"dtype": "uint8"}),
        s.update({"shard0.bin": bytes(10)}),
    ),
    "values outside int32": lambda m, s: (
        manifest(m)[1].update(
            dtype="int32", quantization={"dtype": "uint16", "scale": 1e9, "min": 0}
        ),
        s.update({"shard0.bin": bytes([255] * 12)}),
    ),
    "shape of 'kernel'": lambda m, s: manifest(m)[0].update(shape=[0] + [2**31 - 1] * 5),
    r"quantization.dtype": lambda m, s: manifest(m)[0].update(quantization={"dtype": "uint4"}),
    "weights.0.shape.0": lambda m, s: manifest(m)[0].update(shape=[-1, 1, 1, 2]),
    "ends? before those of 'kernel'": lambda m, s: manifest(m)[0].update(shape=[2**31 - 1] * 6),
    "at most 6 items": lambda m, s: manifest(m)[0].update(shape=[1] * 7),
    "fused with BiasAdd, Elu": lambda m, s: nodes(m).__setitem__(
        3, convolution("_FusedConv2D", "BiasAdd", "Elu")
    ),
    "fused with nothing": lambda m, s: nodes(m)[3]["attr"].pop("fused_ops"),
    "fused with Relu": lambda m, s: nodes(m).__setitem__(3, convolution("_FusedConv2D", "Relu")),
    "2 inputs instead of 3": lambda m, s: nodes(m)[3]["input"].pop(),
    "'nobody' of 'output/BiasAdd' is no node": lambda m, s: nodes(m)[3].update(
        input=["input", "kernel", "nobody"]
    ),
    "two nodes .* the same name": lambda m, s: nodes(m)[0].update(name="output"),
    "unknown type, 'DT_BANANA'": lambda m, s: nodes(m)[3]["attr"].update(T={"type": "DT_BANANA"}),
    "exactly one value": lambda m, s: nodes(m)[3]["attr"].update(T={}),
    "only a constant can have a tensor": lambda m, s: nodes(m)[0]["attr"].update(
        value={"tensor": {"dtype": "DT_FLOAT"}}
    ),
    "attr.name.func": lambda m, s: nodes(m)[3]["attr"].update(name={"func": {}}),
    "attr.name.s": lambda m, s: nodes(m)[3]["attr"].update(name={"s": "a"}),
    "attr.name.i": lambda m, s: nodes(m)[3]["attr"].update(name={"i": str(2**63)}),
    "attr.name.f": lambda m, s: nodes(m)[3]["attr"].update(name={"f": 1e300}),
    "modelTopology.library": lambda m, s: m["modelTopology"].update(library={"function": []}),
    "modelTopology.node": lambda m, s: nodes(m).clear(),
    "'graph-model'": lambda m, s: m.update(format="layers-model"),
}


@pytest.mark.parametrize("reason", DAMAGES)
def test_a_damaged_model_is_refused_with_the_reason(reason):
    model, shards = two_channels("BiasAdd", "Relu")
    convert(json.dumps(model).encode(), shards)
    DAMAGES[reason](model, shards)
    with pytest.raises(ModelError, match=reason):
        convert(json.dumps(model).encode(), shards)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a supported graph model"),
        (b"\xff\xfe", "not a supported graph model"),
        (b"[" * 100_000, "not a supported graph model"),
        (b'{"format": "\\ud800"}', "not a supported graph model"),
        (b" " * (MAX_JSON_BYTES + 1), "larger than"),
    ],
)
def test_bytes_that_are_no_graph_model_are_refused(data, reason):
    with pytest.raises(ModelError, match=reason):
        convert(data, {})


def test_attributes_that_are_not_of_the_convolution_are_left_out():
    model, shards = two_channels("BiasAdd", "Relu")
    nodes(model)[3]["attr"]["padding"] = text("VALID")
    graph = convert(json.dumps(model).encode(), shards)
    assert b"VALID" in graph
    assert b"fused_ops" not in graph
