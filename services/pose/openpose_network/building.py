"""Builds OpenPose's network in ONNX from the description and a caffemodel's numbers.

The network takes `image`: float32 (pictures, 3, height, width), BGR from 0 to 1 (that is a picture
/ 255; no mean is taken off), height and width multiples of 8. It gives `heatmaps`: float32
(pictures, parts and background, height / 8, width / 8), and `fields`: (pictures, 2 × limbs,
height / 8, width / 8), of the last stage; of an earlier stage that is asked for as well they are
`heatmaps_<stage>` and `fields_<stage>`. Numbers of pictures, height and width may change from run
to run.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from services.pose.caffemodel import Blobs
from services.pose.openpose_network.layers import (
    FEATURES,
    Conv,
    Stage,
    layout_of,
    stage_input,
    stages_of,
    trunk,
)
from shared.errors import ModelError, UsageError

#: To be raised when the same weights give another file.
VERSION = 1

#: Old enough for every engine in use; nothing newer is needed.
_OPSET, _IR_VERSION = 13, 8


def build(
    blobs: Mapping[str, Blobs], layout: str, stages: int, also: Collection[int] = ()
) -> onnx.ModelProto:
    """Make the network.

    Args:
        blobs: kernels and biases of each layer, as `caffemodel.read` gives them.
        layout: `mpi` or `coco`: what it was trained to find.
        stages: how many to run, 1 to 6.
        also: earlier stages whose maps are wanted as well.

    Raises:
        UsageError: there is no such layout or stage.
        ModelError: the weights are not those of this network; the message names the layer.
    """
    shape = layout_of(layout)
    steps = stages_of(shape, stages)
    shown = outputs_of(stages, also)
    layers = [*trunk(), *(layer for step in steps for layer in step.convolutions)]
    names = _names(steps, shown)
    nodes = [*_nodes(trunk(), names)]
    for step in steps:
        if step.number > 1:
            before = steps[step.number - 2]
            maps = [names[before.fields[-1].name], names[before.heatmaps[-1].name], FEATURES]
            nodes.append(helper.make_node("Concat", maps, [stage_input(step.number)], axis=1))
        nodes.extend(_nodes(step.convolutions, names))
    graph = helper.make_graph(
        nodes,
        f"openpose-{layout}-{stages}",
        [_value("image", 3)],
        [
            _value(names[branch[-1].name], branch[-1].outputs)
            for step in steps
            if step.number in shown
            for branch in (step.heatmaps, step.fields)
        ],
        [tensor for layer in layers for tensor in _tensors(layer, blobs)],
    )
    return helper.make_model(
        graph,
        producer_name="weightlifting-coach",
        producer_version=str(VERSION),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
    )


def outputs_of(stages: int, also: Collection[int]) -> tuple[int, ...]:
    """The stages whose maps are given, in order; the last one always.

    Raises:
        UsageError: one that is asked for is not run.
    """
    if strangers := [stage for stage in also if not 1 <= stage <= stages]:
        raise UsageError(f"no stage {strangers[0]} among the {stages} that are run")
    return tuple(sorted({*also, stages}))


def _names(steps: list[Stage], shown: tuple[int, ...]) -> dict[str, str]:
    """Layer → name of the tensor that it gives, of the layers that give maps."""
    names: dict[str, str] = {}
    for step in steps:
        suffix = "" if step.number == len(steps) else f"_{step.number}"
        for branch, maps in ((step.heatmaps, "heatmaps"), (step.fields, "fields")):
            last = branch[-1].name
            names[last] = maps + suffix if step.number in shown else last
    return names


def _nodes(layers: Iterable[Conv], names: Mapping[str, str]) -> Iterator[onnx.NodeProto]:
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


def _tensors(layer: Conv, blobs: Mapping[str, Blobs]) -> Iterator[onnx.TensorProto]:
    """A layer's kernels and biases, checked."""
    if layer.name not in blobs:
        raise ModelError(
            f"there is no layer {layer.name}: the weights are another network's, or have fewer "
            "stages; give those that go with the layout"
        )
    found = blobs[layer.name]
    shapes = tuple(_shape(blob) for blob in found)
    if shapes != layer.shapes:
        raise ModelError(
            f"layer {layer.name} has blobs of {_told(shapes)} numbers, not "
            f"{_told(layer.shapes)}; give the weights that go with the layout"
        )
    for name, numbers in zip(("kernels", "biases"), found, strict=True):
        if not np.isfinite(numbers).all():
            raise ModelError(
                f"layer {layer.name} has {name} that are no numbers: "
                "the weights are damaged; get them again"
            )
        raw = numbers.astype("<f4", copy=False).tobytes()
        dims = shapes[0] if name == "kernels" else shapes[1]
        yield helper.make_tensor(f"{layer.name}.{name}", TensorProto.FLOAT, dims, raw, raw=True)


def _shape(blob: NDArray[np.float32]) -> tuple[int, ...]:
    """A blob's shape; old files give biases as (1, 1, 1, n)."""
    return (blob.size,) if blob.shape[:-1] == (1, 1, 1) else blob.shape


def _told(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " and ".join("×".join(map(str, shape)) for shape in shapes) or "no"


def _value(name: str, channels: int) -> onnx.ValueInfoProto:
    scale = "" if name == "image" else " / 8"
    dims: list[str | int | None] = ["pictures", channels, f"height{scale}", f"width{scale}"]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)
