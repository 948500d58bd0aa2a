"""Converts Caffe weights once: the ONNX network lies beside them from then on."""

import logging
from pathlib import Path

from services.pose import caffemodel
from services.pose.openpose_network.building import VERSION, build
from services.pose.openpose_network.layers import layout_of, stages_of
from services.pose.weights.derived import derived
from shared.errors import ModelError

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
    return derived(
        weights,
        f"{layout}-{stages}",
        VERSION,
        (".onnx",),
        lambda: [_converted(weights, layout, stages)],
    )


def _converted(weights: Path, layout: str, stages: int) -> bytes:
    blobs = caffemodel.read(weights)
    _log.info("Converting %s to ONNX, once", weights)
    try:
        network: bytes = build(blobs, layout, stages).SerializeToString()
    except ModelError as error:
        raise ModelError(f"{weights}: {error}") from error
    return network
