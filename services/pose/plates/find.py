"""The plates of a chunk's frames: circles from the side, upright ellipses from an angle. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from services.pose.plates.follow import follow_plates
from services.pose.plates.rims import MAX_PLATES
from services.pose.plates.window import choose_window
from shared.data.messages import Person, Plate

#: Numbers of tracks per frame of the source: the tracks of a chunk are numbered from its first
#: frame's index times this. Derived: a detection begins at most `MAX_PLATES` tracks, and there are
#: fewer detections than frames.
TRACKS_PER_FRAME = MAX_PLATES

#: Frames through which plates are followed at a time, in longer chunks too. Measured on real clips:
#: tracks of 48 frames join a kettlebell's to a knee's often enough to be taken for the bar's plate,
#: and reps are lost.
_FOLLOWED_FRAMES = 16


def find_plates(
    images: Sequence[NDArray[np.uint8]],
    people_of_frames: Sequence[Sequence[Person]],
    step_s: float,
    first_track: int = 0,
) -> list[tuple[Plate, ...]]:
    """Find the plates around the people of a chunk, and follow them through parts of it.

    Args:
        images: the chunk's frames, BGR (height, width, 3); where their size changes, plates are not
            followed.
        people_of_frames: the people of each frame, in its pixels.
        step_s: usual time between two frames; 0 if there is one.
        first_track: number of the first track.

    Returns:
        The plates of each frame in pixels of the images, the tracks with most frames first. None in
        front views, where plates are seen edge-on.
    """
    found: list[tuple[Plate, ...]] = []
    number = first_track
    for _, group in groupby(
        range(len(images)), key=lambda row: (row // _FOLLOWED_FRAMES, images[row].shape)
    ):
        rows = list(group)
        plates = _plates(
            [images[row] for row in rows], [people_of_frames[row] for row in rows], step_s
        )
        found += [
            tuple(replace(plate, track=number + track) for track, plate in seen) for seen in plates
        ]
        number += 1 + max((track for seen in plates for track, _ in seen), default=-1)
    return found


def _plates(
    images: Sequence[NDArray[np.uint8]],
    people_of_frames: Sequence[Sequence[Person]],
    step_s: float,
) -> list[list[tuple[int, Plate]]]:
    """The plates of frames of one size, each with the number of its track from 0."""
    found: list[list[tuple[int, Plate]]] = [[] for _ in images]
    window = choose_window(images[0].shape, people_of_frames)
    if window is None:
        return found
    tracks = follow_plates([window.view(image) for image in images], step_s)
    for number, track in enumerate(sorted(tracks, key=lambda track: -len(track.ellipses))):
        rows = sorted(track.ellipses)
        ellipses = np.array([track.ellipses[row] for row in rows], np.float32)
        in_image = window.in_image(ellipses)
        for row, place, confidence in zip(rows, in_image, ellipses[:, 4], strict=True):
            plate = Plate.of(np.append(place, confidence))
            found[row].append((number, replace(plate, is_followed=row not in track.detected)))
    return found
