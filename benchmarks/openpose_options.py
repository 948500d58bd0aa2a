"""Time saved by OpenPose's options, and the error of joints compared with the full network.

`python benchmarks/openpose_options.py [BACKEND] [CLIP…]`: by default `openpose-mobilenet` on a
rendered set. Each option processes the same chunk of 16 frames of each clip, in turn with the full
network, so that other work on the machine slows both equally. Errors are in trunk lengths of the
person found by the full network. Times are of one core.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from services.pose.backends import Backend, TimedImage, load_backend
from services.pose.runtime import runtime_from_environment
from shared.data.job_options import ANALYSIS_SIDE_PX, CHUNK_FRAMES
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import trunk_length_px
from shared.errors import CoachError
from shared.media.source import open_source
from synthetic import Lift, render

#: Frames of each clip: one chunk, from its start.
_FRAMES = CHUNK_FRAMES

#: Least detection confidence of a person of the full network that counts as lost if not found.
_MIN_CONFIDENCE = 0.35

OPTIONS = (
    PoseOptions(),
    PoseOptions(region=True),
    *(PoseOptions(stages=stages) for stages in (5, 4, 3, 2, 1)),
    PoseOptions(auto_stages=True),
    *(PoseOptions(height_px=height_px) for height_px in (312, 256, 192)),
    PoseOptions(region=True, stages=4),
    PoseOptions(region=True, stages=3),
    PoseOptions(region=True, auto_stages=True),
    PoseOptions(region=True, stages=3, height_px=312),
)

#: Precisions besides float32, and their options; unavailable ones are skipped.
PRECISIONS = tuple(
    (precision, options)
    for precision in ("bf16", "int8")
    for options in (PoseOptions(), PoseOptions(region=True), PoseOptions(region=True, stages=3))
)


def main(backend_name: str, clips: list[Path]) -> None:
    """Measure and print a table."""
    sets = [list(islice(_frames(clip), _FRAMES)) for clip in clips] or [_rendered()]
    table = Table("options", "ms per frame", "speed-up", "error, median", "error, 90th percentile",
                  "joints lost", "people lost", "people added")  # fmt: skip
    runtime = replace(runtime_from_environment(), engine="openvino", threads=1)
    full: Backend | None = None
    for precision, options in (*(("f32", options) for options in OPTIONS), *PRECISIONS):
        try:
            backend = load_backend(backend_name, replace(runtime, precision=precision), options)
        except CoachError as error:
            print(f"skipped: {precision}, {_named(options)}: {error}", file=sys.stderr)
            continue
        full = full or backend
        looks = [(_look(full, images), _look(backend, images)) for images in sets]
        usual, now = (list(chain(*(look[way].people for look in looks))) for way in (0, 1))
        usual_s, took_s = (sum(look[way].took_s for look in looks) for way in (0, 1))
        name = _named(options) + (f", {precision}" if precision != "f32" else "")
        times = f"{1000 * took_s / len(now):.0f}", f"{usual_s / took_s:.2f}"
        row = (name, *times, *_errors(usual, now))
        table.add_row(*row)
        print(*row, sep="  ", file=sys.stderr, flush=True)
    Console(width=120).print(table)


class Look(NamedTuple):
    """People of each image, and processor time in s."""

    people: list[tuple[Person, ...]]
    took_s: float


def _look(backend: Backend, images: list[TimedImage]) -> Look:
    list(backend.people(images[:2]))  # the first image of each size is slower
    started_s = time.process_time()
    people = [
        found
        for at in range(0, len(images), CHUNK_FRAMES)
        for found in backend.people(images[at : at + CHUNK_FRAMES])
    ]
    return Look(people, time.process_time() - started_s)


def _errors(full: list[tuple[Person, ...]], seen: list[tuple[Person, ...]]) -> list[str]:
    """Differences from the people found by the full network."""
    errors: list[np.ndarray] = []
    joints = lost = people = gone = more = 0
    for reference, now in zip(full, seen, strict=True):
        rest = list(now)
        for person in (
            person for person in reference if person.detection_confidence >= _MIN_CONFIDENCE
        ):
            off = [np.linalg.norm(other.xy_px - person.xy_px, axis=-1) for other in rest]
            size = _size_px(person)
            people += 1
            near = [np.nanmedian(one) if np.isfinite(one).any() else np.inf for one in off]
            if not near or min(near) > 0.5 * size:
                gone += 1
                continue
            best = int(np.argmin(near))
            rest.pop(best)
            known = np.isfinite(person.xy_px).all(-1)
            joints += int(known.sum())
            lost += int((known & ~np.isfinite(off[best])).sum())
            errors.append(off[best][np.isfinite(off[best])] / size)
        more += sum(person.detection_confidence >= _MIN_CONFIDENCE for person in rest)
    flat = np.concatenate(errors)
    return [
        f"{np.median(flat):.3f}", f"{np.percentile(flat, 90):.3f}", f"{lost / joints:.1%}",
        f"{gone / people:.1%}", f"{more / people:.1%}",
    ]  # fmt: skip


def _size_px(person: Person) -> float:
    """Length of the trunk; if it is unknown, a third of the box's longer side."""
    length = float(trunk_length_px(person.xy_px))
    return length if length > 0 else float((person.box_px[2:] - person.box_px[:2]).max()) / 3


def _frames(clip: Path) -> Iterator[TimedImage]:
    with open_source(clip) as source:
        for frame in source.frames():
            small = frame.shrunk(ANALYSIS_SIDE_PX)
            yield TimedImage(small, frame.time_s)


def _rendered() -> list[TimedImage]:
    frames = islice(render(Lift(reps=1, width_px=800, height_px=600, bystanders=1)), _FRAMES)
    return [TimedImage(frame.image, frame.index / 30) for frame in frames]


def _named(options: PoseOptions) -> str:
    asked = options.changed()
    return ", ".join(f"{name} {value}" for name, value in asked.items()) or "full network"


if __name__ == "__main__":
    main(*(sys.argv[1:2] or ["openpose-mobilenet"]), [Path(clip) for clip in sys.argv[2:]])
