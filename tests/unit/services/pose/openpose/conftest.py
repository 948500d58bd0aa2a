"""A network that finds painted figures, for the tests of OpenPose's backends."""

import pattern
import pytest

from services.pose import engines
from services.pose.openpose.mpi import IMAGE_INPUT, CaffeNetwork
from services.pose.openpose.network import network_file
from services.pose.runtime import Runtime


class Counting(CaffeNetwork):
    """Records the sizes of its images and batches."""

    def __init__(self, engine):
        super().__init__(engine)
        self.shown, self.calls = [], []

    def stages(self, images):
        self.shown += [image.shape[:2] for image in images]
        self.calls.append(len(images))
        return super().stages(images)


@pytest.fixture(scope="module")
def painted_engine(tmp_path_factory):
    weights = pattern.write(tmp_path_factory.mktemp("weights") / "painted.caffemodel", stages=2)
    runtime = Runtime(weights.parent)
    file = network_file(weights, "mpi", 2, runtime.models_dir)
    return engines.load(file, runtime, IMAGE_INPUT)


@pytest.fixture
def network(painted_engine):
    """Finds painted figures; records what it was shown."""
    return Counting(painted_engine)
