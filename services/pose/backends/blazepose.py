"""Pose with BlazePose: a detector finds each person, a landmark network follows them.

Bazarevsky et al. 2020, "BlazePose: On-device Real-time Body Pose tracking", arXiv 2006.10204.
The two networks are Google's, Apache-2.0; how their numbers are read (anchors, regions of
interest) follows MediaPipe's published graphs.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from services.pose import weights
from services.pose.backends import TimedImage
from services.pose.backends.blazepose_detector import Detector
from services.pose.backends.blazepose_landmarks import Landmarks, Sighting
from services.pose.backends.blazepose_region import Region
from services.pose.engine import Engine
from shared.messages import Person
from shared.skeleton import BLAZEPOSE_FEET, hide_unseen, mpi_from_blazepose

#: People followed at once; a busy gym has a few near the lifter, and each costs a landmark run.
MAX_PEOPLE = 5

#: Below this a landmark network's crop holds no person (MediaPipe's tracking threshold).
MIN_PRESENCE = 0.5

#: A detected person seen with less is looked for again in wider, upright regions.
SURE_PRESENCE = 0.9

#: How much wider. The detector takes a body's size from hips to head, which a lifter bent over the
#: bar makes short and crooked: the legs, and often the head, then lie outside its region.
WIDER = (2.0, 2.5)

#: After a longer gap a lifter may have left the old region: look for people anew.
MAX_TRACKING_GAP_S = 0.25

#: Two regions whose squares overlap by more than this (intersection over union) hold one person.
MAX_OVERLAP = 0.5

Image = NDArray[np.uint8]


class BlazePose:
    """Backend `blazepose-full`."""

    def __init__(self, detector: Detector, landmarks: Landmarks) -> None:
        self._detector = detector
        self._landmarks = landmarks

    def people(self, images: Iterable[TimedImage]) -> Iterator[tuple[Person, ...]]:
        """Yield each picture's people; see `Backend.people`."""
        followed: list[Sighting] = []
        last_s = -np.inf
        for image, time_s in images:
            stale = time_s - last_s > MAX_TRACKING_GAP_S
            followed = self._look(image, [] if stale else followed)
            last_s = time_s
            yield tuple(_person(sighting) for sighting in followed)

    def _look(self, image: Image, before: list[Sighting]) -> list[Sighting]:
        """People of one picture: those followed from the last, and new ones if any was lost."""
        looks = (self._landmarks.see(image, sighting.next_region) for sighting in before)
        sightings = [look for look in looks if look.presence >= MIN_PRESENCE]
        if not before or len(sightings) < len(before):
            found = self._detector.find(image)[:MAX_PEOPLE]
            new = [region for region in found if not _is_known(region, sightings)]
            looks = (self._first_look(image, region) for region in new)
            sightings += [look for look in looks if look.presence >= MIN_PRESENCE]
        sightings.sort(key=lambda sighting: -sighting.presence)
        return _distinct(sightings)[:MAX_PEOPLE]

    def _first_look(self, image: Image, region: Region) -> Sighting:
        """See a person whom the detector found; its region may be too small or turned wrongly.

        Each look is followed by another where the first says that the person is, as tracking would
        do in the next picture: a person found anew is then as well seen as one who was followed.
        """
        look = self._look_twice(image, region)
        for factor in WIDER:
            if look.presence >= SURE_PRESENCE:
                break
            wide = self._look_twice(image, region.upright(factor))
            look = max(look, wide, key=lambda seen: seen.presence)
        return look

    def _look_twice(self, image: Image, region: Region) -> Sighting:
        first = self._landmarks.see(image, region)
        second = self._landmarks.see(image, first.next_region)
        return second if second.presence >= min(first.presence, SURE_PRESENCE) else first


def load(threads: int) -> BlazePose:
    """Make the backend from the cached weights, fetching them if need be."""
    files = weights.ensure("blazepose-full")
    return BlazePose(
        Detector(Engine(files["pose_detection.tflite"], threads)),
        Landmarks(Engine(files["pose_landmark_full.tflite"], threads)),
    )


def _is_known(region: Region, sightings: list[Sighting]) -> bool:
    return any(region.overlap(sighting.next_region) > MAX_OVERLAP for sighting in sightings)


def _distinct(sightings: list[Sighting]) -> list[Sighting]:
    """Drop sightings that have run onto a person already seen with more presence."""
    kept: list[Sighting] = []
    for sighting in sightings:
        if not _is_known(sighting.next_region, kept):
            kept.append(sighting)
    return kept


def _person(sighting: Sighting) -> Person:
    feet_xy, feet_confidence = hide_unseen(
        sighting.xy_px[BLAZEPOSE_FEET], sighting.confidence[BLAZEPOSE_FEET]
    )
    xy, confidence = mpi_from_blazepose(sighting.xy_px, sighting.confidence)
    return Person(
        xy_px=xy,
        confidence=confidence,
        feet_px=feet_xy,
        feet_confidence=feet_confidence,
        trunk_px=sighting.trunk_px,
        turn_deg=sighting.turn_deg,
        box_px=sighting.box_px,
        presence=sighting.presence,
    )
