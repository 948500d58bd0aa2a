"""Splits TensorFlow's fused convolutions, which OpenVINO does not read, into single steps.

`_FusedConv2D` and `FusedDepthwiseConv2dNative` are a convolution, then a bias for each channel, and
in most cases an activation.
"""

from services.pose.movenet.graph_def import Node
from shared.errors import ModelError

#: The fused operations and the convolution in each.
_CONVOLUTIONS = {
    "_FusedConv2D": "Conv2D",
    "FusedDepthwiseConv2dNative": "DepthwiseConv2dNative",
}

#: What a convolution may be fused with.
_BIAS, _ACTIVATIONS = "BiasAdd", ("Relu", "Relu6")

#: Attributes that belong to the convolution.
_CONVOLUTION_ATTRIBUTES = (
    *("T", "strides", "padding", "explicit_paddings"),
    *("data_format", "dilations"),
)


def split_fused(node: Node) -> tuple[Node, ...]:
    """The steps of a fused convolution, or the node itself if it is another operation.

    The last step has the node's name, so that what reads from the node reads from it.

    Raises:
        ModelError: the convolution is fused with something unknown, or has other inputs.
    """
    if node.op not in _CONVOLUTIONS:
        return (node,)
    steps = _fused_steps(node)
    if steps[:1] != (_BIAS,) or len(steps) > 2 or not set(steps[1:]) <= set(_ACTIVATIONS):
        raise ModelError(f"{node.name!r} is fused with {', '.join(steps) or 'nothing'}")
    if len(node.inputs) != 3:
        raise ModelError(f"{node.name!r} has {len(node.inputs)} inputs instead of 3")
    image, kernel, bias = node.inputs
    kinds = (_CONVOLUTIONS[node.op], *steps)
    names = [f"{node.name}/{kind}" for kind in kinds[:-1]] + [node.name]
    inputs = [(image, kernel), (names[0], bias), (names[1],)]
    known = [_CONVOLUTION_ATTRIBUTES, ("T", "data_format"), ("T",)]
    return tuple(
        Node(name, kind, sources, {a: node.attributes[a] for a in own if a in node.attributes})
        for name, kind, sources, own in zip(names, kinds, inputs, known, strict=False)
    )


def _fused_steps(node: Node) -> tuple[str, ...]:
    """Names of what a convolution is fused with, in their order."""
    steps = node.attributes.get("fused_ops")
    if steps is None or steps.list is None:
        return ()
    return tuple(step.decode(errors="replace") for step in steps.list.s)
