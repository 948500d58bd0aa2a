"""Reads a file through `open_source` and holds it against what was put into it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from corpus import pattern
from shared.data.messages import EndReason
from shared.media.frames import SourceFrame, SourceInfo
from shared.media.resize import shrink
from shared.media.source import open_source

#: Largest difference of a field's mean from its colour after lossy coding, in levels of 255.
#: A wrong matrix shifts some field by 18 or more, a wrong range by 15.
COLOUR_TOLERANCE = 10.0

#: Largest difference of a channel's mean, and of a pixel on average, between the picture in the
#: analysis size and the full one shrunk, in levels of 255. The corpus shows 1.6 and 5 (its sharp
#: edges of colour fall between pixels of chroma); a wrong matrix, range or turn shows 10 and more.
_SHRUNK_MEAN_TOLERANCE, _SHRUNK_PIXEL_TOLERANCE = 3.0, 8.0


@dataclass(frozen=True)
class Film:
    """A source that was read to its end."""

    info: SourceInfo
    frames: list[SourceFrame]
    end_reason: EndReason

    @property
    def numbers(self) -> list[int | None]:
        """The numbers written in the pictures."""
        return [pattern.number_of(frame.image) for frame in self.frames]

    @property
    def times_s(self) -> list[float]:
        """The frames' times."""
        return [frame.time_s for frame in self.frames]


def watch(path: Path) -> Film:
    """Read a source to its end; what must hold for any source is checked."""
    with open_source(path) as source:
        frames = list(source.frames())
        film = Film(source.info, frames, source.end_reason)
        assert source.frames_read == len(frames)
    assert frames, "no frames"
    shape = (film.info.height_px, film.info.width_px, 3)
    assert {frame.image.shape for frame in frames} == {shape}
    assert all(frame.image.dtype == np.uint8 for frame in frames)
    check_shrunk(frames[len(frames) // 2], max(shape) // 2)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = film.times_s
    assert all(a < b for a, b in zip(times, times[1:], strict=False)), f"not rising: {times}"
    assert times[0] >= 0, f"the first frame lies before the start: {times[0]}"
    return film


def check_shrunk(frame: SourceFrame, longer_side_px: int) -> None:
    """Fail unless the picture in the analysis size is the full one, shrunk."""
    small, reference = frame.shrunk(longer_side_px), shrink(frame.image, longer_side_px)
    assert small.shape == reference.shape
    assert small.dtype == np.uint8
    difference = small.astype(float) - reference
    assert np.abs(difference.mean(axis=(0, 1))).max() < _SHRUNK_MEAN_TOLERANCE
    assert np.abs(difference).mean() < _SHRUNK_PIXEL_TOLERANCE


def check_film(
    path: Path,
    numbers: Iterable[int],
    times_s: Iterable[float] | None = None,
    size_px: tuple[int, int] | None = None,
    tolerance: float = COLOUR_TOLERANCE,
    time_tolerance_s: float = 0.0015,
    end: EndReason = EndReason.COMPLETE,
) -> Film:
    """Read a source, which must show these frame numbers at these times, upright, in true colours.

    Args:
        path: the file.
        numbers: the frame numbers in order.
        times_s: time of each; None where the file has none.
        size_px: width and height of the display, within a pixel.
        tolerance: of colours, in levels of 255.
        time_tolerance_s: of times; by default one unit of a container that counts milliseconds.
        end: the reason why the frames end.
    """
    film = watch(path)
    check_picture(film.frames[len(film.frames) // 2].image, size_px, tolerance)
    assert film.numbers == list(numbers)
    if times_s is not None:
        assert film.times_s == pytest.approx(list(times_s), abs=time_tolerance_s)
    assert film.end_reason is end
    return film


def check_picture(
    image: np.ndarray,
    size_px: tuple[int, int] | None = None,
    tolerance: float = COLOUR_TOLERANCE,
    box: pattern.Box | None = None,
) -> None:
    """Fail unless a picture (or the box in it) shows the scene upright, in its size and colours."""
    if size_px is not None:
        size = (image.shape[1], image.shape[0])
        assert size == pytest.approx(size_px, abs=1), f"{size} for {size_px}"
    if box is None:
        assert pattern.orientation_of(image) == "upright"
    errors = np.abs(pattern.field_colours(image, box) - pattern.FIELDS)
    assert errors.max() <= tolerance, f"colours (field, BGR) differ by\n{errors.round(1)}"


def saturation(image: np.ndarray) -> float:
    """Mean HSV saturation of the fields, 0 to 1."""
    colours = pattern.field_colours(image)
    return float((1 - colours.min(axis=1) / np.maximum(colours.max(axis=1), 1)).mean())
