"""Builds OpenPose's network in parts that can be run one by one."""

from collections.abc import Mapping

import onnx

from services.pose.openpose.caffemodel import Blobs
from services.pose.openpose.network.building import (
    joined,
    model,
    nodes_of,
    tensors_of,
    up_to,
    value,
)
from services.pose.openpose.network.layers import (
    FEATURE_CHANNELS,
    FEATURES,
    layout_of,
    stage_input,
    stages_of,
)


def build_first(blobs: Mapping[str, Blobs], layout: str, stages: int) -> onnx.ModelProto:
    """Build the network up to a stage (2 to 6), in a form that later parts continue from.

    Its input is `image`, as for the whole network. Its outputs are `before`, fields and heat maps
    of the stage before, and `state`, those of this stage together with the features: float32
    (images, channels, height / 8, width / 8) each. For arguments and errors see `build`.
    """
    shape = layout_of(layout)
    steps = stages_of(shape, stages)
    maps = shape.fields + shape.heatmaps
    nodes, tensors = up_to(steps, blobs, {})
    nodes += [joined(steps[-2], "before"), joined(steps[-1], "state", FEATURES)]
    outputs = [value("before", maps), value("state", maps + FEATURE_CHANNELS)]
    return model(f"openpose-{layout}-first-{stages}", nodes, value("image", 3), outputs, tensors)


def build_later(blobs: Mapping[str, Blobs], layout: str, stage: int) -> onnx.ModelProto:
    """Build one stage (2 to 6): from a `state` to the stage's fields and heat maps.

    For arguments and errors see `build`.
    """
    shape = layout_of(layout)
    step = stages_of(shape, stage)[-1]
    maps = shape.fields + shape.heatmaps
    state = value(stage_input(stage), maps + FEATURE_CHANNELS)
    nodes = [*nodes_of(step.convolutions, {}), joined(step, "maps")]
    tensors = [tensor for layer in step.convolutions for tensor in tensors_of(layer, blobs)]
    return model(f"openpose-{layout}-stage-{stage}", nodes, state, [value("maps", maps)], tensors)
