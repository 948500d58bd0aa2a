"""The lifter's motion in clips to train on, with the pose stage's work kept for the next time."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from services.pose.backends import Backend, TimedImage
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from services.scorer.motion.build import build_motion
from services.scorer.motion.motion import Motion
from shared.data import codec
from shared.data.job_options import ANALYSIS_SIDE_PX, CHUNK_FRAMES, SMOOTH_HZ
from shared.data.messages import FramePoses, KeypointChunk
from shared.errors import MessageError, OutputError
from shared.media.resize import shrink
from shared.media.source import open_source


def motion_in(
    clip: Path, backend: Backend, backend_name: str, cache: Path | None = None
) -> Motion | None:
    """The main lifter's cleaned motion in a clip; None where there is nobody.

    Args:
        clip: a video file.
        backend: finds people in pictures.
        backend_name: its name, part of what the cache goes by.
        cache: folder in which the people of each clip are kept, as the pose stage's own message;
            it goes by the clip's content, so renamed clips are found again. Empty it when the
            backend has changed.

    Raises:
        OutputError: the cache cannot be written.
    """
    frames = _cached(clip, backend, backend_name, cache) if cache else list(_poses(clip, backend))
    shots = find_shots(frames)
    lifters = find_lifters(frames, shots)
    if not lifters:
        return None
    people = [lifters[0].people.get(position) for position in range(len(frames))]
    time_s = np.array([frame.time_s for frame in frames])
    return build_motion(people, time_s, shots, SMOOTH_HZ)


def _cached(clip: Path, backend: Backend, backend_name: str, cache: Path) -> Sequence[FramePoses]:
    with clip.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:16]
    kept = cache / f"{digest}-{backend_name}.msgpack"
    try:
        return codec.unpack(kept.read_bytes(), KeypointChunk).frames
    except (OSError, MessageError):
        pass  # not looked at yet, or by another version
    frames = tuple(_poses(clip, backend))
    staged = kept.with_name(f".{kept.name}.partial")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(codec.pack(KeypointChunk(clip.name, 0, frames)))
        staged.replace(kept)
    except OSError as error:
        raise OutputError(f"cannot keep poses in {cache}: {error.strerror}") from error
    return frames


def _poses(clip: Path, backend: Backend) -> Iterator[FramePoses]:
    """The people of every frame of a clip, in pixels of the shrunk frame."""
    chunk: list[tuple[int, TimedImage]] = []
    with open_source(clip) as source:
        for frame in source.frames():
            small = shrink(frame.image, ANALYSIS_SIDE_PX, source.info.sample_aspect)
            chunk.append((frame.index, TimedImage(small, frame.time_s)))
            if len(chunk) == CHUNK_FRAMES:
                yield from _of_chunk(chunk, backend)
                chunk = []
    yield from _of_chunk(chunk, backend)


def _of_chunk(chunk: Sequence[tuple[int, TimedImage]], backend: Backend) -> Iterator[FramePoses]:
    nothing = np.zeros((0, 5), np.float32)
    found = backend.people([image for _, image in chunk])
    for (index, (_, time_s)), people in zip(chunk, found, strict=True):
        yield FramePoses(index, time_s, people, nothing, nothing[:, 0], 0.0)
