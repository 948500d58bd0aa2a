"""Chunks of sampled frames: a source in the form that the pose stage gets."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

from shared.data.messages import EncodedFrame
from shared.data.pictures import encode_image
from shared.media.frames import Source, SourceFrame


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive sampled frames.

    Attributes:
        number: Number of the chunk among the source's chunks, from 0.
        frames: The frames; empty for a chunk in `done`.
    """

    number: int
    frames: tuple[EncodedFrame, ...]


def chunks_of(
    source: Source,
    every: int,
    chunk_frames: int,
    longer_side_px: int,
    done: Container[int] = (),
    check: Callable[[], None] = lambda: None,
) -> Iterator[Chunk]:
    """Read a source to its end and yield its chunks in order.

    Where chunks begin depends on the source and these arguments alone.

    Args:
        source: the opened source.
        every: take every n-th frame.
        chunk_frames: frames per chunk; the last chunk may have fewer.
        longer_side_px: maximum side of the frames, which are shrunk to it.
        done: numbers of the chunks that need not be encoded.
        check: called for each frame of the source; what it raises ends the work.
    """
    info = source.info
    batch: list[EncodedFrame] = []
    sampled = 0
    for frame in source.frames():
        check()
        if frame.index % every:
            continue
        number = sampled // chunk_frames
        if number not in done:
            batch.append(encode_frame(frame, (info.width_px, info.height_px), longer_side_px))
        sampled += 1
        if sampled % chunk_frames == 0:
            yield Chunk(number, tuple(batch))
            batch = []
    if sampled % chunk_frames:
        yield Chunk(sampled // chunk_frames, tuple(batch))


def encode_frame(frame: SourceFrame, size_px: tuple[int, int], longer_side_px: int) -> EncodedFrame:
    """A frame for the pose stage.

    Args:
        frame: the frame.
        size_px: width and height of its full picture.
        longer_side_px: maximum side of the picture, which is shrunk to it.
    """
    small = frame.shrunk(longer_side_px)
    height_px, width_px = small.shape[:2]
    return EncodedFrame(
        index=frame.index,
        time_s=frame.time_s,
        image=encode_image(small),
        scale_x=size_px[0] / width_px,
        scale_y=size_px[1] / height_px,
    )
