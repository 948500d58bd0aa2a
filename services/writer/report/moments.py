"""Finds the same moment in another repetition: the bar is at the same height. Pure."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from shared.data.analysis import LifterFrame, LiftPart, Phase, Rep


class Way(StrEnum):
    """Where in a repetition a moment is."""

    BEFORE = "before"
    UP = "up"
    TOP = "top"
    DOWN = "down"


class Moment(NamedTuple):
    """A moment of a repetition.

    Attributes:
        way: where in the repetition it is.
        amount: on the way up and down, how far the bar is up, 0 (floor) to 1 (lockout); before the
            start, the time until then in seconds; at the top, 0.
    """

    way: Way
    amount: float


#: Part of a repetition → the moment that shows it: where the scorer gives the part its full weight
#: (`services.scorer.score.lift_parts`); of the last part, which reaches to the floor, its middle.
_OF_PART = {
    LiftPart.START: Moment(Way.BEFORE, 0.0),
    LiftPart.PULL_LOW: Moment(Way.UP, 1 / 3),
    LiftPart.PULL_HIGH: Moment(Way.UP, 2 / 3),
    LiftPart.LOCKOUT: Moment(Way.TOP, 0.0),
    LiftPart.LOWERING_HIGH: Moment(Way.DOWN, 2 / 3),
    LiftPart.LOWERING_LOW: Moment(Way.DOWN, 1 / 6),
}


def find_nearest_frame(frames: Sequence[LifterFrame], time_s: float) -> LifterFrame:
    """The frame nearest to a time."""
    return min(frames, key=lambda frame: abs(frame.time_s - time_s))


def moment_of(frames: Sequence[LifterFrame], rep: Rep, frame: LifterFrame) -> Moment:
    """Where in a repetition a frame is. `frames` are those that show the lifter."""
    start_s, top_s, _ = _bounds(frames, rep)
    if frame.time_s <= start_s:
        return Moment(Way.BEFORE, start_s - frame.time_s)
    if frame.phase is Phase.LOCKOUT:
        return Moment(Way.TOP, 0.0)
    way = Way.UP if frame.time_s <= top_s else Way.DOWN
    return Moment(way, _progress_in(frames, rep)(frame))


def find_moment(frames: Sequence[LifterFrame], rep: Rep, moment: Moment) -> LifterFrame:
    """The frame of a repetition that is nearest to a moment."""
    start_s, top_s, end_s = _bounds(frames, rep)
    if moment.way is Way.BEFORE:
        return find_nearest_frame(frames, start_s - moment.amount)
    within = [frame for frame in frames if start_s <= frame.time_s <= end_s]
    if moment.way is Way.TOP:
        top = [frame for frame in within if frame.phase is Phase.LOCKOUT]
        return top[len(top) // 2] if top else find_nearest_frame(frames, top_s)
    on_way = [frame for frame in within if (frame.time_s <= top_s) == (moment.way is Way.UP)]
    on_way = [frame for frame in on_way if frame.phase is not Phase.LOCKOUT] or on_way
    if not on_way:
        return find_nearest_frame(frames, top_s)
    progress_of = _progress_in(frames, rep)
    return min(on_way, key=lambda frame: abs(progress_of(frame) - moment.amount))


def find_part(frames: Sequence[LifterFrame], rep: Rep, part: LiftPart) -> LifterFrame:
    """The frame in the middle of a part of a repetition."""
    return find_moment(frames, rep, _OF_PART[part])


def _bounds(frames: Sequence[LifterFrame], rep: Rep) -> tuple[float, float, float]:
    """Start, lockout and end of a repetition; where one is unknown, a time that the clip shows."""
    start_s = rep.start_s if np.isfinite(rep.start_s) else frames[0].time_s
    end_s = rep.end_s if np.isfinite(rep.end_s) else frames[-1].time_s
    top_s = rep.top_s if np.isfinite(rep.top_s) else end_s
    return start_s, top_s, end_s


def _progress_in(frames: Sequence[LifterFrame], rep: Rep) -> Callable[[LifterFrame], float]:
    """How far the bar is up in a frame, 0 to 1: by its height, or by the time where unknown."""
    start_s, top_s, end_s = _bounds(frames, rep)
    low, high = (find_nearest_frame(frames, time_s).bar_px[1] for time_s in (start_s, top_s))

    def progress_of(frame: LifterFrame) -> float:
        progress = (low - frame.bar_px[1]) / (low - high) if low > high else np.nan
        if np.isfinite(progress):
            return float(progress)
        if frame.time_s <= top_s:
            return (frame.time_s - start_s) / max(top_s - start_s, 1e-6)
        return (end_s - frame.time_s) / max(end_s - top_s, 1e-6)

    return progress_of
