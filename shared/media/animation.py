"""Reads an animated WebP or PNG as a clip."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from shared.data.messages import EndReason
from shared.media.frames import Source, SourceFrame, SourceInfo
from shared.media.picture_file import bgr_of, opened_picture

#: Unit of an animation's times: they are in milliseconds.
_MS = Fraction(1, 1000)

#: Duration of an animation's frame that states none, in milliseconds, as browsers assume.
_UNSTATED_MS = 100

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
            time_base=_MS,
            has_audio=False,
        )

    def frames(self) -> Iterator[SourceFrame]:
        """Yield every frame of the animation; see `Source.frames`."""
        at_ms = 0
        with opened_picture(self._file, self._max_frame_px) as picture:
            for number, index in enumerate(_shown(picture)):
                try:
                    duration_ms = _duration_ms(picture, index)
                    image = bgr_of(picture)
                except (EOFError, OSError, SyntaxError, ValueError):  # Pillow's, of a cut file
                    self.end_reason = EndReason.TRUNCATED
                    return
                self.frames_read = number + 1
                yield SourceFrame(number, at_ms, at_ms / 1000, image)
                at_ms += duration_ms

    def close(self) -> None:
        """Do nothing: the file is open only while frames are read."""


def _shown(picture: Any) -> range:
    """Indexes of the frames that are shown: not of a PNG's stand-in for other programs."""
    return range(1 if getattr(picture, "default_image", False) else 0, picture.n_frames)


def _duration_ms(picture: Any, index: int) -> int:
    picture.seek(index)
    picture.load()  # WebP tells a frame's duration when it is decoded
    return round(picture.info.get("duration", 0)) or _UNSTATED_MS
