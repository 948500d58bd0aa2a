"""TensorFlow.js graph models: read, checked, and converted to a frozen TensorFlow graph.

Such a model is a JSON file with the graph's nodes and a list of its weights, and files (shards)
with the weights' values in a row. The result is a `GraphDef` with float32 and integer constants,
which OpenVINO and TensorFlow read. A file may be damaged or hostile: every number in it is checked
before it is used, and sizes are bounded.
Format: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
"""

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.pose.movenet.fused import split_fused
from services.pose.movenet.graph_def import DATA_TYPES, Attribute, Node, Shape, graph_def
from services.pose.movenet.shards import Weight, read_weights
from shared.errors import ModelError

#: Maximum size of the JSON file, in bytes. Chosen: MoveNet's largest has 240 kB.
MAX_JSON_BYTES = 4 * 1024**2

#: Maximum number of nodes, and of inputs and attributes of one. Chosen: MoveNet's largest has 634
#: nodes, each with at most 10 inputs and 10 attributes.
_MAX_NODES, _MAX_PARTS = 10_000, 100


class _Topology(BaseModel):
    """`library` is empty: a graph that calls functions is not supported."""

    model_config = ConfigDict(extra="forbid")

    node: Annotated[list["_Node"], Field(min_length=1, max_length=_MAX_NODES)]
    library: Annotated[dict[str, object], Field(max_length=0)] = {}
    versions: dict[str, object] = {}


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    op: Annotated[str, Field(min_length=1)]
    input: Annotated[list[str], Field(max_length=_MAX_PARTS)] = []
    device: str = ""
    attr: Annotated[dict[str, Attribute], Field(max_length=_MAX_PARTS)] = {}


class _Group(BaseModel):
    paths: list[str]
    weights: Annotated[list[Weight], Field(max_length=_MAX_NODES)]


class _GraphModel(BaseModel):
    format: Literal["graph-model"]
    modelTopology: _Topology
    weightsManifest: Annotated[list[_Group], Field(max_length=_MAX_NODES)]


def convert(model_json: bytes, shards: Mapping[str, bytes]) -> bytes:
    """Convert a graph model to a frozen `GraphDef`; the same model gives the same bytes.

    Convolutions that are fused with a bias and an activation are split into these steps.

    Args:
        model_json: the JSON file.
        shards: contents of the files with the weights, by the paths that the JSON names.

    Returns:
        The `GraphDef`, as protobuf.

    Raises:
        ModelError: the files are not a graph model, do not belong together, or contain something
            that is not supported.
    """
    model = _parse(model_json)
    weights: dict[str, NDArray[np.generic]] = {}
    for group in model.weightsManifest:
        for name, values in read_weights(group.weights, _joined(group.paths, shards)).items():
            if name in weights:
                raise ModelError(f"the graph model has two weights named {name!r}")
            weights[name] = values
    nodes: list[Node] = []
    for raw in model.modelTopology.node:
        node = Node(raw.name, raw.op, tuple(raw.input), raw.attr)
        nodes.extend([_filled(node, weights)] if node.op == "Const" else split_fused(node))
    _check_links(nodes)
    return graph_def(nodes, weights)


def _parse(model_json: bytes) -> _GraphModel:
    if len(model_json) > MAX_JSON_BYTES:
        raise ModelError(f"the graph model's JSON is larger than {MAX_JSON_BYTES} bytes")
    try:
        return _GraphModel.model_validate_json(model_json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"not a supported graph model: {first['msg']} ({place})") from error


def _joined(paths: list[str], shards: Mapping[str, bytes]) -> bytes:
    missing = [path for path in paths if path not in shards]
    if missing:
        raise ModelError(f"the graph model's weights {missing[0]!r} are missing")
    return b"".join(shards[path] for path in paths)


def _filled(node: Node, weights: Mapping[str, NDArray[np.generic]]) -> Node:
    """A constant, after a check that it has weights of its type and shape."""
    values = weights.get(node.name)
    if values is None:
        raise ModelError(f"the graph model has no weights for the constant {node.name!r}")
    kind, value = node.attributes.get("dtype"), node.attributes.get("value")
    expected = DATA_TYPES.get(values.dtype)
    if kind is None or value is None or value.tensor is None or kind.type != expected:
        raise ModelError(f"the constant {node.name!r} is not {values.dtype} as its weights are")
    if _sides(value.tensor.tensorShape) != values.shape or value.tensor.dtype != expected:
        raise ModelError(
            f"the constant {node.name!r} is not {values.dtype} {values.shape} as its weights are"
        )
    return node


def _sides(shape: Shape) -> tuple[int, ...] | None:
    return None if shape.unknownRank else tuple(side.size for side in shape.dim)


def _check_links(nodes: list[Node]) -> None:
    """Every node has a name of its own, and every input is a node."""
    names = {node.name for node in nodes}
    if len(names) != len(nodes):
        raise ModelError("two nodes of the graph model have the same name")
    for node in nodes:
        for source in node.inputs:
            if source.removeprefix("^").partition(":")[0] not in names:
                raise ModelError(f"the input {source!r} of {node.name!r} is no node of the graph")
