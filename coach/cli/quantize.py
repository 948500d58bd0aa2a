"""`coach models quantize`: the int8 form of a backend's networks, and its cost in accuracy."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from services.pose import engines
from services.pose.backends import Backend, TimedImage, load_backend
from services.pose.engines.quantize import put_in_place, quantize, scratch_beside, trial_loader
from services.pose.engines.recording import Recorder
from services.pose.openpose.stages import INT8_NEEDS_A_NUMBER
from services.pose.runtime import Runtime
from shared.data.job_options import ANALYSIS_SIDE_PX
from shared.data.messages import Person
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import trunk_length_px
from shared.errors import ModelError, UsageError
from shared.media.resize import shrink
from shared.media.source import open_source
from synthetic import Lift, render

#: Images used for calibration, and as many others for measuring the cost.
_IMAGES = 32

#: Largest median distance of the joints of one person in two results, in trunk lengths.
_SAME_PERSON = 0.5

#: Distance from which on a joint is wrong, in trunk lengths (as in `coach demo`).
_WRONG_JOINT = 0.2

#: Limits for keeping a quantized network: least fraction of people found again, and largest
#: fraction of wrong joints. Chosen: few enough for the motion's outlier filter to remove.
_MIN_FOUND, _MAX_WRONG = 0.95, 0.05


@dataclass(frozen=True)
class Cost:
    """Cost of another precision, compared with float32.

    Args:
        shift: median distance of joints from their float32 positions, in trunk lengths; NaN if none
            is seen any more.
        wrong: fraction of joints that are unseen or further away than `_WRONG_JOINT`.
        found: fraction of people who are found again.
    """

    shift: float
    wrong: float
    found: float

    @property
    def is_acceptable(self) -> bool:
        """Whether jobs may be computed in this precision."""
        return self.found >= _MIN_FOUND and self.wrong <= _MAX_WRONG

    def __str__(self) -> str:
        return (
            f"{self.found:.1%} of the people are found again, their joints move by "
            f"{self.shift:.4f} trunk lengths (median), and {self.wrong:.1%} of all joints are lost "
            f"or more than {_WRONG_JOINT} trunk lengths away"
        )


def run(backend: str, clips: Sequence[Path], options: PoseOptions, runtime: Runtime) -> None:
    """Quantize a backend's networks and print the cost.

    Every other image is used for calibration, the rest for measuring the cost against float32.

    Args:
        backend: name of the backend.
        clips: source of the images; rendered lifts if there are none.
        options: those of the jobs that will run in int8.
        runtime: threads, and where weights are kept.

    Raises:
        UsageError: this processor does not compute in int8, NNCF is not installed, or the options
            leave the number of stages open.
        ModelError: a network cannot be quantized, or int8 costs too much; it is not kept then.
    """
    if options.auto_stages:
        raise UsageError(INT8_NEEDS_A_NUMBER)
    float32 = replace(runtime, engine="openvino", precision="f32")
    engines.check(replace(float32, precision="int8"))
    images = list(_images(clips))
    calibration, test = images[::2], images[1::2]
    recorder = Recorder()
    recorded = load_backend(backend, replace(float32, engine_loader=recorder.load), options)
    people_in(recorded, calibration)
    int8_files: dict[Path, Path] = {}
    with ExitStack() as scratch:
        for record in recorder.records:
            print(f"quantizing {record.model.name} …", file=sys.stderr)
            folder = scratch.enter_context(scratch_beside(record.model))
            int8_files[record.model] = quantize(record, folder)
        int8 = replace(float32, precision="int8", engine_loader=trial_loader(int8_files))
        before = people_in(load_backend(backend, float32, options), test)
        after = people_in(load_backend(backend, int8, options), test)
        cost = measure_cost(before, after)
        if not cost.is_acceptable:
            raise ModelError(
                f"int8 is not suitable for {backend}: on images that were not used for "
                f"calibration, {cost}. It was not kept; use --precision f32 or bf16"
            )
        files = [put_in_place(file, model) for model, file in int8_files.items()]
    print(f"int8 on images that were not used for calibration: {cost}", file=sys.stderr)
    for file in files:
        print(f"{file} is ready for --precision int8", file=sys.stderr)


def people_in(backend: Backend, images: Iterable[np.ndarray]) -> list[tuple[Person, ...]]:
    """The people of each image, without tracking from image to image."""
    return [next(iter(backend.people([TimedImage(image, 0.0)]))) for image in images]


def measure_cost(before: Sequence[Sequence[Person]], after: Sequence[Sequence[Person]]) -> Cost:
    """Compare the people found in the same images in float32 and in another precision."""
    distances: list[float] = []
    found = people = 0
    for persons, others in zip(before, after, strict=True):
        for person in persons:
            people += 1
            nearest = _nearest_distances(person, others)
            found += nearest is not None
            seen = np.isfinite(person.xy_px).all(-1)
            if nearest is None:
                distances += [np.inf] * int(seen.sum())
            else:
                distances += np.where(np.isnan(nearest), np.inf, nearest)[seen].tolist()
    if not people:
        raise UsageError("nobody is seen in these images; give clips with a lifter: --clip")
    array = np.array(distances)
    finite = array[np.isfinite(array)]
    shift = float(np.median(finite)) if len(finite) else float("nan")
    return Cost(shift, float((array > _WRONG_JOINT).mean()), found / people)


def _nearest_distances(person: Person, others: Sequence[Person]) -> np.ndarray | None:
    """Distances of the joints to those of the same person, in trunk lengths; None if not found."""
    size = _size_px(person)
    away = [np.linalg.norm(person.xy_px - other.xy_px, axis=-1) / size for other in others]
    same = [d for d in away if np.isfinite(d).any() and np.nanmedian(d) < _SAME_PERSON]
    return min(same, key=np.nanmedian, default=None)


def _size_px(person: Person) -> float:
    length = float(trunk_length_px(person.xy_px))
    height = float(person.box_px[3] - person.box_px[1])
    return length if np.isfinite(length) and length > 0 else max(height / 3, 1.0)


def _images(clips: Sequence[Path]) -> Iterator[np.ndarray]:
    """Images for calibration and measurement, evenly from the clips or from rendered lifts."""
    wanted = 2 * _IMAGES
    if not clips:
        lifts = [Lift(reps=1, fps=10, view=view, bystanders=1) for view in ("side", "oblique")]
        frames = [frame.image for lift in lifts for frame in render(lift)]
        yield from (shrink(frames[i], ANALYSIS_SIDE_PX) for i in _spread(len(frames), wanted))
        return
    per_clip = -(-wanted // len(clips))
    for clip in clips:
        with open_source(clip) as source:
            chosen = set(_spread(sum(1 for _ in source.frames()), per_clip))
        with open_source(clip) as source:  # read again: a long clip's frames would fill the memory
            for frame in source.frames():
                if frame.index in chosen:  # as the decoder sends it
                    yield frame.shrunk(ANALYSIS_SIDE_PX)


def _spread(count: int, wanted: int) -> list[int]:
    return sorted({round(index) for index in np.linspace(0, count - 1, min(count, wanted))})
