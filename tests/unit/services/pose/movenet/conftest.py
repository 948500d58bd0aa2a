"""MoveNet's real networks, loaded once, and rendered lifters for them to look at."""

from itertools import islice

import pytest

from services.pose import engines
from services.pose.backends import networks_of
from services.pose.blazepose.landmarks import Landmarks
from services.pose.engines import ImageInput
from services.pose.movenet.multipose import MultiPose
from services.pose.movenet.singlepose import SinglePose
from services.pose.runtime import runtime_from_environment
from synthetic import Lift, render

IMAGE_INPUT = ImageInput(scale=1.0, channels_first=False)


@pytest.fixture(scope="session")
def files(models):
    """Files of the networks that find, follow and give the second opinion."""
    return networks_of("movenet", runtime_from_environment())


@pytest.fixture(scope="session")
def multipose(files):
    return engines.load(files[0], runtime_from_environment(), IMAGE_INPUT)


@pytest.fixture(scope="session")
def thunder(files):
    return engines.load(files[1], runtime_from_environment(), IMAGE_INPUT)


@pytest.fixture(scope="session")
def finder(multipose):
    return MultiPose(multipose)


@pytest.fixture(scope="session")
def single(thunder):
    return SinglePose(thunder, 256)


@pytest.fixture(scope="session")
def landmarks(files):
    return Landmarks(engines.load(files[2], runtime_from_environment()))


def _rendered(count, **how):
    lift = Lift(reps=1, fps=10, width_px=640, height_px=480, **how)
    frames = list(islice(render(lift), count))
    for frame in frames:
        frame.image.flags.writeable = False
    return frames


@pytest.fixture(scope="session")
def side():
    """The pull of a set from the side, at 10 fps; lockout from frame 20 on."""
    return _rendered(32, view="side")


@pytest.fixture(scope="session")
def front():
    """The first frames of a set from the front."""
    return _rendered(2, view="front")


@pytest.fixture(scope="session")
def two():
    """The first two frames of a film that shows two lifters from the front."""
    return _rendered(2, view="front", second_lifter=True)


@pytest.fixture(scope="session")
def crowd():
    """The first frames of a lifter and two who stand by."""
    return _rendered(2, view="front", bystanders=2)
