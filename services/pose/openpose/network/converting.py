"""Converts Caffe weights once: the ONNX network lies beside them from then on."""

import logging
from functools import partial
from pathlib import Path
from typing import Literal

from services.pose.openpose import caffemodel
from services.pose.openpose.network.layers import VERSION, layout_of, stages_of
from services.pose.weights.derived import derived
from shared.errors import ModelError

#: The network up to a stage; the same as the first of its pieces; a later piece, a stage alone.
_Kind = Literal["whole", "first", "later"]

_log = logging.getLogger(__name__)


def network_file(weights: Path, layout: str, stages: int) -> Path:
    """The network as an ONNX file, converted if that has not been done yet.

    For its place see `weights.derived`; for its inputs and outputs `building`; for the arguments,
    `building.build`.

    Raises:
        UsageError: there is no such layout or stage.
        ModelError: the weights cannot be read, are not those of this network, or nothing can be
            written.
    """
    stages_of(layout_of(layout), stages)
    return _kept(weights, layout, "whole", stages)


def piece_files(weights: Path, layout: str, first: int, stages: int) -> tuple[Path, ...]:
    """The network in pieces, of which the first one has `first` stages, and each other one.

    For their inputs and outputs see `pieces`; for all else `network_file`.
    """
    stages_of(layout_of(layout), stages)
    later = range(first + 1, stages + 1)
    return (
        _kept(weights, layout, "first", first),
        *(_kept(weights, layout, "later", stage) for stage in later),
    )


def _kept(weights: Path, layout: str, what: _Kind, stage: int) -> Path:
    name = f"{layout}-{stage}" if what == "whole" else f"{layout}-{what}-{stage}"
    make = partial(_converted, weights, layout, what, stage)
    return derived(weights, name, VERSION, (".onnx",), lambda: [make()])


def _converted(weights: Path, layout: str, what: _Kind, stage: int) -> bytes:
    from services.pose.openpose.network import building
    from services.pose.openpose.network import split_network as pieces

    ways = {"whole": building.build, "first": pieces.build_first, "later": pieces.build_later}
    blobs = caffemodel.read(weights)
    _log.info("Converting %s to ONNX, once", weights)
    try:
        network = ways[what](blobs, layout, stage)
    except ModelError as error:
        raise ModelError(f"{weights}: {error}") from error
    return bytes(network.SerializeToString())
