"""People, their clothes' colours and plates in a chunk of frames, in pixels of the source."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.backends import Backend, TimedImage
from services.pose.clothes import clothes_lab
from services.pose.looks import find_people, look_in_any_order
from services.pose.plates.find import TRACKS_PER_FRAME, find_plates
from shared.data.messages import THUMBNAIL_PX, EncodedFrame, FramePoses, Person, Plate
from shared.data.pictures import decode_images
from shared.data.skeleton import F32


def find_poses(
    backend: Backend,
    frames: Sequence[EncodedFrame],
    adaptive: bool = False,
    note_progress: Callable[[], None] = lambda: None,
    timings: bool = False,
    survey: bool = False,
) -> Iterator[FramePoses]:
    """Yield the people and plates of each frame of a chunk, and the time spent on finding them.

    People and plates may be tracked within a chunk, but not from one chunk to the next. Plates are
    followed backwards as well, so nothing is yielded before the chunk's last frame was looked at;
    their time is spread evenly over the frames.

    Args:
        backend: finds the people.
        frames: the chunk's frames.
        adaptive: look for people only where their motion asks for it (`looks`), if the backend
            takes images in any order; else in every frame.
        note_progress: called whenever people were looked for in a frame.
        timings: measure the time spent on each frame; it is NaN otherwise, so that the same frames
            give the same result.
        survey: look at the people roughly, if the backend can (`glance`), and at no plates.
    """
    pictures = decode_images([frame.image for frame in frames])
    images = [TimedImage(at, frame.time_s) for at, frame in zip(pictures, frames, strict=True)]
    times_s = [frame.time_s for frame in frames]
    people_ms = [0.0] * len(frames)
    is_adaptive = adaptive and getattr(backend, "takes_any_order", False)
    see = getattr(backend, "glance", backend.people) if survey else backend.people
    in_order = iter(() if is_adaptive else see(images))
    people_at = look_in_any_order(backend, images) if is_adaptive else lambda _: next(in_order)

    def look(row: int) -> tuple[Person, ...]:
        started_s = time.perf_counter()
        image = images[row].image
        people = tuple(
            replace(person, clothes_lab=clothes_lab(image, person.xy_px))
            for person in people_at(row)
        )
        people_ms[row] = (time.perf_counter() - started_s) * 1000
        note_progress()
        return people

    rows = range(len(frames))
    people = find_people(look, times_s) if is_adaptive else [look(row) for row in rows]
    started_s = time.perf_counter()
    first_track = frames[0].index * TRACKS_PER_FRAME if frames else 0
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    plates: Sequence[tuple[Plate, ...]] = [()] * len(images)
    if not survey:
        plates = find_plates([image for image, _ in images], people, step_s, first_track)
    plates_ms = (time.perf_counter() - started_s) * 1000 / max(len(images), 1)
    for row, frame in enumerate(frames):
        scale = np.array([frame.scale_x, frame.scale_y], np.float32)
        yield FramePoses(
            frame.index,
            frame.time_s,
            tuple(_scale_person(person, scale) for person in people[row]),
            tuple(plate.scaled(frame.scale_x, frame.scale_y) for plate in plates[row]),
            _thumbnail(images[row].image),
            people_ms[row] + plates_ms if timings else float("nan"),
        )


def _thumbnail(image: NDArray[np.uint8]) -> F32:
    """Grey levels of a frame's thumbnail, float32 (n,), 0..1."""
    small = cv2.resize(image, THUMBNAIL_PX, interpolation=cv2.INTER_AREA)
    return (cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).ravel() / 255).astype(np.float32)


def _scale_person(person: Person, scale: F32) -> Person:
    return replace(
        person,
        xy_px=person.xy_px * scale,
        feet_px=person.feet_px * scale,
        outline_px=person.outline_px * scale.mean(),
        sole_px=person.sole_px * scale,
        box_px=person.box_px * np.tile(scale, 2),
    )
