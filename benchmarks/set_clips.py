"""Clips for benchmarks: a rendered set as H.264, filmed from the hand and with a sensor's grain.

The same settings give the same pixels. A clip is made once and kept in a folder.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.media.encode import VideoEncoder
from synthetic import Lift, render

#: Folder that keeps the clips where none is given.
CACHE = Path(tempfile.gettempdir()) / "coach-benchmark-clips"

#: Minimum number of frames of a clip, and of reps: a set.
MIN_FRAMES, MIN_REPS = 300, 2

#: Version of the clips' content; raised when other pixels are made.
_VERSION = 1

#: Maximum side that is rendered, in px; larger clips are enlarged before they get their grain,
#: because rendering 4K takes seconds per frame.
_MAX_RENDERED_PX = 1920

#: Grain: standard deviation in grey levels, and number of different patterns. Chosen: the files
#: have bit rates between those of shared clips (2 to 4 Mbit/s at 720p and 1080p) and of a phone's
#: own files (10 to 20 Mbit/s).
_GRAIN, _PATTERNS = 3.0, 8

#: Motion of the hand that holds the camera: amplitude as a fraction of the width, and periods of
#: its horizontal and vertical part, in s.
_SWAY, _SWAY_S = 0.004, (2.9, 3.7)

_TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True)
class Shape:
    """Size and frame rate of a clip.

    Attributes:
        width_px: Width.
        height_px: Height.
        fps: Frames per second.
    """

    width_px: int
    height_px: int
    fps: int


#: The clips of the benchmark, by name.
SHAPES = {
    "360p60": Shape(360, 640, 60),  # portrait, as messengers send them
    "720p30": Shape(1280, 720, 30),
    "1080p30": Shape(1920, 1080, 30),
    "1080p60": Shape(1920, 1080, 60),
    "4K30": Shape(3840, 2160, 30),
}


@dataclass(frozen=True)
class Clip:
    """A video file and what is in it."""

    name: str
    path: Path
    frames: int
    fps: float


def ensure_clip(name: str, folder: Path, min_frames: int = MIN_FRAMES) -> Clip:
    """Make the clip of one of `SHAPES`, unless the folder has it.

    Args:
        name: key of `SHAPES`.
        folder: where clips are kept; created if missing.
        min_frames: minimum number of frames; the set has as many reps as that takes.
    """
    shape = SHAPES[name]
    lift = lift_of(shape, min_frames)
    path = folder / f"{name}-{lift.frames}-v{_VERSION}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        _write(lift, shape, unfinished)
        unfinished.replace(path)
    return Clip(name, path, lift.frames, shape.fps)


def lift_of(shape: Shape, min_frames: int) -> Lift:
    """The set that is rendered for a shape, in the size in which it is rendered."""
    shrink = max(1.0, max(shape.width_px, shape.height_px) / _MAX_RENDERED_PX)
    lift = Lift(
        reps=MIN_REPS,
        fps=shape.fps,
        width_px=round(shape.width_px / shrink),
        height_px=round(shape.height_px / shrink),
    )
    while lift.frames < min_frames:
        lift = replace(lift, reps=lift.reps + 1)
    return lift


def _write(lift: Lift, shape: Shape, path: Path) -> None:
    size = (shape.width_px, shape.height_px)
    with VideoEncoder(path, size, _TIME_BASE) as encoder:
        for number, image in enumerate(_filmed(lift, size)):
            encoder.write(image, round(number / lift.fps / _TIME_BASE))


def _filmed(lift: Lift, size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    """The rendered images in this size, moved by the hand, with grain."""
    grain = _grain(size)
    scale = size[0] / lift.width_px
    for frame in render(lift):
        phase = 2 * np.pi * frame.time_s / np.array(_SWAY_S)
        offset = _SWAY * size[0] * np.sin(phase)
        move = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
        image = cv2.warpAffine(
            frame.image, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        yield cv2.add(image, grain[frame.index % _PATTERNS], dtype=cv2.CV_8U)


def _grain(size: tuple[int, int]) -> list[NDArray[np.int16]]:
    """Grain patterns, int16 (height, width, 3) each; one of a sensor, so alike in all colours."""
    random = np.random.default_rng(0)
    patterns = []
    for _ in range(_PATTERNS):
        grey = random.normal(0, _GRAIN, size[::-1]).round().astype(np.int16)
        patterns.append(np.repeat(grey[..., None], 3, axis=2))
    return patterns
