"""Pose with BlazePose: a detector finds each person, a landmark network follows them.

Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose tracking", arXiv 2006.10204.
The two networks are Google's, Apache-2.0; how their numbers are read (anchors, regions of
interest) follows MediaPipe's published graphs.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.pose import engines, weights
from services.pose.backends import Plugin, TimedImage
from services.pose.blazepose.detector import Detector
from services.pose.blazepose.landmarks import Landmarks, PoseLandmarks
from services.pose.blazepose.region import Region
from services.pose.runtime import Runtime
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import mpi_from_blazepose

#: Maximum people tracked at once; each costs a run of the landmark network per frame.
MAX_PEOPLE = 5

#: Minimum detection confidence of a tracked person (MediaPipe's tracking threshold).
MIN_DETECTION_CONFIDENCE = 0.5

#: Detection confidence below which a new person is searched for again in wider, upright regions.
RELIABLE_DETECTION_CONFIDENCE = 0.9

#: Factors by which those regions are wider. The detector estimates a body's size from the distance
#: of hips and head, which is too short for a lifter bent over the bar.
WIDENING_FACTORS = (2.0, 2.5)

#: Maximum gap between frames across which people are tracked, in s.
MAX_TRACKING_GAP_S = 0.25

#: Size of the largest known person, as a fraction of the image's longer side, below which the
#: detector searches enlarged parts of the image.
SMALL_PERSON_FRACTION = 0.5

#: Minimum mean distance between the ends of two people's trunks, in lengths of the longer trunk;
#: nearer ones are the same person.
MIN_TRUNK_DISTANCE = 0.4

#: Maximum runs of the detector per image. Beside standing people, a lifter bent over a bar gets
#: less than a tenth of the score that they get alone. The detector runs again with the known people
#: blacked out, until it finds nobody new.
MAX_SEARCHES = 4

#: Images between two searches for new people while several are tracked.
SEARCH_INTERVAL = 8

Image = NDArray[np.uint8]


class BlazePose:
    """Backend `blazepose-full`."""

    def __init__(self, detector: Detector, landmarks: Landmarks) -> None:
        self._detector = detector
        self._landmarks = landmarks
        self.engine = landmarks.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each image's people; see `Backend.people`."""
        followed: list[PoseLandmarks] = []
        last_s = -np.inf
        for number, (image, time_s) in enumerate(images):
            before = [] if time_s - last_s > MAX_TRACKING_GAP_S else followed
            followed = self._follow(image, before)
            again = number % SEARCH_INTERVAL == 0 and len(followed) > 1
            if len(followed) < len(before) or not before or again:
                followed = self._search(image, followed, number)
            last_s = time_s
            yield tuple(_person(sighting) for sighting in followed)

    def _follow(self, image: Image, before: list[PoseLandmarks]) -> list[PoseLandmarks]:
        """The people of the last image who are still visible."""
        looks = (self._landmarks.see(image, sighting.next_region) for sighting in before)
        return _distinct(
            [look for look in looks if look.upright_confidence >= MIN_DETECTION_CONFIDENCE]
        )

    def _search(self, image: Image, known: list[PoseLandmarks], number: int) -> list[PoseLandmarks]:
        """People of one image: the known ones, and new ones that the detector finds."""
        for _ in range(MAX_SEARCHES):
            regions: list[Region] = []
            for region in self._detected(image, known, number):
                if not _is_known(region, known) and all(map(region.is_apart, regions)):
                    regions.append(region)
            looks = [self._first_look(image, region) for region in regions[:MAX_PEOPLE]]
            new = [look for look in looks if look.upright_confidence >= MIN_DETECTION_CONFIDENCE]
            people = _distinct(known + [look for look in new if not _is_hidden(look, known)])
            if len(people) == len(known) or len(people) >= MAX_PEOPLE:
                return people[:MAX_PEOPLE]
            known = people
        return known

    def _detected(self, image: Image, known: list[PoseLandmarks], number: int) -> list[Region]:
        """Regions in which the detector finds people besides the known ones.

        It searches enlarged parts of the image if the known people are small; also if it finds
        nobody at all, but then only in every `SEARCH_INTERVAL`-th image.
        """
        hidden = [sighting.box_px for sighting in known]
        longer_px = max(image.shape[:2])
        tallest_px = max((sighting.next_region.side_px for sighting in known), default=0.0)
        if known and tallest_px < SMALL_PERSON_FRACTION * longer_px:
            return self._detector.find_closely(image, hidden, known[0].next_region.y_px)
        found = self._detector.find(image, hidden)
        if found or known or number % SEARCH_INTERVAL:
            return found
        return self._detector.find_closely(image, hidden, image.shape[0] / 2)

    def _first_look(self, image: Image, region: Region) -> PoseLandmarks:
        """Landmarks of a newly detected person, whose region may be too small or misaligned.

        The network runs a second time in the region that the first run suggests, as tracking would
        do in the next image.
        """
        look = self._look_twice(image, region)
        for factor in WIDENING_FACTORS:
            if look.upright_confidence >= RELIABLE_DETECTION_CONFIDENCE:
                break
            wide = self._look_twice(image, region.upright(factor))
            look = max(look, wide, key=lambda seen: seen.upright_confidence)
        return look

    def _look_twice(self, image: Image, region: Region) -> PoseLandmarks:
        first = self._landmarks.see(image, region)
        second = self._landmarks.see(image, first.next_region)
        return (
            second
            if second.upright_confidence
            >= min(first.upright_confidence, RELIABLE_DETECTION_CONFIDENCE)
            else first
        )


def load(runtime: Runtime, options: PoseOptions) -> BlazePose:
    """Make the backend from the cached weights, fetching them if necessary."""
    detector, landmarks = networks(runtime, options)
    return BlazePose(
        Detector(engines.load(detector, runtime)), Landmarks(engines.load(landmarks, runtime))
    )


def networks(runtime: Runtime, _options: PoseOptions) -> tuple[Path, ...]:
    """The detector and the landmark network; see `Plugin.networks`."""
    files = weights.ensure("blazepose-full", runtime.models_dir)
    return files["pose_detection.tflite"], files["pose_landmark_full.tflite"]


PLUGIN = Plugin(load, networks=networks, weights=("blazepose-full",))


def _is_known(region: Region, sightings: list[PoseLandmarks]) -> bool:
    return not all(region.is_apart(sighting.next_region) for sighting in sightings)


def _distinct(sightings: list[PoseLandmarks]) -> list[PoseLandmarks]:
    """Most confident first, without those that match a person of higher confidence."""
    kept: list[PoseLandmarks] = []
    for sighting in sorted(sightings, key=lambda sighting: -sighting.detection_confidence):
        if not _is_known(sighting.next_region, kept) and not _is_seen(sighting, kept):
            kept.append(sighting)
    return kept


def _is_hidden(sighting: PoseLandmarks, known: list[PoseLandmarks]) -> bool:
    """Whether a person was found within a blacked-out box, where nobody can be visible."""
    middle = sighting.trunk_line_px.mean(0)
    return any(
        bool((middle >= other.box_px[:2]).all() and (middle <= other.box_px[2:]).all())
        for other in known
    )


def _is_seen(sighting: PoseLandmarks, others: list[PoseLandmarks]) -> bool:
    trunk = sighting.trunk_line_px
    for other in others:
        longer = max(np.linalg.norm(np.diff(line, axis=0)) for line in (trunk, other.trunk_line_px))
        if (
            np.linalg.norm(trunk - other.trunk_line_px, axis=-1).mean()
            < MIN_TRUNK_DISTANCE * longer
        ):
            return True
    return False


def _person(sighting: PoseLandmarks) -> Person:
    joints = mpi_from_blazepose(sighting.xy_px, sighting.confidence)
    return sighting.details.of_person(joints, sighting.box_px, sighting.detection_confidence)
