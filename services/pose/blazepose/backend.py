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
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import BLAZEPOSE_FEET, hide_unseen, mpi_from_blazepose

#: People followed at once; a busy gym has a few near the lifter, and each costs a landmark run.
MAX_PEOPLE = 5

#: Below this a landmark network's crop holds no person (MediaPipe's tracking threshold).
MIN_DETECTION_CONFIDENCE = 0.5

#: A detected person seen with less is looked for again in wider, upright regions.
SURE_DETECTION_CONFIDENCE = 0.9

#: How much wider. The detector takes a body's size from hips to head, which a lifter bent over the
#: bar makes short and crooked: the legs, and often the head, then lie outside its region.
WIDER = (2.0, 2.5)

#: After a longer gap a lifter may have left the old region: look for people anew.
MAX_TRACKING_GAP_S = 0.25

#: People whose regions are all smaller than this share of the picture are small to the detector.
SMALL = 0.5

#: Two sightings are of one person whose trunks' ends lie so near to each other, in lengths of the
#: longer trunk.
MIN_APART = 0.4

#: The detector was made for selfies: beside people who stand, one who is bent over a bar gets less
#: than a tenth of the score that the same person gets alone. So it looks again with those found
#: hidden, until it finds nobody new, or so many times.
MAX_SEARCHES = 4

#: A lifter who was not found at first may be in another pose: where several people are followed,
#: others are looked for in each picture whose number is a multiple of this.
SEARCH_EVERY = 8

Image = NDArray[np.uint8]


class BlazePose:
    """Backend `blazepose-full`."""

    def __init__(self, detector: Detector, landmarks: Landmarks) -> None:
        self._detector = detector
        self._landmarks = landmarks
        self.engine = landmarks.engine

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each picture's people; see `Backend.people`."""
        followed: list[PoseLandmarks] = []
        last_s = -np.inf
        for number, (image, time_s) in enumerate(images):
            before = [] if time_s - last_s > MAX_TRACKING_GAP_S else followed
            followed = self._follow(image, before)
            again = number % SEARCH_EVERY == 0 and len(followed) > 1
            if len(followed) < len(before) or not before or again:
                followed = self._search(image, followed, number)
            last_s = time_s
            yield tuple(_person(sighting) for sighting in followed)

    def _follow(self, image: Image, before: list[PoseLandmarks]) -> list[PoseLandmarks]:
        """Those of the last picture who are still there."""
        looks = (self._landmarks.see(image, sighting.next_region) for sighting in before)
        return _distinct(
            [look for look in looks if look.upright_confidence >= MIN_DETECTION_CONFIDENCE]
        )

    def _search(self, image: Image, known: list[PoseLandmarks], number: int) -> list[PoseLandmarks]:
        """People of one picture: those known, and those whom the detector finds beside them."""
        for _ in range(MAX_SEARCHES):
            regions: list[Region] = []
            for region in self._detected(image, known, number):
                if not _is_known(region, known) and all(map(region.is_apart, regions)):
                    regions.append(region)
            looks = [self._first_look(image, region) for region in regions[:MAX_PEOPLE]]
            sure = [look for look in looks if look.upright_confidence >= MIN_DETECTION_CONFIDENCE]
            people = _distinct(known + [look for look in sure if not _is_hidden(look, known)])
            if len(people) == len(known) or len(people) >= MAX_PEOPLE:
                return people[:MAX_PEOPLE]
            known = people
        return known

    def _detected(self, image: Image, known: list[PoseLandmarks], number: int) -> list[Region]:
        """Regions in which the detector finds people beside those known.

        Where those are small, others will be: the detector looks more closely. So it does where it
        found nobody at all, but not in every picture of an empty room.
        """
        hidden = [sighting.box_px for sighting in known]
        longer_px = max(image.shape[:2])
        tallest_px = max((sighting.next_region.side_px for sighting in known), default=0.0)
        if known and tallest_px < SMALL * longer_px:
            return self._detector.find_closely(image, hidden, known[0].next_region.y_px)
        found = self._detector.find(image, hidden)
        if found or known or number % SEARCH_EVERY:
            return found
        return self._detector.find_closely(image, hidden, image.shape[0] / 2)

    def _first_look(self, image: Image, region: Region) -> PoseLandmarks:
        """See a person whom the detector found; its region may be too small or turned wrongly.

        Each look is followed by another where the first says that the person is, as tracking would
        do in the next picture: a person found anew is then as well seen as one who was followed.
        """
        look = self._look_twice(image, region)
        for factor in WIDER:
            if look.upright_confidence >= SURE_DETECTION_CONFIDENCE:
                break
            wide = self._look_twice(image, region.upright(factor))
            look = max(look, wide, key=lambda seen: seen.upright_confidence)
        return look

    def _look_twice(self, image: Image, region: Region) -> PoseLandmarks:
        first = self._landmarks.see(image, region)
        second = self._landmarks.see(image, first.next_region)
        return (
            second
            if second.upright_confidence >= min(first.upright_confidence, SURE_DETECTION_CONFIDENCE)
            else first
        )


def load(threads: int, options: PoseOptions) -> BlazePose:
    """Make the backend from the cached weights, fetching them if need be."""
    detector, landmarks = networks(options)
    return BlazePose(
        Detector(engines.load(detector, threads)), Landmarks(engines.load(landmarks, threads))
    )


def networks(_options: PoseOptions) -> tuple[Path, ...]:
    """The detector and the landmark network; see `Plugin.networks`."""
    files = weights.ensure("blazepose-full")
    return files["pose_detection.tflite"], files["pose_landmark_full.tflite"]


PLUGIN = Plugin(load, networks=networks)


def _is_known(region: Region, sightings: list[PoseLandmarks]) -> bool:
    return not all(region.is_apart(sighting.next_region) for sighting in sightings)


def _distinct(sightings: list[PoseLandmarks]) -> list[PoseLandmarks]:
    """Surest first, without those that have run onto a person already seen more surely."""
    kept: list[PoseLandmarks] = []
    for sighting in sorted(sightings, key=lambda sighting: -sighting.detection_confidence):
        if not _is_known(sighting.next_region, kept) and not _is_seen(sighting, kept):
            kept.append(sighting)
    return kept


def _is_hidden(sighting: PoseLandmarks, known: list[PoseLandmarks]) -> bool:
    """Whether somebody found with the known hidden lies where nothing could be seen: a ghost."""
    middle = sighting.trunk_line_px.mean(0)
    return any(
        bool((middle >= other.box_px[:2]).all() and (middle <= other.box_px[2:]).all())
        for other in known
    )


def _is_seen(sighting: PoseLandmarks, others: list[PoseLandmarks]) -> bool:
    trunk = sighting.trunk_line_px
    for other in others:
        longer = max(np.linalg.norm(np.diff(line, axis=0)) for line in (trunk, other.trunk_line_px))
        if np.linalg.norm(trunk - other.trunk_line_px, axis=-1).mean() < MIN_APART * longer:
            return True
    return False


def _person(sighting: PoseLandmarks) -> Person:
    feet_xy, feet_confidence = hide_unseen(
        sighting.xy_px[BLAZEPOSE_FEET], sighting.confidence[BLAZEPOSE_FEET]
    )
    xy, confidence = mpi_from_blazepose(sighting.xy_px, sighting.confidence)
    return Person(
        xy_px=xy,
        confidence=confidence,
        feet_px=feet_xy,
        feet_confidence=feet_confidence,
        outline_px=sighting.outline_px,
        sole_px=sighting.sole_px,
        turn_deg=sighting.turn_deg,
        box_px=sighting.box_px,
        detection_confidence=sighting.detection_confidence,
    )
