"""Builds OpenPose's network in ONNX from its description and a caffemodel's blobs.

Input: `image`, float32 (images, 3, height, width), BGR from 0 to 1 (pixel values / 255, no mean
subtracted), height and width multiples of 8. Outputs, of the last stage: `heatmaps`, float32
(images, joints and background, height / 8, width / 8), and `fields`, float32 (images, 2 × limbs,
height / 8, width / 8). The number of images, height and width may change from run to run.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from services.pose.openpose.caffemodel import Blobs
from services.pose.openpose.network.layers import (
    FEATURES,
    VERSION,
    Conv,
    Stage,
    backbone,
    layout_of,
    stage_input,
    stages_of,
)
from shared.errors import ModelError

#: Versions of ONNX's format. Chosen: old ones, which every engine supports; nothing newer is
#: needed.
_OPSET, _IR_VERSION = 13, 8


def build(blobs: Mapping[str, Blobs], layout: str, stages: int) -> onnx.ModelProto:
    """Build the network.

    Args:
        blobs: kernels and biases of each layer, as `caffemodel.read` returns them.
        layout: `mpi` or `coco`, the data set of its training.
        stages: number of stages, 1 to 6.

    Raises:
        UsageError: there is no such layout or stage.
        ModelError: the weights are those of another network; the message names the layer.
    """
    steps = stages_of(layout_of(layout), stages)
    heatmaps, fields = steps[-1].heatmaps[-1], steps[-1].fields[-1]
    names = {heatmaps.name: "heatmaps", fields.name: "fields"}
    outputs = [value(names[maps.name], maps.outputs) for maps in (heatmaps, fields)]
    nodes, tensors = up_to(steps, blobs, names)
    return model(f"openpose-{layout}-{stages}", nodes, value("image", 3), outputs, tensors)


def up_to(
    steps: list[Stage], blobs: Mapping[str, Blobs], names: Mapping[str, str]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights of the backbone and these stages."""
    nodes = [*nodes_of(backbone(), names)]
    for before, step in zip([None, *steps], steps, strict=False):
        if before:
            nodes.append(joined(before, stage_input(step.number), FEATURES))
        nodes.extend(nodes_of(step.convolutions, names))
    layers = [*backbone(), *(layer for step in steps for layer in step.convolutions)]
    return nodes, [tensor for layer in layers for tensor in tensors_of(layer, blobs)]


def model(
    name: str,
    nodes: list[onnx.NodeProto],
    network_input: onnx.ValueInfoProto,
    outputs: list[onnx.ValueInfoProto],
    tensors: list[onnx.TensorProto],
) -> onnx.ModelProto:
    """A network of these nodes, with its input, outputs and weights."""
    return helper.make_model(
        helper.make_graph(nodes, name, [network_input], outputs, tensors),
        producer_name="weightlifting-coach",
        producer_version=str(VERSION),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )


def joined(step: Stage, name: str, *more: str) -> onnx.NodeProto:
    """Concatenate a stage's maps and `more` under a name."""
    inputs = [step.fields[-1].name, step.heatmaps[-1].name, *more]
    return helper.make_node("Concat", inputs, [name], axis=1)


def nodes_of(layers: Iterable[Conv], names: Mapping[str, str]) -> Iterator[onnx.NodeProto]:
    """The nodes of layers; `names`: layer → name of its output, where it differs."""
    for layer in layers:
        below, top = layer.bottom, names.get(layer.name, layer.name)
        if layer.pooled:
            pooled = f"{layer.bottom}_pooled"
            yield helper.make_node(
                "MaxPool", [below], [pooled], kernel_shape=[2, 2], strides=[2, 2]
            )
            below = pooled
        raw = f"{layer.name}_raw" if layer.relu else top
        yield helper.make_node(
            "Conv",
            [below, f"{layer.name}.kernels", f"{layer.name}.biases"],
            [raw],
            name=layer.name,
            kernel_shape=[layer.kernel] * 2,
            pads=[layer.kernel // 2] * 4,
        )
        if layer.relu:
            yield helper.make_node("Relu", [raw], [top])


def tensors_of(layer: Conv, blobs: Mapping[str, Blobs]) -> Iterator[onnx.TensorProto]:
    """A layer's kernels and biases; raises ModelError if they do not fit the network."""
    if layer.name not in blobs:
        raise ModelError(
            f"there is no layer {layer.name}: the weights are of another network, or have fewer "
            "stages; use those of the layout"
        )
    found = blobs[layer.name]
    shapes = tuple(_shape(blob) for blob in found)
    if shapes != layer.shapes:
        raise ModelError(
            f"layer {layer.name} has blobs of {_format(shapes)} numbers, not "
            f"{_format(layer.shapes)}; use the weights of the layout"
        )
    for name, numbers in zip(("kernels", "biases"), found, strict=True):
        if not np.isfinite(numbers).all():
            raise ModelError(
                f"layer {layer.name} has {name} that are not finite: "
                "the weights are damaged; fetch them again"
            )
        raw = numbers.astype("<f4", copy=False).tobytes()
        dims = shapes[0] if name == "kernels" else shapes[1]
        yield helper.make_tensor(f"{layer.name}.{name}", TensorProto.FLOAT, dims, raw, raw=True)


def _shape(blob: NDArray[np.float32]) -> tuple[int, ...]:
    """A blob's shape; old files store biases as (1, 1, 1, n)."""
    return (blob.size,) if blob.shape[:-1] == (1, 1, 1) else blob.shape


def _format(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " and ".join("×".join(map(str, shape)) for shape in shapes) or "no"


def value(name: str, channels: int) -> onnx.ValueInfoProto:
    """Input or output of this name: the image, or maps, with this number of channels."""
    scale = "" if name == "image" else " / 8"
    # The dimensions' names are part of every converted file: renaming one needs a new `VERSION`.
    dims: list[str | int | None] = ["pictures", channels, f"height{scale}", f"width{scale}"]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
