"""OpenPose's networks in parts: the same maps, stage by stage."""

from itertools import islice

import caffe
import numpy as np
import pattern
import pytest

from coach.cli import quantize
from services.pose import engines, weights
from services.pose.backends import TimedImage, load_backend, networks_of
from services.pose.engines import ImageInput
from services.pose.openpose.backend import OpenPose
from services.pose.openpose.layouts import MPI
from services.pose.openpose.mobilenet import MobileNet
from services.pose.openpose.mobilenet_cut import (
    FIELDS,
    HEATMAPS,
    STAGES,
    part_files,
    shortened_file,
)
from services.pose.openpose.mpi import IMAGE_INPUT, CaffeNetwork
from services.pose.openpose.network import network_file
from services.pose.openpose.network import part_files as caffe_part_files
from services.pose.openpose.stages import StagedNetwork, load_staged
from services.pose.runtime import Runtime, runtime_from_environment
from shared.data.pose_options import PoseOptions
from shared.errors import UsageError
from synthetic import Lift, render

AUTO = PoseOptions(auto_stages=True)


class Counting(StagedNetwork):
    """Counts the stages that are run."""

    run = 0

    def stages(self, pictures):
        for maps in super().stages(pictures):
            self.run += 1
            yield maps


def of_each_stage(network, pictures):
    """A network's maps, kept as they are when they come."""
    return [tuple(kind.copy() for kind in maps) for maps in network.stages(pictures)]


def assert_equal_to_the_whole(staged, wholes, pictures):
    """Each stage's maps are those of the network that ends there; `wholes`: stage → network."""
    maps = of_each_stage(staged, pictures)
    for stage, whole in wholes.items():
        [expected] = of_each_stage(whole, pictures)
        for ours, theirs in zip(maps[stage - 1], expected, strict=True):
            assert theirs.std() > 0.01  # the comparison says something
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5 * np.abs(theirs).max())
    return maps


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_parts_of_the_caffe_network_equal_the_whole(tmp_path, engine):
    runtime = Runtime(tmp_path, engine=engine)
    file = caffe.write_openpose(tmp_path / "random.caffemodel", "mpi", 3)
    staged = load_staged(
        caffe_part_files(file, "mpi", 2, 3, tmp_path), runtime, IMAGE_INPUT, 28, 16
    )
    wholes = {
        stage: CaffeNetwork(
            engines.load(network_file(file, "mpi", stage, tmp_path), runtime, IMAGE_INPUT)
        )
        for stage in (1, 2, 3)
    }
    pictures = np.random.default_rng(0).integers(0, 256, (2, 64, 96, 3), np.uint8)
    maps = assert_equal_to_the_whole(staged, wholes, pictures)
    assert len(maps) == 3
    assert maps[0][0].shape == (2, 16, 8, 12)
    assert maps[0][1].shape == (2, 28, 8, 12)
    assert_equal_to_the_whole(staged, wholes, pictures[:1, :, :64])  # and after that another size


def test_parts_of_the_mobilenet_equal_the_whole():
    runtime = runtime_from_environment()
    graph = weights.ensure("openpose-mobilenet", runtime.models_dir)["graph_opt.pb"]
    image_input = ImageInput(scale=1.0, channels_first=False)
    staged = load_staged(
        part_files(graph, 3, runtime.models_dir), runtime, image_input, FIELDS, HEATMAPS
    )
    wholes = {
        stage - 1: MobileNet(engines.load(file, runtime, image_input))  # the first two have no maps
        for stage, file in (
            *((stage, shortened_file(graph, stage, runtime.models_dir)) for stage in (2, 3, 4)),
            (STAGES, graph),
        )
    }
    frame = next(iter(render(Lift(reps=1, fps=10, width_px=320, height_px=240))))
    assert len(assert_equal_to_the_whole(staged, wholes, frame.image[None])) == STAGES - 1


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """Parts of three stages that find painted figures; later stages repeat the first one's maps."""
    file = pattern.write(tmp_path_factory.mktemp("weights") / "painted.caffemodel", stages=3)
    runtime = Runtime(file.parent)
    first, *later = caffe_part_files(file, "mpi", 2, 3, file.parent)
    return [
        engines.load(first, runtime, IMAGE_INPUT),
        *(engines.load(part, runtime) for part in later),
    ]


def test_an_image_that_converged_skips_the_last_stage(painted):
    network = Counting(painted, 28, 16)
    image = pattern.paint([pattern.FIGURE + (4, 6)], (170, 256))
    [[person]] = OpenPose(network, MPI, PoseOptions(height_px=256)).people([TimedImage(image, 0.0)])
    assert np.abs(person.xy_px - (pattern.FIGURE + (4, 6))).max() < 4
    assert network.run == 2
    assert [network.engine.count(part.description.rpartition(" ")[2]) for part in painted] == [1, 1]


def test_batches_equal_single_images(painted):
    images = [
        pattern.paint([pattern.FIGURE + (4 + 9 * n, 6)] if n else [], (240, 256)) for n in range(5)
    ]
    found = []
    for batch in (1, 3, 5):
        network = StagedNetwork(painted, 28, 16)
        network.batch_size = batch
        backend = OpenPose(network, MPI, PoseOptions(height_px=256))
        found.append(list(backend.people(TimedImage(image, 0.0) for image in images)))
    assert [len(people) for people in found[0]] == [0, 1, 1, 1, 1]
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            assert len(one) == len(other)
            for person, same in zip(one, other, strict=True):
                np.testing.assert_allclose(person.xy_px, same.xy_px, atol=1e-3)


@pytest.mark.parametrize("region", [False, True])
def test_stages_of_the_real_network_give_the_same_lifter_in_any_worker(region):
    images = [
        TimedImage(frame.image, frame.index / 10)
        for frame in islice(render(Lift(reps=1, fps=10, width_px=480, height_px=360)), 4)
    ]
    asked = PoseOptions(auto_stages=True, region=region)
    first, second = (load_backend("openpose-mobilenet", options=asked) for _ in range(2))
    list(second.people(images[2:]))  # what it has seen before does not count
    whole = load_backend("openpose-mobilenet", options=PoseOptions(region=region))
    for [one], [same], [full] in zip(
        first.people(images), second.people(images), whole.people(images), strict=True
    ):
        np.testing.assert_array_equal(one.xy_px, same.xy_px)
        apart = np.linalg.norm(one.xy_px - full.xy_px, axis=-1)
        assert np.nanmedian(apart) < 0.02 * 360


@pytest.mark.parametrize("backend", ["openpose-mobilenet", "openpose-mpi"])
def test_int8_is_refused_with_the_remedy(backend, tmp_path):
    with pytest.raises(UsageError, match="--pose-stages N, or choose another --precision"):
        networks_of(backend, Runtime(tmp_path, precision="int8"), AUTO)
    with pytest.raises(UsageError, match="--pose-stages N"):
        quantize.run(backend, [], AUTO, runtime_from_environment())


def test_parts_are_made_once_beside_the_weights(tmp_path):
    file = caffe.write_openpose(tmp_path / "random.caffemodel", "mpi", 3)
    files = caffe_part_files(file, "mpi", 2, 3, tmp_path)
    assert [part.parent for part in files] == [tmp_path] * 2
    stamps = [part.stat().st_mtime_ns for part in files]
    assert caffe_part_files(file, "mpi", 2, 3, tmp_path) == files
    assert [part.stat().st_mtime_ns for part in files] == stamps
