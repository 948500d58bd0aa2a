"""Measures the lift of a training clip; caches poses."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgpack

from services.scorer.observe import ObservedLift, observe_lift, observe_lifters
from shared.data import codec
from shared.data.limits import MAX_CHUNK_FRAMES
from shared.data.messages import FramePoses, KeypointChunk
from shared.errors import MessageError
from shared.files import replace_when_complete

#: Finds the people and plates in each analysed frame of a video file. Passed in, since the pose
#: stage is a service of its own.
TrackClip = Callable[[Path], Sequence[FramePoses]]


def observe_clip(clip: Path, track_clip: TrackClip) -> ObservedLift | None:
    """Observe the main lifter's lift in a clip with the product's default options.

    Args:
        clip: a video file.
        track_clip: finds the poses in it.

    Returns:
        The lift, with the same motion and repetition boundaries that scoring sees; None if nobody
        is found.
    """
    lifters = observe_lifters(track_clip(clip))
    return observe_lift(lifters[0]) if lifters else None


def with_cache(track_clip: TrackClip, folder: Path, backend_name: str) -> TrackClip:
    """Wrap a tracking function so that the poses of each clip are computed once.

    Poses are stored as a message of the pose stage, under the hash of the clip's content: a renamed
    clip is found again. Empty the folder after a change of the backend.

    Args:
        track_clip: computes what the cache lacks.
        folder: where the poses are kept; made if missing.
        backend_name: part of the file names.

    Returns:
        A function like `track_clip`; it raises OutputError where the cache cannot be written.
    """

    def track_with_cache(clip: Path) -> Sequence[FramePoses]:
        with clip.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()[:16]
        kept = folder / f"{digest}-{backend_name}.msgpack"
        return keep_poses(kept, partial(track_clip, clip))

    return track_with_cache


def keep_poses(kept: Path, find_poses: Callable[[], Sequence[FramePoses]]) -> Sequence[FramePoses]:
    """The poses that a file keeps; where it is missing or of another version, they are computed.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        chunks = [codec.unpack(one, KeypointChunk) for one in msgpack.unpackb(kept.read_bytes())]
        return tuple(frame for chunk in chunks for frame in chunk.frames)
    except (OSError, MessageError, ValueError, TypeError):
        frames = tuple(find_poses())
    messages = [
        codec.pack(KeypointChunk("kept", at, frames[at : at + MAX_CHUNK_FRAMES]))
        for at in range(0, len(frames), MAX_CHUNK_FRAMES)
    ]
    with replace_when_complete(kept) as part:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgpack.packb(messages))
    return frames
