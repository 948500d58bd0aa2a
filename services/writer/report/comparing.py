"""A set beside the lifter's own earlier one. Pure."""

import math
from dataclasses import dataclass
from datetime import date

from services.writer.report.headline import rank_faults, reps_with
from services.writer.report.lengths import metres_per_unit
from services.writer.report.words import (
    describe_velocity_loss,
    format_date,
    format_score,
    name_reps,
)
from shared.data.analysis import Analysis, LengthUnit, Lifter, Summary

#: Smallest change of the mean velocity that is called one, as a fraction. Chosen: twice the change
#: below which `describe_velocity_loss` calls repetitions equally fast.
_MIN_CHANGE = 0.1


@dataclass(frozen=True, slots=True)
class Earlier:
    """The lifter's own earlier set.

    Attributes:
        analysis: its analysis.
        analysed_on: when that was made; None where unknown.
    """

    analysis: Analysis
    analysed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of both sets.

    Attributes:
        name: what is compared.
        then: what it was.
        now: what it is.
        change: the difference in words; empty for none.
    """

    name: str
    then: str
    now: str
    change: str = ""


def compare_sets(earlier: Earlier, now: Analysis, analysed_on: date | None) -> list[Row]:
    """Rows of a table that compares the main lifter of an earlier analysis with the present one."""
    then = earlier.analysis
    change = describe_change(then.summary, now.summary)
    return [
        Row("Analysed", _date(earlier.analysed_on), _date(analysed_on)),
        Row("Score", format_score(then.summary), format_score(now.summary), change),
        Row("Reps", str(len(then.reps)), str(len(now.reps))),
        Row("Mean bar speed", _speed(then), _speed(now), _speed_change(then, now)),
        Row("Last rep", _loss(then), _loss(now)),
        Row("Faults", _faults(then), _faults(now), _fault_change(then, now)),
    ]


def describe_change(then: Summary, now: Summary) -> str:
    """Whether a score is better than an earlier one: only where the intervals do not overlap."""
    if not (then.score_interval and now.score_interval):
        return ""
    if now.score_interval[0] > then.score_interval[1]:
        return "better"
    return "worse" if now.score_interval[1] < then.score_interval[0] else "no clear difference"


def _date(day: date | None) -> str:
    return format_date(day) if day else "–"


def _mean_velocity(one: Lifter) -> float:
    """Mean velocity of the whole repetitions in m/s; NaN where none is known."""
    unit_m = metres_per_unit(one)
    velocities = [unit_m * rep.mean_velocity for rep in one.reps if not rep.partial]
    known = [velocity for velocity in velocities if math.isfinite(velocity)]
    return sum(known) / len(known) if known else math.nan


def _speed(one: Lifter) -> str:
    velocity = _mean_velocity(one)
    if not math.isfinite(velocity):
        return "–"
    about = "" if one.bar.unit is LengthUnit.METRE else "about "
    return f"{about}{velocity:.2f} m/s"


def _speed_change(then: Lifter, now: Lifter) -> str:
    """Faster or slower; nothing where one has no scale, and its velocities are estimates."""
    was, velocity = _mean_velocity(then), _mean_velocity(now)
    has_scale = all(one.bar.unit is LengthUnit.METRE for one in (then, now))
    if not (has_scale and was > 0 and velocity > 0):
        return ""
    change = velocity / was - 1
    if abs(change) < _MIN_CHANGE:
        return "no clear difference"
    return "faster" if change > 0 else "slower"


def _loss(one: Lifter) -> str:
    text = describe_velocity_loss(one.reps)
    return text.removeprefix("The last rep was ").removesuffix(".") or "–"


def _faults(one: Lifter) -> str:
    faults = [one.faults[row] for row in rank_faults(one)]
    named = [f"{f.name} ({name_reps(reps_with(one, f.kind), len(one.reps))})" for f in faults]
    return "; ".join(named) or ("none seen" if one.reps else "–")


def _fault_change(then: Lifter, now: Lifter) -> str:
    """Which faults are gone and which are new; a kind that was not judged is neither."""
    names = {fault.kind: fault.name for fault in (*then.faults, *now.faults)}
    was, present = ({fault.kind for fault in one.faults} for one in (then, now))
    unknown = [{one.kind for one in lifter.not_judged if not one.reps} for lifter in (then, now)]
    gone = [names[kind] for kind in names if kind in was - present - unknown[1]]
    new = [names[kind] for kind in names if kind in present - was - unknown[0]]
    parts = [f"gone: {', '.join(gone)}"] * bool(gone and now.reps)
    parts += [f"new: {', '.join(new)}"] * bool(new and then.reps)
    return "; ".join(parts)
