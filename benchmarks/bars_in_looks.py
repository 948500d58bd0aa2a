"""Whether plates tell lifting from bending down: what the bar tracker finds in the gate's looks.

    python -m benchmarks.bars_in_looks

Each clip of `../shared/clips`, and rendered motions with and without a bar, is looked at once a
second as the gate does. Where somebody seems to lift, plates are searched for in that picture
alone: anywhere, and at the hands.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.decoder.chunks import encode_frame
from services.decoder.gate.lifting import find_lifting, samples_of
from services.pose.backends import TimedImage, load_backend
from services.pose.plates.find import find_plates
from shared.data.messages import FramePoses, Person, Plate
from shared.data.pictures import decode_image
from shared.data.skeleton import L_WRIST, R_WRIST
from shared.media.source import open_source
from synthetic import Lift, render

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "clips"

#: Side of the pictures in px, and time between two of them in seconds: those of the gate.
_SIDE_PX, _LOOK_S = 448, 1.0

#: Distance between hands and plate at which it is at the hands, in its radii: down and across.
_DOWN, _ACROSS = 0.6, 1.5

#: What is rendered: name of the exercise, or of the view of a deadlift.
_RENDERED = {
    "deadlift, oblique": Lift(), "deadlift, side": Lift(view="side"),
    "deadlift, front": Lift(view="front"), "row, no bar": Lift(exercise="row"),
    "swing, no bar": Lift(exercise="swing"), "good morning, no bar": Lift(exercise="good_morning"),
    "squat, no bar": Lift(exercise="air_squat"),
}  # fmt: skip

Look = tuple[float, NDArray[np.uint8]]


def main() -> None:
    """Print a row for each clip and each rendered motion."""
    backend = load_backend("movenet")
    print(f"{'':32} low looks  with a plate  at the hands  ms a look")
    for name, lift in _RENDERED.items():
        _measure(backend, name, _drawn(lift))
    for path in sorted(CLIPS.glob("*.mp4")):
        _measure(backend, path.stem, _filmed(path))


def _measure(backend: object, name: str, looks: Iterator[Look]) -> None:
    glance = backend.glance  # type: ignore[attr-defined]
    seen = [
        (time_s, image, tuple(next(iter(glance([TimedImage(image, time_s)])))))
        for time_s, image in looks
    ]
    thumbnail = np.zeros(48, np.float32)
    frames = [FramePoses(0, time_s, people, (), thumbnail, 0.0) for time_s, _, people in seen]
    samples = [sample for frame in frames for sample in samples_of(frame)]
    low_s = {sample.time_s for sample in find_lifting(samples, -np.inf)}
    low = [(image, people) for time_s, image, people in seen if time_s in low_s]
    started_s = time.process_time()
    plates = [find_plates([image], [people], 0.0)[0] for image, people in low]
    took_ms = (time.process_time() - started_s) * 1000 / max(len(low), 1)
    at_hands = [
        any(_is_at_hands(plate, person) for plate in found for person in people)
        for found, (_, people) in zip(plates, low, strict=True)
    ]
    print(
        f"{name:32} {len(low):9} {sum(map(bool, plates)):13} {sum(at_hands):13} {took_ms:10.0f}",
        flush=True,
    )


def _is_at_hands(plate: Plate, person: Person) -> bool:
    across, down = np.abs(person.xy_px[[R_WRIST, L_WRIST]] - (plate.x_px, plate.y_px)).T
    radius = plate.half_height_px
    return bool(((across < _ACROSS * radius) & (down < _DOWN * radius)).any())


def _filmed(path: Path) -> Iterator[Look]:
    due_s = 0.0
    with open_source(path) as source:
        for frame in source.frames():
            if frame.time_s >= due_s:
                due_s = frame.time_s + _LOOK_S
                size_px = (source.info.width_px, source.info.height_px)
                yield frame.time_s, decode_image(encode_frame(frame, size_px, _SIDE_PX).image)


def _drawn(lift: Lift) -> Iterator[Look]:
    height_px = _SIDE_PX * 3 // 4
    small = replace(lift, width_px=_SIDE_PX, height_px=height_px, fps=1 / _LOOK_S)
    for frame in render(small):
        yield frame.time_s, frame.image


if __name__ == "__main__":
    main()
