"""Reads an animated WebP or PNG as a clip."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from shared.data.messages import EndReason
from shared.media.frames import Source, SourceFrame, SourceInfo
from shared.media.picture_file import bgr_of, opened_picture

#: Unit of the frames' times, in seconds; PNG states durations as any fraction.
_TIME_BASE = Fraction(1, 1_000_000)

#: Durations up to the first are taken for unstated ones, which are the second, in milliseconds, as
#: browsers do.
_MAX_UNSTATED_MS, _UNSTATED_MS = 10, 100

#: Frames whose durations give the frame rate (chosen: Pillow decodes a frame to know its duration).
_RATE_FRAMES = 10


class AnimationSource(Source):
    """An animated WebP or PNG as a clip, with its own times.

    Args:
        path: what the clip is called: the file, or a folder that holds nothing else.
        file: the animation.
        max_frame_px: largest frame accepted, in pixels.

    Raises:
        SourceError: it cannot be read, or is too large.
    """

    def __init__(self, path: Path, file: Path, max_frame_px: int) -> None:
        self._file, self._max_frame_px = file, max_frame_px
        with opened_picture(file, max_frame_px) as picture:
            indexes = _shown(picture)
            picture.seek(indexes[0])
            first = bgr_of(picture)
            durations_ms = [_duration_ms(picture, index) for index in indexes[:_RATE_FRAMES]]
        self.info = SourceInfo(
            path=str(path),
            width_px=first.shape[1],
            height_px=first.shape[0],
            fps=1000 * len(durations_ms) / sum(durations_ms),
            frames_estimate=len(indexes),
            time_base=_TIME_BASE,
            has_audio=False,
        )

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame of the animation; see `Source.frames`."""
        at_s = Fraction(0)
        with opened_picture(self._file, self._max_frame_px) as picture:
            for number, index in enumerate(_shown(picture)):
                try:
                    duration_ms = _duration_ms(picture, index)
                    image = bgr_of(picture)
                except (EOFError, OSError, SyntaxError, ValueError):  # Pillow's, of a cut file
                    self.end_reason = EndReason.TRUNCATED
                    return
                self.frames_read = number + 1
                pts = round(at_s / _TIME_BASE)
                yield SourceFrame(number, pts, float(pts * _TIME_BASE), image)
                at_s += Fraction(duration_ms) / 1000

    def close(self) -> None:
        """Do nothing: the file is open only while frames are read."""


def _shown(picture: Any) -> range:
    """Indexes of the frames that are shown: not of a PNG's stand-in for other programs."""
    return range(1 if getattr(picture, "default_image", False) else 0, picture.n_frames)


def _duration_ms(picture: Any, index: int) -> float:
    picture.seek(index)
    picture.load()  # WebP tells a frame's duration when it is decoded
    duration_ms = float(picture.info.get("duration", 0))
    return duration_ms if duration_ms > _MAX_UNSTATED_MS else _UNSTATED_MS
