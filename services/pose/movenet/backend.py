"""Pose with MoveNet: MultiPose finds everybody, Thunder follows, BlazePose adds the outline.

`movenet-fast` follows with Lightning, a smaller network, instead of Thunder. MoveNet is Google's,
Apache-2.0 (https://www.tensorflow.org/hub/tutorials/movenet); people are followed by its published
crop rule.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from services.pose import engines, weights
from services.pose.backends import Plugin, TimedImage
from services.pose.blazepose.landmarks import Landmarks
from services.pose.engines import ImageInput
from services.pose.movenet.following import Follower, is_due
from services.pose.movenet.multipose import MultiPose
from services.pose.movenet.networks import network_files
from services.pose.movenet.points import PersonPoints
from services.pose.movenet.second_opinion import NO_OPINION, SecondOpinion, ask
from services.pose.movenet.singlepose import SinglePose
from services.pose.runtime import Runtime
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions

#: The networks take RGB 0..255, channels last.
_IMAGE_INPUT = ImageInput(scale=1.0, channels_first=False)

#: Network that follows people → side of its input, in px.
_INPUT_PX = {"thunder": 256, "lightning": 192}

#: Time between two looks of the second network, in s. Derived: what it adds is interpolated over
#: gaps of up to 0.25 s, so that one look may fail.
_LOOK_INTERVAL_S = 0.1

#: Maximum people that the second network looks at, the largest first. Chosen: the lifters.
_MAX_LOOKED_AT = 2


class MoveNet:
    """Backends `movenet` and `movenet-fast`."""

    takes_any_order = True

    def __init__(self, finder: MultiPose, follower: SinglePose, landmarks: Landmarks) -> None:
        self._finder, self._follower, self._landmarks = finder, follower, landmarks
        self.engine = follower.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's people; see `Backend.people`."""
        follower = Follower(self._finder, self._follower)
        looked_s: list[float] = []
        for image, time_s in images:
            people = follower.next(image, time_s)
            opinions: dict[int, SecondOpinion] = {}
            if is_due(time_s, looked_s, _LOOK_INTERVAL_S):
                looked_s.append(time_s)
                largest = sorted(people, key=lambda person: -person.size_px)[:_MAX_LOOKED_AT]
                opinions = {id(person): ask(self._landmarks, image, person) for person in largest}
            yield tuple(_person(one, opinions.get(id(one), NO_OPINION)) for one in people)

    def glance(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's people as the finding network alone sees them; see `Backend`."""
        for image, _ in images:
            yield tuple(_person(one, NO_OPINION) for one in self._finder.find(image))


def load(follower: str, runtime: Runtime, options: PoseOptions) -> MoveNet:
    """Make the backend that follows people with this network, fetching weights if necessary."""
    finder, following, landmarks = networks(follower, runtime, options)
    return MoveNet(
        MultiPose(engines.load(finder, runtime, _IMAGE_INPUT)),
        SinglePose(engines.load(following, runtime, _IMAGE_INPUT), _INPUT_PX[follower]),
        Landmarks(engines.load(landmarks, runtime)),
    )


def networks(follower: str, runtime: Runtime, _options: PoseOptions) -> tuple[Path, ...]:
    """The networks that find, follow and give the second opinion; see `Plugin.networks`."""
    found = network_files(runtime, "multipose", follower)
    return *found, weights.ensure("blazepose-full", runtime.models_dir)["pose_landmark_full.tflite"]


_WEIGHTS = ("movenet", "blazepose-full")
PLUGIN, FAST_PLUGIN = (
    Plugin(partial(load, follower), networks=partial(networks, follower), weights=_WEIGHTS)
    for follower in ("thunder", "lightning")
)


def _person(points: PersonPoints, opinion: SecondOpinion) -> Person:
    box_px = np.concatenate([points.xy_px.min(0), points.xy_px.max(0)]).astype(np.float32)
    return opinion.details.of_person(
        points.joints(), box_px, points.body_score, opinion.disagreement
    )
