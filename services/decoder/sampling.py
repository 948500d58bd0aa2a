"""Chooses which frames are analysed. Pure."""

from shared.data.job_options import AUTO
from shared.errors import UsageError

#: Lowest sampling rate chosen by "auto", in frames per second. A fast pull takes about 0.7 s (0.6 m
#: at 0.9 m/s), and gets 20 frames at this rate.
MIN_SAMPLED_FPS = 30.0

#: Tolerance within which a frame rate counts as a multiple of `MIN_SAMPLED_FPS`, as a fraction of
#: it: 59.94 counts as twice 30.
_RATE_TOLERANCE = 0.02


#: Frames of a clip below which each is looked at. Chosen: two seconds at 30 a second; there is
#: little to save, and a lift cut short needs every look.
_SHORT_CLIP = 60


def is_adaptive(every: int, frames: int) -> bool:
    """Whether people are looked for only where their motion asks for it.

    Args:
        every: the step asked for.
        frames: number of frames that the source states; 0 if unknown.
    """
    return every == AUTO and not 0 < frames < _SHORT_CLIP


def choose_every(every: int, fps: float) -> int:
    """Choose the sampling step.

    Args:
        every: the step asked for; `AUTO` chooses.
        fps: frame rate of the source, 1/s.

    Returns:
        `every` if it is not `AUTO`, else the largest step that keeps `MIN_SAMPLED_FPS`.

    Raises:
        UsageError: `every` is negative.
    """
    if every < 0:
        raise UsageError(f"every is a whole number from 1 on, or 0 for auto, not {every}")
    if every != AUTO:
        return every
    return max(1, int(fps / MIN_SAMPLED_FPS + _RATE_TOLERANCE))
