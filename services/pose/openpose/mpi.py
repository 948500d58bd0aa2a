"""Backend `openpose-mpi`: OpenPose's own network, trained on the MPI data set.

Its weights are for non-commercial research only, so it is never the default.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from services.pose import engines, weights
from services.pose.backends import Backend, Plugin
from services.pose.engines import Engine, ImageInput
from services.pose.openpose.backend import Image, Network, OpenPose
from services.pose.openpose.early_exit import Maps
from services.pose.openpose.layouts import MPI, MPI_PEAK_6_STAGES, MPI_THRESHOLDS
from services.pose.openpose.network import MAX_STAGES, layout_of, network_file, part_files
from services.pose.openpose.original import OriginalOpenPose
from services.pose.openpose.region import FollowingOpenPose
from services.pose.openpose.stages import load_staged, refuse_int8
from services.pose.runtime import Runtime
from shared.data.pose_options import PoseOptions

_NAME = "openpose-mpi"

#: The network takes images scaled to 0..1, channels first, by definition of its training.
IMAGE_INPUT = ImageInput(scale=1 / 255)

#: Stages run by default, of six; the original used four, as OpenPose's own faster variant does.
_STAGES = 4

#: Stages of the first part with `--pose-stages auto`. Chosen: no image converges earlier.
_FIRST_STAGES = 2


class CaffeNetwork:
    """The whole network, converted from Caffe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.batch_size, self.engine = engine.batch_size, engine.description

    def stages(self, images: Image) -> Iterator[Maps]:
        """Yield the maps of the last stage; see `openpose.backend.Network.stages`."""
        maps = dict(zip(self._engine.output_names, self._engine.infer(images), strict=True))
        yield maps["heatmaps"], maps["fields"]


def load(runtime: Runtime, options: PoseOptions) -> Backend:
    """Make the backend, converting its weights on first use."""
    files = networks(runtime, options)
    network: Network
    if options.auto_stages:
        layout = layout_of("mpi")
        network = load_staged(files, runtime, IMAGE_INPUT, layout.fields, layout.heatmaps)
    else:
        network = CaffeNetwork(engines.load(files[0], runtime, IMAGE_INPUT))
    if options.original:
        return OriginalOpenPose(network)
    peak = MPI_PEAK_6_STAGES if options.stages == MAX_STAGES else MPI_THRESHOLDS.peak
    kind = FollowingOpenPose if options.region else OpenPose
    return kind(network, replace(MPI, thresholds=replace(MPI_THRESHOLDS, peak=peak)), options)


def networks(runtime: Runtime, options: PoseOptions) -> tuple[Path, ...]:
    """The network with the number of stages asked for, as ONNX; see `Plugin.networks`."""
    if options.auto_stages:
        refuse_int8(runtime)
    caffemodel = _caffemodel(runtime)
    if options.auto_stages:
        return part_files(caffemodel, "mpi", _FIRST_STAGES, _STAGES, runtime.models_dir)
    return (network_file(caffemodel, "mpi", options.stages or _STAGES, runtime.models_dir),)


def _caffemodel(runtime: Runtime) -> Path:
    """The registered weights, or the operator's own."""
    if runtime.openpose_weights is not None:
        return weights.use_unregistered(runtime.openpose_weights)
    [caffemodel] = weights.ensure(_NAME, runtime.models_dir).values()
    return caffemodel


PLUGIN = Plugin(
    load,
    options=frozenset({"height_px", "stages", "original", "region", "auto_stages"}),
    stages=range(2, MAX_STAGES + 1),
    networks=networks,
    weights=(_NAME,),
)
