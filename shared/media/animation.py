"""Reads an animated WebP or PNG as a clip."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from shared.data.messages import EndReason
from shared.errors import SourceError
from shared.media.frames import Image, Source, SourceFrame, SourceInfo
from shared.media.limits import SourceLimits
from shared.media.picture_file import bgr_of, opened_picture
from shared.media.resize import ReadyPixels

#: Unit of the frames' times, in seconds; PNG states durations as any fraction.
_TIME_BASE = Fraction(1, 1_000_000)

#: A frame that states a duration of 10 ms or less is shown for 100 ms, as in browsers.
_MAX_UNSTATED_MS, _UNSTATED_MS = 10, 100

#: Frames whose durations give the frame rate (chosen: Pillow decodes a frame to know its duration).
_RATE_FRAMES = 10


class AnimationSource(Source):
    """An animated WebP or PNG as a clip, with its own times.

    Args:
        path: what the clip is called: the file, or a folder that holds nothing else.
        file: the animation.
        limits: where it may lie, and how large its frames may be.

    Raises:
        SourceError: it cannot be read, or is too large.
    """

    def __init__(self, path: Path, file: Path, limits: SourceLimits) -> None:
        self._file, self._limits = file, limits
        with opened_picture(file, limits) as picture:
            frames_estimate = len(_shown(picture))
            seen = [(ms, image.shape) for ms, image in islice(_decoded(picture), _RATE_FRAMES)]
        if not seen:
            raise SourceError(f"{file} holds no picture that can be decoded; export it again")
        height_px, width_px, _ = seen[0][1]
        self.info = SourceInfo(
            path=str(path),
            width_px=width_px,
            height_px=height_px,
            fps=1000 * len(seen) / sum(duration_ms for duration_ms, _ in seen),
            frames_estimate=frames_estimate,
            time_base=_TIME_BASE,
        )

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame of the animation; see `Source.frames`."""
        at_s = Fraction(0)
        with opened_picture(self._file, self._limits) as picture:
            for index, (duration_ms, image) in enumerate(_decoded(picture)):
                self.frames_read = index + 1
                pts = round(at_s / _TIME_BASE)
                yield SourceFrame(index, pts, float(pts * _TIME_BASE), ReadyPixels(image))
                at_s += Fraction(duration_ms) / 1000
        if self.frames_read < self.info.frames_estimate:
            self.end_reason = EndReason.TRUNCATED

    def close(self) -> None:
        """Do nothing: the file is open only while frames are read."""


def _shown(picture: Any) -> range:
    """Indexes of the frames that are shown: not of a PNG's stand-in for other programs."""
    return range(1 if getattr(picture, "default_image", False) else 0, picture.n_frames)


def _decoded(picture: Any) -> Iterator[tuple[float, Image]]:
    """Duration in milliseconds and picture of each frame that can be decoded."""
    for index in _shown(picture):
        try:
            picture.seek(index)
            image = bgr_of(picture)
        except (EOFError, OSError, SyntaxError, ValueError):  # Pillow's, where a file is damaged
            return
        duration_ms = float(picture.info.get("duration", 0))
        yield duration_ms if duration_ms > _MAX_UNSTATED_MS else _UNSTATED_MS, image
