"""When each part of a rendered set happens: waiting, pulling, standing, lowering, walking. Pure."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Durations of the parts of a rep, seconds: waiting on the floor, pulling, standing, lowering.
_WAIT_S, _PULL_S, _STAND_S, _LOWER_S = 0.7, 1.2, 0.6, 1.3

#: Durations of walking up to the bar (or away), and of bending down to it (or rising), seconds.
_WALK_S, _BEND_S = 2.0, 1.1

#: Maximum deviation of a rep's durations from the usual, as a fraction: reps of a set differ.
_UNEVENNESS = 0.06

#: Speed below which the bar hitches, as a fraction of the rep's mean speed; and where on the way
#: up, as a fraction of it.
_HITCH_SPEED, _HITCH_AT = 0.15, 0.5


@dataclass(frozen=True)
class RepTimes:
    """Boundaries of a rep in seconds of the clip; NaN where the clip does not show them.

    Attributes:
        start_s: The bar leaves the floor.
        top_s: Lockout is reached.
        lower_s: Lowering begins.
        end_s: The bar is back down.
    """

    start_s: float
    top_s: float
    lower_s: float
    end_s: float


@dataclass(frozen=True)
class Timing:
    """The clock of a set.

    Attributes:
        reps: Number of repetitions.
        tempo: Duration of every part, relative to the usual.
        delay_s: Waiting before the first rep.
        hitch_s: Duration of the hitch in mid-pull.
        walk_in: As in `settings.Lift`.
        partial: As in `settings.Lift`.
        fails_at: As in `settings.Lift`.
    """

    reps: int
    tempo: float = 1.0
    delay_s: float = 0.0
    hitch_s: float = 0.0
    walk_in: bool = False
    partial: str = ""
    fails_at: float = 1.0

    @cached_property
    def whole_reps(self) -> tuple[RepTimes, ...]:
        """All reps, in seconds from the beginning of the uncut clip."""
        reps, time_s = [], self._lead_s + self.delay_s
        for number in range(self.reps):
            pace = self.tempo * (1 + _UNEVENNESS * float(np.sin(2.4 * number)))
            start = time_s + _WAIT_S * pace
            top = start + _PULL_S * pace + self._hold_s(_PULL_S * pace)
            lower = top + _STAND_S * pace
            time_s = lower + _LOWER_S * pace
            reps.append(RepTimes(start, top, lower, time_s))
        return tuple(reps)

    @cached_property
    def cut_s(self) -> tuple[float, float]:
        """Begin and end of the clip, in the same seconds."""
        first, last = self.whole_reps[0], self.whole_reps[-1]
        begin, end = 0.0, last.end_s + _WAIT_S * self.tempo + self._lead_s
        if self.partial == "start":
            begin = (first.start_s + first.top_s) / 2
        elif self.partial == "end":
            end = (last.start_s + last.top_s) / 2
        return begin, end

    def reps_s(self) -> list[RepTimes]:
        """All locked-out reps that the clip shows at least in part, in seconds of the clip."""
        begin, end = self.cut_s

        def shown(time_s: float) -> float:
            return time_s - begin if begin <= time_s <= end else float("nan")

        return [
            RepTimes(*(shown(t) for t in (rep.start_s, rep.top_s, rep.lower_s, rep.end_s)))
            for rep in self._locked_out
        ]

    def bar_progress(self, time_s: F64) -> F64:
        """Fraction of the bar's way up at times of the clip, (n,): 0 on the floor, 1 at lockout.

        Pull and lowering follow minimum-jerk profiles (Flash & Hogan 1985); a hitch divides the
        pull into two of them.
        """
        t, progress = np.asarray(time_s, float) + self.cut_s[0], np.zeros(np.shape(time_s))
        for rep in self.whole_reps:
            up, down = self._pulled(t, rep), minimum_jerk((t - rep.lower_s) / _span(rep))
            way = 1.0 if rep in self._locked_out else self.fails_at
            progress = np.where((t > rep.start_s) & (t < rep.end_s), way * (up - down), progress)
        return progress

    def phases(self, time_s: F64) -> list[str]:
        """Phase at each time, as in `shared.data.analysis.Phase`."""
        t = np.asarray(time_s, float) + self.cut_s[0]
        names = np.full(t.shape, "rest", dtype="<U7")
        names[(t < self.whole_reps[0].start_s) & (t >= self._lead_s)] = "setup"
        for rep in self._locked_out:
            for name, begin, end in (
                ("pull", rep.start_s, rep.top_s),
                ("lockout", rep.top_s, rep.lower_s),
                ("lower", rep.lower_s, rep.end_s),
            ):
                names[(t >= begin) & (t < end)] = name
        return [str(name) for name in names]

    def bent_fraction(self, time_s: F64) -> F64:
        """Fraction of the way from standing upright (0) down to the bar (1), (n,)."""
        return 1 - minimum_jerk((self._outside_s(time_s) + _BEND_S) / _BEND_S)

    def away_s(self, time_s: F64) -> F64:
        """Seconds until the lifter is at the bar, or since they left it, (n,); 0 while there."""
        return np.maximum(self._outside_s(time_s), 0.0)

    @property
    def _locked_out(self) -> tuple[RepTimes, ...]:
        return self.whole_reps if self.fails_at == 1 else self.whole_reps[:-1]

    @property
    def _lead_s(self) -> float:
        return _WALK_S + _BEND_S if self.walk_in else 0.0

    def _outside_s(self, time_s: F64) -> F64:
        """Seconds before arriving upright at the bar or after leaving it; at least -_BEND_S."""
        if not self.walk_in:
            return np.full(np.shape(time_s), -_BEND_S)
        t = np.asarray(time_s, float) + self.cut_s[0]
        leaves_s = self.whole_reps[-1].end_s + _WAIT_S * self.tempo + _BEND_S
        return np.maximum(np.maximum(_WALK_S - t, t - leaves_s), -_BEND_S)

    def _pulled(self, t: F64, rep: RepTimes) -> F64:
        hold = self._hold_s(_PULL_S * (rep.lower_s - rep.top_s) / _STAND_S)
        moving = rep.top_s - rep.start_s - hold
        if self.hitch_s <= 0:
            return minimum_jerk((t - rep.start_s) / moving)
        half = moving / 2
        first = minimum_jerk((t - rep.start_s) / half)
        second = minimum_jerk((t - rep.start_s - half - hold) / half)
        return _HITCH_AT * first + (1 - _HITCH_AT) * second

    def _hold_s(self, pull_s: float) -> float:
        """Seconds for which the bar stands still, so that it is too slow for `hitch_s` in all.

        Each half moves at 30 u² (1 - u)² / pull_s, u being the fraction of its time; the mean speed
        is 1 / (pull_s + hold). Found by bisection.
        """
        low, high = 0.0, self.hitch_s
        for _ in range(40):
            hold = (low + high) / 2
            root = np.sqrt(_HITCH_SPEED / 30 * pull_s / (pull_s + hold))
            slow = hold + pull_s * (1 - np.sqrt(1 - 4 * root)) / 2
            low, high = (hold, high) if slow < self.hitch_s else (low, hold)
        return float(low)


def minimum_jerk(progress: F64 | float) -> F64:
    """From 0 to 1, starting and ending at rest; (…) → (…)."""
    p = np.clip(progress, 0.0, 1.0)
    return np.asarray(p**3 * (10 - 15 * p + 6 * p**2))


def _span(rep: RepTimes) -> float:
    return rep.end_s - rep.lower_s
