"""Where a recording moves: its key frames compared as tiny grey pictures. Pure.

Each picture is compared with the one before it only, so that a slow change of light is none, and
that lights going on or off are one short change. Pixels that keep changing while nobody is there,
as a fan's or a clock's do, are learned as noise. Nothing is learned while people are seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Grey levels, of 256, that a pixel may change without noise. Chosen: in pictures this small,
#: compression and a sensor's noise stay below 2, while a person in dark clothes before a dark wall
#: is about 8.
FLOOR = 5.0

#: Multiple of its learned noise by which a pixel may change in addition to `FLOOR`. Chosen: with a
#: fan, one picture of four changes by up to twice as much as the other three.
_NOISE_FACTOR = 2.0

#: Changed pixels from which there is motion. Chosen: a person who is an eighth of the picture high
#: covers about ten, and leaves as many when moving on.
MIN_PIXELS = 4

#: Longest time between two key frames that are compared, in seconds; between others there may be
#: anything. Derived: encoders' longest usual distance (250 frames at 25 a second), with a reserve.
LONGEST_GAP_S = 10.5

#: Time that is looked at around motion, in seconds. Chosen: a lifter stands still before a pull for
#: less.
MARGIN_S = 6.0

#: Fewest changes without people from which noise is learned (chosen: lights that go on and off are
#: two of them, and must not count).
_MIN_LEARNED = 12

#: Percentile of these changes that is the noise. Chosen: what changes in one picture of four.
_NOISE_PERCENTILE = 75.0

#: Part of the noise that stays where it is not seen again. Chosen: a fan that stands still is
#: forgotten within the hour.
_KEPT = 0.8

Grey = NDArray[np.uint8]
Span = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Changes:
    """How a recording changes from key frame to key frame.

    Attributes:
        times_s: time of each key frame, rising, (n,).
        difference: grey levels by which each changes after it, float32 (n - 1, height, width).
    """

    times_s: Sequence[float]
    difference: NDArray[np.float32]

    @classmethod
    def between(cls, times_s: Sequence[float], greys: Sequence[Grey]) -> "Changes":
        """The changes from each picture to the next; a change of the whole picture's level is none.

        Args:
            times_s: time of each picture, in seconds.
            greys: the pictures, uint8 (height, width).
        """
        if len(greys) < 2:
            return cls(times_s, np.empty((0, 1, 1), np.float32))
        steps = np.diff(np.stack(greys).astype(np.float32), axis=0)
        return cls(times_s, np.abs(steps - np.median(steps, axis=(1, 2), keepdims=True)))

    def moving(self, noise: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether something moves between each key frame and the next, bool (n - 1,).

        Args:
            noise: learned noise, (height, width) or a number.
        """
        changed = self.difference > FLOOR + _NOISE_FACTOR * noise
        gaps_s = np.diff(np.asarray(self.times_s))
        return np.asarray((changed.sum((1, 2)) >= MIN_PIXELS) | (gaps_s > LONGEST_GAP_S))

    def spans(self, moving: NDArray[np.bool_], from_s: float, to_s: float) -> list[Span]:
        """The parts within two times that must be looked at, in order and apart.

        What lies before the first key frame or after the last is among them.
        """
        parts = [pair for pair, flag in zip(pairwise(self.times_s), moving, strict=True) if flag]
        if not self.times_s:
            return [(from_s, to_s)] if from_s < to_s else []
        parts += [(from_s, self.times_s[0])] if self.times_s[0] > from_s else []
        parts += [(self.times_s[-1], to_s)] if self.times_s[-1] < to_s else []
        wide = [(start_s - MARGIN_S, end_s + MARGIN_S) for start_s, end_s in parts]
        return clipped(joined(wide), from_s, to_s)

    def learned(
        self, noise: NDArray[np.float32], moving: NDArray[np.bool_], people_s: Sequence[float]
    ) -> NDArray[np.float32]:
        """The noise after this part of the recording, (height, width).

        Args:
            noise: the noise before.
            moving: what `moving` said.
            people_s: times at which people were seen.
        """
        people = np.asarray(people_s, float)
        times_s = np.asarray(self.times_s)
        near = [
            bool(((people >= start_s - MARGIN_S) & (people <= end_s + MARGIN_S)).any())
            for start_s, end_s in pairwise(times_s)
        ]
        of_nobody = ~np.array(near, bool)
        if of_nobody.sum() < _MIN_LEARNED or not moving[of_nobody].any():
            return noise
        seen = np.percentile(self.difference[of_nobody], _NOISE_PERCENTILE, axis=0)
        return np.asarray(np.maximum(_KEPT * noise, seen), np.float32)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, with those that touch made one."""
    result: list[Span] = []
    for start_s, end_s in sorted(spans):
        if result and start_s <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end_s))
        else:
            result.append((start_s, end_s))
    return result


def clipped(spans: Iterable[Span], from_s: float, to_s: float) -> list[Span]:
    """What of spans lies within two times."""
    parts = [(max(start_s, from_s), min(end_s, to_s)) for start_s, end_s in spans]
    return [part for part in parts if part[0] < part[1]]
