"""Reads from the clip of a set what its lifter looks like."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.writer.clothes import clothes_in
from services.writer.lifters import Looks
from shared.data.analysis import Lifter
from shared.data.skeleton import F32
from shared.media.limits import SourceLimits
from shared.media.source import open_source

#: Pictures of a set in which clothes are looked at, and the time within which they lie, in seconds.
#: Chosen: standing and bent several times, at half a second of decoding for 720p.
_PICTURES, _WITHIN_S = 12, 30.0

#: Maximum side of these pictures in px. Chosen: a lifter's arm is still some pixels wide.
_SIDE_PX = 640


def looks_of(lifter: Lifter, clip: Path, limits: SourceLimits, check: Callable[[], None]) -> Looks:
    """What a set's lifter looks like.

    Args:
        lifter: the set's lifter.
        clip: the set's clip.
        limits: where it may lie.
        check: called for each frame; what it raises ends the work.

    Raises:
        SourceError: the clip cannot be read.
    """
    joints = {
        frame.index: frame.measured.person.xy_px
        for frame in lifter.frames
        if frame.measured.person is not None and frame.time_s < _WITHIN_S
    }
    indices = sorted(joints)
    rows = np.linspace(0, len(indices) - 1, min(_PICTURES, len(indices))).astype(int)
    wanted = {indices[row]: joints[indices[row]] for row in rows}
    clothes = clothes_in(_pictures(clip, wanted, limits, check))
    return Looks(clothes, lifter.summary.trunk_length_px)


def _pictures(
    clip: Path, joints: dict[int, F32], limits: SourceLimits, check: Callable[[], None]
) -> Iterator[tuple[NDArray[np.uint8], F32]]:
    """Frames of a clip, shrunk, and the joints in their pixels."""
    last = max(joints, default=-1)
    if last < 0:
        return
    with open_source(clip, limits) as source:
        for frame in source.frames():
            check()
            if frame.index in joints:
                small = frame.shrunk(_SIDE_PX)
                size_px = np.array([source.info.width_px, source.info.height_px], np.float32)
                scale = np.array(small.shape[1::-1], np.float32) / size_px
                yield small, joints[frame.index] * scale
            if frame.index >= last:
                return
