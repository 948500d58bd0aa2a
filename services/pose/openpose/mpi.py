"""Backend `openpose-mpi`: the original's network, OpenPose's of the MPI data set.

Its weights are for non-commercial research only, so it is chosen, never the default.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from services.pose import engines, weights
from services.pose.backends import Backend, Plugin
from services.pose.engines import Engine, ImageInput
from services.pose.openpose.backend import Image, Network, OpenPose
from services.pose.openpose.early_exit import Maps
from services.pose.openpose.layouts import MPI, MPI_FULL_PEAK, MPI_THRESHOLDS
from services.pose.openpose.network import MAX_STAGES, layout_of, network_file, piece_files
from services.pose.openpose.original import OriginalOpenPose
from services.pose.openpose.region import FollowingOpenPose
from services.pose.openpose.stages import load_staged, refuse_int8
from shared.data.pose_options import PoseOptions

_NAME = "openpose-mpi"

#: The network takes pictures from 0 to 1, channels first.
PICTURES = ImageInput(scale=1 / 255)

#: The original ran four of the six stages, as OpenPose's own faster variant does.
_STAGES = 4

#: No picture is done with before so many.
_FIRST_STAGES = 2


class CaffeNetwork:
    """The network."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch, self.engine = engine.batch, engine.about

    def stages(self, pictures: Image) -> Iterator[Maps]:
        """Yield the maps of the last stage; see `openpose.Network.stages`."""
        maps = dict(zip(self._engine.output_names, self._engine.infer(pictures), strict=True))
        yield maps["heatmaps"], maps["fields"]


def load(threads: int, options: PoseOptions) -> Backend:
    """Make the backend from the weights, converting them if that has not been done."""
    files = networks(options)
    network: Network
    if options.auto_stages:
        shape = layout_of("mpi")
        network = load_staged(files, threads, PICTURES, shape.fields, shape.heatmaps)
    else:
        network = CaffeNetwork(engines.load(files[0], threads, PICTURES))
    if options.original:
        return OriginalOpenPose(network)
    peak = MPI_FULL_PEAK if options.stages == MAX_STAGES else MPI_THRESHOLDS.peak
    layout = replace(MPI, thresholds=replace(MPI_THRESHOLDS, peak=peak))
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, layout, options)


def networks(options: PoseOptions) -> tuple[Path, ...]:
    """The network with as many stages as are asked for, as ONNX; see `Plugin.networks`."""
    if options.auto_stages:
        refuse_int8()
    [caffemodel] = weights.ensure(_NAME).values()
    if options.auto_stages:
        return piece_files(caffemodel, "mpi", _FIRST_STAGES, _STAGES)
    return (network_file(caffemodel, "mpi", options.stages or _STAGES),)


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "original", "region", "auto_stages"}),
    stages=range(2, MAX_STAGES + 1),
    networks=networks,
)
