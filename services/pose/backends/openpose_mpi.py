"""Backend `openpose-mpi`: the original's network, OpenPose's of the MPI data set.

Its weights are for non-commercial research only, so it is chosen, never the default.
"""

from dataclasses import replace
from pathlib import Path

from services.pose import engines, weights
from services.pose.backends import Backend, Plugin
from services.pose.backends.openpose import Image, OpenPose
from services.pose.backends.openpose_original import OriginalOpenPose
from services.pose.backends.openpose_region import FollowingOpenPose
from services.pose.engines import Engine, Pictures
from services.pose.layouts import MPI, MPI_FULL_PEAK, MPI_THRESHOLDS
from services.pose.openpose_network import MAX_STAGES, network_file
from shared.pose_options import PoseOptions
from shared.skeleton import F32

_NAME = "openpose-mpi"

#: The network takes pictures from 0 to 1, channels first.
PICTURES = Pictures(scale=1 / 255)

#: The original ran four of the six stages, as OpenPose's own faster variant does.
_STAGES = 4


class CaffeNetwork:
    """The network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch, self.engine = engine.batch, engine.about

    def maps(self, pictures: Image) -> tuple[F32, F32]:
        """See `openpose.Network.maps`."""
        maps = dict(zip(self._engine.output_names, self._engine.infer(pictures), strict=True))
        return maps["heatmaps"], maps["fields"]


def load(threads: int, options: PoseOptions) -> Backend:
    """Make the backend from the weights, converting them if that has not been done."""
    [file] = networks(options)
    network = CaffeNetwork(engines.load(file, threads, PICTURES))
    if options.original:
        return OriginalOpenPose(network)
    peak = MPI_FULL_PEAK if options.stages == MAX_STAGES else MPI_THRESHOLDS.peak
    layout = replace(MPI, thresholds=replace(MPI_THRESHOLDS, peak=peak))
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, layout, options)


def networks(options: PoseOptions) -> tuple[Path, ...]:
    """The network with as many stages as are asked for, as ONNX; see `Plugin.networks`."""
    [caffemodel] = weights.ensure(_NAME).values()
    return (network_file(caffemodel, "mpi", options.stages or _STAGES),)


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "original", "region"}),
    stages=range(2, MAX_STAGES + 1),
    networks=networks,
)
