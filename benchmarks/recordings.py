"""Assembles a long recording of a gym's camera from clips, rendered sets and empty stretches.

    python -m benchmarks.recordings day.mp4 --hours 1 --height 720

Real clips come from `../shared/clips` (left out where they are missing). Between the sets the
platform is empty: with a fan that turns, a clock burnt into the picture, noise, people who walk
through, and lights that go out. Beside the recording, `day.json` says where each set is.

Empty minutes are encoded once and then copied, so that ten hours take minutes to make.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from shared.media.source import open_source
from synthetic import Lift, render
from synthetic.camera import camera_of
from synthetic.scene import draw_gym

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "clips"

#: Sets of an hour: real clips by name, rendered ones by their settings. Five minutes in all.
REAL = (
    "jf9ss9_deadlift", "luizklitzke_deadlift", "tby66_0016c_1", "jurisimo_deadlift2",
    "tby66_0016r_2", "prakhar_sumo", "tby66_0016h_1", "siriwanim_Deadlift_edited5",
    "tby66_0016k_2", "victorccole_deadlift", "sebitzu_deadlift",
)  # fmt: skip
RENDERED = (
    Lift(reps=3, walk_in=True, bystanders=1),
    Lift(reps=2, walk_in=True, view="oblique", style="sumo"),
)

FPS = 30

#: Frames between two key frames: four seconds, as surveillance cameras have them.
_GOP = 120

#: Length of an empty stretch, in seconds.
_IDLE_S = 60

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Placed:
    """A set in the recording.

    Attributes:
        name: name of the clip.
        from_s: where it begins.
        to_s: where it ends.
    """

    name: str
    from_s: float
    to_s: float


def main() -> None:
    """Make the recording that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--sets", type=int, default=0, help="number of sets; 0 for all")
    given = parser.parse_args()
    make(given.path, given.hours * 3600, given.height, given.sets)


def make(path: Path, duration_s: float, height_px: int, sets: int = 0) -> list[Placed]:
    """Write a recording and its truth.

    Args:
        path: the MP4 file.
        duration_s: how long it shall be, in seconds.
        height_px: height of the picture; its width is 16/9 of that.
        sets: number of sets, of all in turn; 0 for each once.
    """
    size_px = (height_px * 16 // 9, height_px)
    folder = path.parent / f".{path.stem}-parts"
    folder.mkdir(exist_ok=True, parents=True)
    parts = _lifting(folder, size_px, sets or len(REAL) + len(RENDERED))
    idle = _idle(folder, size_px)
    count = sets or len(parts)
    lifted_s = sum(_duration_s(parts[number % len(parts)]) for number in range(count))
    pauses = max(count + 1, round((duration_s - lifted_s) / _IDLE_S))
    order: list[Path] = []
    done = 0
    for number in range(count + 1):
        upto = round(pauses * (number + 1) / (count + 1))
        order += [idle[pause % len(idle)] for pause in range(done, upto)]
        done = upto
        if number < count:
            order.append(parts[number % len(parts)])
    placed = _join(order, path)
    sets_only = [one for one in placed if not one.name.startswith("idle")]
    path.with_suffix(".json").write_text(json.dumps([asdict(one) for one in sets_only], indent=1))
    return sets_only


def _lifting(folder: Path, size_px: tuple[int, int], most: int) -> list[Path]:
    """The first sets, encoded alike, each alone in a file."""
    parts = []
    for name in REAL:
        if len(parts) < most and (CLIPS / f"{name}.mp4").is_file():
            parts.append(folder / f"{name}.mp4")
            _encode(parts[-1], _frames_of(CLIPS / f"{name}.mp4", size_px), size_px)
    for number, lift in enumerate(RENDERED[: most - len(parts)]):
        parts.append(folder / f"rendered_{number}.mp4")
        _encode(parts[-1], _drawn(lift, size_px), size_px)
    return parts


def _drawn(lift: Lift, size_px: tuple[int, int]) -> Iterator[Image]:
    """A rendered set; each picture is drawn small, and shown three times."""
    lift = replace(lift, fps=FPS // 3, width_px=854, height_px=480)
    for frame in render(lift):
        image = cv2.resize(frame.image, size_px).astype(np.uint8)
        yield from (image, image, image)


def _idle(folder: Path, size_px: tuple[int, int]) -> list[Path]:
    """Empty minutes: four of seven with a fan and a clock only, in two somebody walks through."""
    kinds = ("empty", "walking", "dark")
    paths = {kind: folder / f"idle_{kind}.mp4" for kind in kinds}
    for kind, path in paths.items():
        _encode(path, _gym(size_px, kind), size_px)
    order = ("empty", "empty", "walking", "empty", "dark", "empty", "walking")
    return [paths[kind] for kind in order]


def _gym(size_px: tuple[int, int], kind: str) -> Iterator[Image]:
    """A minute of an empty platform."""
    width, height = size_px
    lift = Lift(width_px=width, height_px=height)
    gym = draw_gym(width, height, camera_of(lift))
    upright = Lift(width_px=width, height_px=height, fps=4)
    person = max(render(upright), key=lambda frame: -frame.joints_px[1, 1]).image
    mask = np.abs(person.astype(int) - gym).max(2) > 12
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, 2, (height, width, 1)).astype(np.int8) for _ in range(8)]
    for number in range(_IDLE_S * FPS):
        time_s = number / FPS
        image = gym.copy()
        if kind == "walking" and 20 <= time_s < 32:  # from one side of the picture to the other
            shift = round((time_s - 26) / 6 * width)
            moved, where = np.roll(person, shift, 1), np.roll(mask, shift, 1)
            columns = np.arange(width)
            where = where & ((columns >= shift) & (columns < width + shift))[None]
            image[where] = moved[where]
        _draw_fan(image, time_s)
        lit = 0.25 if kind == "dark" and 25 <= time_s < 45 else 1.0
        dimmed = cv2.convertScaleAbs(image, alpha=lit).astype(np.int16)
        picture = np.clip(dimmed + noise[number % len(noise)], 0, 255).astype(np.uint8)
        text = f"2026-11-27 18:{int(time_s):02}:{number % FPS:02}"
        cv2.putText(
            picture, text, (width // 50, height // 20), cv2.FONT_HERSHEY_SIMPLEX, height / 900,
            (255, 255, 255), 2,
        )  # fmt: skip
        yield picture


def _draw_fan(image: Image, time_s: float) -> None:
    """A fan at the wall, as high as an eighth of the picture, turning 1.7 times a second."""
    height, width = image.shape[:2]
    middle, radius = (width * 9 // 10, height // 5), height // 16
    cv2.circle(image, middle, radius, (70, 70, 70), -1)
    for blade in range(3):
        angle = 360 * (1.7 * time_s + blade / 3)
        cv2.ellipse(image, middle, (radius, radius), angle, 0, 50, (215, 215, 215), -1)


def _frames_of(path: Path, size_px: tuple[int, int]) -> Iterator[Image]:
    """A clip at `FPS`, fitted into the picture, with black bars."""
    due_s = 0.0
    with open_source(path) as source:
        for frame in source.frames():
            while frame.time_s >= due_s - 0.5 / FPS:
                due_s += 1 / FPS
                yield _fitted(frame.image, size_px)


def _fitted(image: Image, size_px: tuple[int, int]) -> Image:
    height, width = image.shape[:2]
    scale = min(size_px[0] / width, size_px[1] / height)
    wide, high = round(width * scale), round(height * scale)
    canvas = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    left, top = (size_px[0] - wide) // 2, (size_px[1] - high) // 2
    canvas[top : top + high, left : left + wide] = cv2.resize(image, (wide, high))
    return canvas


def _encode(path: Path, images: Iterator[Image], size_px: tuple[int, int]) -> None:
    """Encode a part, unless it is there. All are encoded alike, so that they can be joined."""
    if path.is_file():
        return
    options = {"preset": "veryfast", "crf": "25", "bf": "0", "g": str(_GOP), "sc_threshold": "0"}
    unfinished = path.with_suffix(".part.mp4")
    with av.open(str(unfinished), "w") as output:
        stream: Any = output.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = *size_px, "yuv420p"
        for image in images:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode())
    unfinished.rename(path)


def _join(parts: Sequence[Path], path: Path) -> list[Placed]:
    """Join parts without encoding them again; where each lies."""
    placed = []
    at_s = Fraction(0)
    with av.open(str(path), "w") as output:
        joined: Any = None
        for part in parts:
            with av.open(str(part)) as source:
                stream = source.streams.video[0]
                if joined is None:
                    joined = output.add_stream_from_template(stream)
                count = 0
                for packet in source.demux(stream):
                    if packet.size:
                        shift = round(at_s / packet.time_base)
                        packet.pts = packet.dts = (
                            packet.pts or 0
                        ) + shift  # no frames are reordered
                        packet.stream = joined
                        output.mux(packet)
                        count += 1
            end_s = at_s + Fraction(count, FPS)
            placed.append(Placed(part.stem, float(at_s), float(end_s)))
            at_s = end_s
    return placed


def _duration_s(path: Path) -> float:
    with av.open(str(path)) as source:
        return float(source.duration or 0) / av.time_base


if __name__ == "__main__":
    main()
