"""Backend `openpose-mpi`: the original's network, OpenPose's of the MPI data set.

Its weights are for non-commercial research only, so it is chosen, never the default.
"""

from dataclasses import replace

import numpy as np

from services.pose import weights
from services.pose.backends import Backend, Plugin
from services.pose.backends.openpose import Image, OpenPose
from services.pose.backends.openpose_original import OriginalOpenPose
from services.pose.backends.openpose_region import FollowingOpenPose
from services.pose.engine import Engine
from services.pose.layouts import MPI, MPI_FULL_PEAK, MPI_THRESHOLDS
from services.pose.openpose_network import MAX_STAGES, network_file
from shared.pose_options import PoseOptions
from shared.skeleton import F32

_NAME = "openpose-mpi"

#: The original ran four of the six stages, as OpenPose's own faster variant does.
_STAGES = 4


class CaffeNetwork:
    """The network; it takes pictures in [0, 1], channels first."""

    #: On a processor a batch gains nothing, and a picture alone is done sooner.
    batch = 1

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def maps(self, pictures: Image) -> tuple[F32, F32]:
        """See `openpose.Network.maps`."""
        heatmaps, fields = self._engine.infer(
            np.multiply(pictures.transpose(0, 3, 1, 2), 1 / 255, dtype=np.float32)
        )
        return heatmaps, fields


def load(threads: int, options: PoseOptions) -> Backend:
    """Make the backend from the weights, converting them if that has not been done."""
    [caffemodel] = weights.ensure(_NAME).values()
    stages = options.stages or _STAGES
    network = CaffeNetwork(Engine(network_file(caffemodel, "mpi", stages), threads))
    if options.original:
        return OriginalOpenPose(network)
    peak = MPI_FULL_PEAK if stages == MAX_STAGES else MPI_THRESHOLDS.peak
    layout = replace(MPI, thresholds=replace(MPI_THRESHOLDS, peak=peak))
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, layout, options)


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "original", "region"}),
    stages=range(2, MAX_STAGES + 1),
)
