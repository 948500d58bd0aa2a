"""Poses that are kept between runs, as messages of the pose stage."""

from collections.abc import Callable, Sequence
from pathlib import Path

from shared.data import codec
from shared.data.messages import FramePoses, KeypointChunk
from shared.errors import MessageError
from shared.files import replace_when_complete

TrackClip = Callable[[Path], Sequence[FramePoses]]


def keep(file: Path, make: Callable[[], Sequence[FramePoses]]) -> Sequence[FramePoses]:
    """The poses of a file; where it is missing or of another version, they are made and kept."""
    try:
        return codec.unpack(file.read_bytes(), KeypointChunk).frames
    except (OSError, MessageError):
        pass
    frames = tuple(make())
    file.parent.mkdir(parents=True, exist_ok=True)
    with replace_when_complete(file) as partial:
        partial.write_bytes(codec.pack(KeypointChunk(file.stem, 0, frames)))
    return frames
