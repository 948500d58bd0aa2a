"""`coach models quantize`: the int8 form of a backend's networks, and what it costs."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.pose import engines
from services.pose.backends import Backend, TimedImage, load_backend
from services.pose.engines.quantize import put_in_place, quantise, scratch_beside
from services.pose.openpose.stages import INT8_NEEDS_A_NUMBER
from shared.data.job_options import ANALYSIS_SIDE_PX
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import trunk_length_px
from shared.errors import ModelError, UsageError
from shared.media.resize import shrink
from shared.media.source import open_source
from shared.settings import Settings
from synthetic import Lift, render

#: So many pictures calibrate, and as many others tell the cost.
_PICTURES = 32

#: Two people are one where their joints are as near as this on the whole, in trunk lengths.
_SAME = 0.5

#: A joint so far from where it was, in trunk lengths, is a wrong joint (as in `coach demo`).
_FAR = 0.2

#: What a quantised network must not lose, or it is not kept: few enough for the cleaning of the
#: motion to mend.
_MIN_FOUND, _MAX_FAR = 0.95, 0.05


@dataclass(frozen=True)
class Cost:
    """What another way of computing costs, against the whole network in float32.

    shift: median distance of a joint from where it was, in trunk lengths, NaN where none is seen
    any more. far: share of joints further away than `_FAR`, or not seen any more. found: share of
    the people who are found again.
    """

    shift: float
    far: float
    found: float

    @property
    def is_bearable(self) -> bool:
        """Whether a job may be computed so."""
        return self.found >= _MIN_FOUND and self.far <= _MAX_FAR

    def __str__(self) -> str:
        return (
            f"{self.found:.1%} of the people are found again, their joints move by "
            f"{self.shift:.4f} trunk lengths (median), and {self.far:.1%} of all joints are lost "
            f"or more than {_FAR} trunk lengths away"
        )


def run(backend: str, clips: Sequence[Path], options: PoseOptions) -> None:
    """Calibrate on every other picture, quantise each network, and tell the cost on the others.

    Without clips the pictures are rendered lifts.

    Raises:
        UsageError: this processor gains nothing by int8, NNCF is not installed, or the number of
            stages is left to the pictures.
        ModelError: a network cannot be quantised, or int8 costs too much; it is not kept then.
    """
    if options.auto_stages:
        raise UsageError(INT8_NEEDS_A_NUMBER)
    pictures = list(_pictures(clips))
    learn, judge = pictures[::2], pictures[1::2]
    engines.check("openvino", "int8")
    threads = Settings().pose_threads
    with engines.recording() as records:
        people_in(load_backend(backend, threads, options), learn)
    small: dict[Path, Path] = {}
    with ExitStack() as scratch:
        for record in records:
            print(f"quantising {record.model.name} …", file=sys.stderr)
            folder = scratch.enter_context(scratch_beside(record.model))
            small[record.model] = quantise(record, folder)
        before = people_in(_backend(backend, options, "f32"), judge)
        with engines.trying(small):
            after = people_in(_backend(backend, options, "int8"), judge)
        told = cost(before, after)
        if not told.is_bearable:
            raise ModelError(
                f"int8 is not for {backend}: on pictures that it was not calibrated on, {told}. "
                "It was not kept; use --precision f32 or bf16"
            )
        files = [put_in_place(file, model) for model, file in small.items()]
    print(f"int8 on pictures that it was not calibrated on: {told}", file=sys.stderr)
    for file in files:
        print(f"{file} is there for --precision int8", file=sys.stderr)


def _backend(name: str, options: PoseOptions, precision: str) -> Backend:
    """A backend on the processor that computes in this precision, whatever the settings say."""
    wanted = {"COACH_ENGINE": "openvino", "COACH_PRECISION": precision}
    before = {setting: os.environ.get(setting) for setting in wanted}
    os.environ.update(wanted)
    try:
        return load_backend(name, Settings().pose_threads, options)
    finally:
        for setting, value in before.items():
            if value is None:
                del os.environ[setting]
            else:
                os.environ[setting] = value


def people_in(backend: Backend, pictures: Iterable[np.ndarray]) -> list[tuple[Person, ...]]:
    """The people of each picture, looked at alone."""
    return [next(iter(backend.people([TimedImage(picture, 0.0)]))) for picture in pictures]


def cost(before: Sequence[Sequence[Person]], after: Sequence[Sequence[Person]]) -> Cost:
    """Compare two looks at the same pictures."""
    moved: list[float] = []
    found = people = 0
    for those, others in zip(before, after, strict=True):
        for person in those:
            people += 1
            size = _size_px(person)
            away = [np.linalg.norm(person.xy_px - other.xy_px, axis=-1) / size for other in others]
            near = [one for one in away if np.isfinite(one).any() and np.nanmedian(one) < _SAME]
            nearest = min(near, key=np.nanmedian, default=np.full(len(person.xy_px), np.inf))
            found += bool(near)
            seen = np.isfinite(person.xy_px).all(-1)
            moved += np.where(np.isnan(nearest), np.inf, nearest)[seen].tolist()
    if not people:
        raise UsageError("nobody is seen in these pictures; give clips with a lifter: --clip")
    shifts = np.array(moved)
    left = shifts[np.isfinite(shifts)]
    shift = float(np.median(left)) if len(left) else float("nan")
    return Cost(shift, float((shifts > _FAR).mean()), found / people)


def _size_px(person: Person) -> float:
    length = float(trunk_length_px(person.xy_px))
    height = float(person.box_px[3] - person.box_px[1])
    return length if np.isfinite(length) and length > 0 else max(height / 3, 1.0)


def _pictures(clips: Sequence[Path]) -> Iterator[np.ndarray]:
    """As many pictures as are wanted, evenly from the clips, or from rendered lifts."""
    wanted = 2 * _PICTURES
    if not clips:
        lifts = [Lift(reps=1, fps=10, view=view, bystanders=1) for view in ("side", "oblique")]
        frames = [frame.image for lift in lifts for frame in render(lift)]
        yield from (shrink(frames[i], ANALYSIS_SIDE_PX) for i in _spread(len(frames), wanted))
        return
    each = -(-wanted // len(clips))
    for clip in clips:
        with open_source(clip) as source:
            chosen = set(_spread(sum(1 for _ in source.frames()), each))
        with open_source(clip) as source:  # again, for a long clip's frames would fill the memory
            for frame in source.frames():
                if frame.index in chosen:  # as the decoder would send it
                    yield shrink(frame.image, ANALYSIS_SIDE_PX, source.info.sample_aspect)


def _spread(count: int, wanted: int) -> list[int]:
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, wanted))})
