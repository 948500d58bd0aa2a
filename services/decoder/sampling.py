"""Which frames are looked at. Pure."""

#: With "auto", at least so many frames a second are looked at. A fast pull takes about 0.7 s
#: (0.6 m at 0.9 m/s): 20 pictures of it.
MIN_SAMPLED_FPS = 30.0

#: A rate is taken for a whole multiple of another within this share: 59.94 is twice 30.
_RATE_TOLERANCE = 0.02


def choose_every(every: int, fps: float) -> int:
    """The sampling step: `every` itself, or for 0 ("auto") the largest that keeps enough frames."""
    if every > 0:
        return every
    return max(1, int(fps / MIN_SAMPLED_FPS + _RATE_TOLERANCE))
