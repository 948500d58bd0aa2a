"""Chunks of sampled frames: a source as the pose stage gets it."""

from collections.abc import Container, Iterator
from dataclasses import dataclass

from shared.data.codec import encode_image
from shared.data.messages import EncodedFrame
from shared.media.source import Source, SourceFrame, shrunk


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive sampled frames.

    number: its place among the source's chunks, from 0. frames: empty where it was not wanted.
    """

    number: int
    frames: tuple[EncodedFrame, ...]


def chunks_of(
    source: Source,
    every: int,
    chunk_frames: int,
    longer_side_px: int,
    done: Container[int] = (),
) -> Iterator[Chunk]:
    """Read a source to its end and yield its chunks in order.

    Where chunks begin depends on the source and these arguments alone.

    Args:
        source: the opened source.
        every: each n-th frame is taken.
        chunk_frames: frames in a chunk; the last may have fewer.
        longer_side_px: of the frames, shrunk to square pixels.
        done: numbers of chunks whose frames need not be encoded.
    """
    batch: list[EncodedFrame] = []
    sampled = 0
    for frame in source.frames():
        if frame.index % every:
            continue
        number = sampled // chunk_frames
        if number not in done:
            batch.append(_encoded(frame, source, longer_side_px))
        sampled += 1
        if sampled % chunk_frames == 0:
            yield Chunk(number, tuple(batch))
            batch = []
    if sampled % chunk_frames:
        yield Chunk(sampled // chunk_frames, tuple(batch))


def _encoded(frame: SourceFrame, source: Source, longer_side_px: int) -> EncodedFrame:
    info = source.info
    small = shrunk(frame.image, longer_side_px, info.sample_aspect)
    height_px, width_px = small.shape[:2]
    return EncodedFrame(
        index=frame.index,
        time_s=frame.time_s,
        image=encode_image(small),
        scale_x=info.width_px / width_px,
        scale_y=info.height_px / height_px,
    )
