"""Caffe's files as Caffe writes them: weights with random values, and the network's description.

Written from OpenPose's published descriptions, not from the code under test, so that OpenCV's
importer and Coach's can be compared.
"""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Layers = dict[str, list[NDArray[np.float32]]]

#: Channels of branch L1 (part affinity fields) and of branch L2 (heat maps).
CHANNELS = {"mpi": (28, 16), "coco": (38, 19)}


class Conv(NamedTuple):
    """A convolution, and whether a ReLU follows."""

    name: str
    bottom: str
    inputs: int
    outputs: int
    kernel: int
    relu: bool = True


class Pool(NamedTuple):
    """A 2×2 maximum pooling."""

    name: str
    bottom: str


class Concat(NamedTuple):
    """A concatenation along the channels."""

    name: str
    bottoms: Sequence[str]


def openpose(layout: str = "mpi", stages: int = 4) -> list[Conv | Pool | Concat]:
    """The layers of an OpenPose network in order; the last one is the network's output."""
    layers: list[Conv | Pool | Concat] = []
    top, channels = "image", 3
    for block, widths in enumerate([(64, 64), (128, 128), (256,) * 4, (512, 512)], start=1):
        for number, width in enumerate(widths, start=1):
            layers.append(Conv(f"conv{block}_{number}", top, channels, width, 3))
            top, channels = layers[-1].name, width
        if block < 4:
            layers.append(Pool(f"pool{block}_stage1", top))
            top = layers[-1].name
    layers.append(Conv("conv4_3_CPM", top, 512, 256, 3))
    layers.append(Conv("conv4_4_CPM", "conv4_3_CPM", 256, 128, 3))
    ends = _branches(layers, layout, 1, "conv4_4_CPM")
    for stage in range(2, stages + 1):
        layers.append(Concat(f"concat_stage{stage}", [*ends, "conv4_4_CPM"]))
        ends = _branches(layers, layout, stage, layers[-1].name)
    layers.append(Concat("net_output", ends[::-1]))
    return layers


def _branches(
    layers: list[Conv | Pool | Concat], layout: str, stage: int, bottom: str
) -> list[str]:
    """Append both branches of a stage; returns the names of their last layers."""
    fields, heatmaps = CHANNELS[layout]
    ends = []
    for branch, maps in ((1, fields), (2, heatmaps)):
        if stage == 1:
            plan = [(3, 128)] * 3 + [(1, 512), (1, maps)]
            names = [f"conv5_{n}_CPM_L{branch}" for n in range(1, 6)]
            channels = 128
        else:
            plan = [(7, 128)] * 5 + [(1, 128), (1, maps)]
            names = [f"Mconv{n}_stage{stage}_L{branch}" for n in range(1, 8)]
            channels = fields + heatmaps + 128
        top = bottom
        for name, (kernel, width) in zip(names, plan, strict=True):
            layers.append(Conv(name, top, channels, width, kernel, name != names[-1]))
            top, channels = name, width
        ends.append(top)
    return ends


def random_weights(layout: str = "mpi", stages: int = 4, seed: int = 0) -> Layers:
    """Kernels and biases of every convolution, such that activations stay near one throughout."""
    rng = np.random.default_rng(seed)
    weights: Layers = {}
    for layer in openpose(layout, stages):
        if isinstance(layer, Conv):
            shape = (layer.outputs, layer.inputs, layer.kernel, layer.kernel)
            gain = 2 if layer.relu else 1  # a ReLU halves the power: He et al. 2015
            spread = np.float32(np.sqrt(gain / np.prod(shape[1:])))
            kernels = rng.standard_normal(shape, np.float32) * spread
            biases = rng.standard_normal(layer.outputs, np.float32) * np.float32(0.1)
            weights[layer.name] = [kernels, biases]
    return weights


def write_openpose(path: Path, layout: str = "mpi", stages: int = 4, seed: int = 0) -> Path:
    """Write random weights of an OpenPose network as a caffemodel."""
    return write_caffemodel(path, random_weights(layout, stages, seed))


def write_caffemodel(path: Path, layers: Mapping[str, Sequence[NDArray[np.float32]]]) -> Path:
    """Write layers as a caffemodel, in the form that Caffe writes today."""
    with path.open("wb") as file:
        file.write(text(1, "made by a test"))
        for name, blobs in layers.items():
            file.write(layer(name, *(blob(numbers) for numbers in blobs)))
    return path


def layer(name: str, *blobs: bytes, kind: str = "Convolution") -> bytes:
    """A layer of a network file: name, type, then the blobs."""
    return message(100, text(1, name) + text(2, kind) + b"".join(message(7, b) for b in blobs))


def blob(numbers: NDArray[np.float32]) -> bytes:
    """A blob with its shape and packed numbers."""
    return shape(numbers.shape) + message(5, numbers.astype("<f4").tobytes())


def old_blob(numbers: NDArray[np.float32]) -> bytes:
    """A blob as old Caffes wrote it: four dimensions, each a field; numbers one by one."""
    dimensions = (1,) * (4 - numbers.ndim) + numbers.shape
    head = b"".join(varint(n << 3) + varint(d) for n, d in enumerate(dimensions, start=1))
    return head + b"".join(b"\x2d" + struct.pack("<f", number) for number in numbers.ravel())


def shape(dimensions: Sequence[int]) -> bytes:
    """The shape field of a blob."""
    return message(7, message(1, b"".join(varint(d) for d in dimensions)))


def message(number: int, content: bytes) -> bytes:
    """A field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def text(number: int, content: str) -> bytes:
    """A field that holds text."""
    return message(number, content.encode())


def varint(value: int) -> bytes:
    """A number, seven bits a byte, the lowest first."""
    raw = bytearray()
    while value > 0x7F:
        raw.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*raw, value])


def prototxt(layout: str, stages: int, height: int, width: int) -> str:
    """The network's description for Caffe, for pictures of this size."""
    parts = [f'name: "openpose" input: "image" {_dims(1, 3, height, width)}']
    for step in openpose(layout, stages):
        if isinstance(step, Conv):
            pad = step.kernel // 2
            size = f"num_output: {step.outputs} pad: {pad} kernel_size: {step.kernel}"
            size = f"convolution_param {{ {size} }}"
            parts.append(_layer(step.name, "Convolution", [step.bottom], size))
            if step.relu:
                parts.append(_layer(f"relu_{step.name}", "ReLU", [step.name], "", step.name))
        elif isinstance(step, Pool):
            size = "pooling_param { pool: MAX kernel_size: 2 stride: 2 }"
            parts.append(_layer(step.name, "Pooling", [step.bottom], size))
        else:
            parts.append(_layer(step.name, "Concat", step.bottoms, "concat_param { axis: 1 }"))
    return "\n".join(parts)


def _dims(*dims: int) -> str:
    return " ".join(f"input_dim: {dim}" for dim in dims)


def _layer(name: str, kind: str, bottoms: Sequence[str], parameters: str, top: str = "") -> str:
    below = " ".join(f'bottom: "{bottom}"' for bottom in bottoms)
    return f'layer {{ name: "{name}" type: "{kind}" {below} top: "{top or name}" {parameters} }}'
