"""Converts Caffe weights once and keeps the ONNX network beside them."""

import logging
from functools import partial
from pathlib import Path
from typing import Literal

from services.pose.openpose import caffemodel
from services.pose.openpose.network.layers import VERSION, layout_of, stages_of
from services.pose.weights.derived import ensure_derived
from shared.errors import ModelError

#: The network up to a stage, the same as the first of its parts, or a single stage as a later part.
_Kind = Literal["whole", "first", "later"]

_log = logging.getLogger(__name__)


def network_file(weights: Path, layout: str, stages: int, models_dir: Path) -> Path:
    """The network as an ONNX file, converted on first use.

    Args:
        weights: a caffemodel.
        layout: `mpi` or `coco`.
        stages: number of stages, 1 to 6.
        models_dir: cache for files that cannot be written beside the weights.

    Raises:
        UsageError: there is no such layout or stage.
        ModelError: the weights cannot be read or are those of another network, or the file cannot
            be written.
    """
    stages_of(layout_of(layout), stages)
    return _ensure_converted(weights, layout, "whole", stages, models_dir)


def part_files(
    weights: Path, layout: str, first: int, stages: int, models_dir: Path
) -> tuple[Path, ...]:
    """The network in parts: one of `first` stages, then one per later stage.

    For their inputs and outputs see `split_network`; for other arguments and errors `network_file`.
    """
    stages_of(layout_of(layout), stages)
    return (
        _ensure_converted(weights, layout, "first", first, models_dir),
        *(
            _ensure_converted(weights, layout, "later", stage, models_dir)
            for stage in range(first + 1, stages + 1)
        ),
    )


def _ensure_converted(
    weights: Path, layout: str, kind: _Kind, stage: int, models_dir: Path
) -> Path:
    label = f"{layout}-{stage}" if kind == "whole" else f"{layout}-{kind}-{stage}"
    make = partial(_convert, weights, layout, kind, stage)
    return ensure_derived(weights, label, VERSION, (".onnx",), lambda: [make()], models_dir)


def _convert(weights: Path, layout: str, kind: _Kind, stage: int) -> bytes:
    from services.pose.openpose.network import building, split_network  # they import ONNX: slow

    builders = {
        "whole": building.build,
        "first": split_network.build_first,
        "later": split_network.build_later,
    }
    blobs = caffemodel.read(weights)
    _log.info("Converting %s to ONNX, once", weights)
    try:
        network = builders[kind](blobs, layout, stage)
    except ModelError as error:
        raise ModelError(f"{weights}: {error}") from error
    return bytes(network.SerializeToString())
