"""The repetition to copy, and a frame of it that shows the same moment as another. Pure."""

import math
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from services.writer.report.moments import find_moment, moment_of
from shared.data.analysis import Lifter, LifterFrame, Rep

#: Turn of the body up to which a repetition is compared with another, in degrees from side-on.
#: Chosen: that from which the view counts as front.
_MAX_TURN_DEG = 60.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame of a repetition."""

    rep: int
    frame: LifterFrame


def find_best_rep(lifter: Lifter, without: str = "") -> Rep | None:
    """The repetition with the highest score: of those without a fault, and of the whole ones first.

    Args:
        lifter: the set.
        without: a kind of fault that it should not have.
    """
    shown = [rep for rep in lifter.reps if np.isfinite([rep.start_s, rep.top_s]).all()]

    def rank(rep: Rep) -> tuple[bool, bool, int, float]:
        score = rep.score if math.isfinite(rep.score) else 0.0
        return without not in rep.faults, not rep.partial, -len(rep.faults), score

    return max(shown, key=rank, default=None)


def same_moment(
    lifter: Lifter, frames: list[LifterFrame], rep: Rep, shown: LifterFrame, without: str = ""
) -> Shown | None:
    """The same moment of the best other repetition; None where none is better.

    Args:
        lifter: the set.
        frames: those that show the lifter.
        rep: the repetition that is compared.
        shown: a frame of it.
        without: a kind of fault that the better one should not have.
    """
    main = main_shot(frames)
    among = [one for one in lifter.reps if one.index != rep.index and is_comparable(one, main)]
    best = find_best_rep(replace(lifter, reps=tuple(among)), without)
    if best is None or not _is_better(best, rep, without):
        return None
    moment = moment_of(frames, rep, shown)
    return Shown(best.index, find_moment(frames, best, moment))


def main_shot(frames: list[LifterFrame]) -> list[LifterFrame]:
    """The frames of the shot that shows the lifter longest: after a cut the view may be another."""
    shots = Counter(frame.shot for frame in frames)
    main = shots.most_common(1)[0][0]
    return [frame for frame in frames if frame.shot == main]


def is_comparable(rep: Rep, shot: list[LifterFrame]) -> bool:
    """Whether a shot shows a repetition's lockout, and the repetition not from the front."""
    if not shot[0].time_s <= rep.top_s <= shot[-1].time_s:
        return False
    end_s = rep.end_s if math.isfinite(rep.end_s) else shot[-1].time_s
    within = [frame for frame in shot if rep.start_s <= frame.time_s <= end_s]
    turns = [frame.person.turn_deg for frame in within if frame.person is not None]
    known = [turn for turn in turns if math.isfinite(turn)]
    return not known or float(np.median(known)) <= _MAX_TURN_DEG


def _is_better(one: Rep, other: Rep, without: str) -> bool:
    """Whether a repetition is one to copy: without that kind of fault, or with a higher score."""
    if without and without not in one.faults:
        return True
    return not other.score >= one.score
