"""Numbers, confidences and scores in words, for the page and the command line. Pure."""

import math
from collections.abc import Sequence
from datetime import date

from shared.data.analysis import (
    Analysis,
    FaultUnit,
    Lifter,
    Partial,
    Rep,
    Style,
    Summary,
    Verdict,
)
from shared.data.anthropometry import USUAL_TRUNK_M

#: Lowest confidence of a fault called "sure" and "likely"; below, it is "not sure". Chosen: three
#: levels are enough for a reader.
SURE, LIKELY = 0.8, 0.6

#: What a deadlift is called, where not by its style.
_STYLES = {Style.UNKNOWN: "deadlift", Style.ROMANIAN: "Romanian deadlift"}

#: What a partial repetition is called.
_PARTIAL = {
    Partial.NO_START: "the film begins after it started",
    Partial.NO_END: "cut off by the end of the film",
}

#: Number of unjudged faults that counts as most of them. Derived: more than half of eleven rules.
_MOST = 6

#: Smallest loss that is reported, as a fraction of the velocity. Chosen: less is noise.
_MIN_VELOCITY_LOSS = 0.05

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def format_number(value: float, digits: int = 2) -> str:
    """A number with this many decimals; a dash for NaN."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "–"


def format_date(day: date) -> str:
    """A day as people write it, in the same words on every machine.

    >>> format_date(date(2026, 11, 27))
    '27 November 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def format_clock(time_s: float) -> str:
    """A time in a recording as a player shows it.

    >>> format_clock(755.9)
    '0:12:35'
    """
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def capitalize_first(text: str) -> str:
    """A text with its first letter as a capital; the others stay as they are."""
    return text[:1].upper() + text[1:]


def format_measure(value: float, unit: FaultUnit | None, trunk_m: float = USUAL_TRUNK_M) -> str:
    """A measured value with its unit; lengths in centimetres, which are never exact."""
    if unit is FaultUnit.TRUNK_LENGTH:
        return f"about {format_number(100 * trunk_m * value, 0)} cm"
    if unit is FaultUnit.SECOND:
        return f"{format_number(value)} s"
    return f"{format_number(value, 0)}{'°' if unit is FaultUnit.DEGREE else ''}"


def describe_limit(
    value: float, threshold: float, unit: FaultUnit, trunk_m: float = USUAL_TRUNK_M
) -> str:
    """What a fault's value should have been, as the end of a sentence."""
    shown = format_measure(threshold, unit, trunk_m)
    return (
        f"where at least {shown} is needed" if value < threshold else f"where {shown} is the limit"
    )


def describe_confidence(confidence: float) -> str:
    """A fault's confidence in words."""
    if confidence >= SURE:
        return "sure"
    return "likely" if confidence >= LIKELY else "not sure"


def format_score(one: Summary | Rep) -> str:
    """A score with its interval; a dash for none.

    >>> format_score(summary)
    '0.82 (0.70–0.90)'
    """
    if one.score_interval is None or not math.isfinite(one.score):
        return format_number(one.score)
    low, high = one.score_interval
    return f"{format_number(one.score)} ({format_number(low)}–{format_number(high)})"


def describe_frames(analysis: Analysis) -> str:
    """Which frames were analysed, and in how many of them the lifter was looked for."""
    every = analysis.pose.every
    analysed = "every frame analysed" if every == 1 else f"one frame in {every} analysed"
    seen = [frame.person for frame in analysis.frames if frame.person is not None]
    looks = sum(not person.is_interpolated for person in seen)
    if looks == len(seen):
        return analysed
    return f"{analysed}; you were looked for in {looks} of {len(seen)}, and placed between these"


def count_coaches(one: Summary | Rep) -> str:
    """A score as how many of ten coaches would call it good; "" without a score."""
    if not math.isfinite(one.score):
        return ""
    of_ten = round(10 * one.score)
    said = {0: "Hardly any coach", 1: "1 of 10 coaches", 10: "Nearly every coach"}
    text = f"{said.get(of_ten, f'{of_ten} of 10 coaches')} would call this good"
    low, high = (round(10 * end) for end in one.score_interval or (one.score, one.score))
    return text if low == high else f"{text}; it may be {low} to {high}"


def is_called(one: Rep, verdict: str) -> bool:
    """Whether a repetition may be called this: never good where it has a fault."""
    return one.verdict == verdict and not (verdict == Verdict.GOOD and one.faults)


def format_ranges(numbers: Sequence[int]) -> str:
    """Rising numbers as a list, with three or more consecutive ones as a range.

    >>> format_ranges([1, 3, 4, 5, 8, 9])
    '1, 3–5, 8, 9'
    """
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    parts = ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(one) for one in run] for run in runs)
    return ", ".join(part for of_run in parts for part in of_run)


def name_reps(numbers: Sequence[int], count: int) -> str:
    """Some of a set's repetitions: "every rep", "rep 2", "reps 1, 3–5"."""
    if len(numbers) == count > 1:
        return "every rep"
    return f"rep{'s' if len(numbers) > 1 else ''} {format_ranges(numbers)}"


def describe_partial(partial: Partial) -> str:
    """What the clip does not show of a repetition; "" for a whole one."""
    return _PARTIAL.get(partial, "")


def describe_exercise(summary: Summary) -> str:
    """What kind of deadlift was done."""
    return _STYLES.get(summary.style, f"{summary.style} deadlift")


def is_exercise_unsure(summary: Summary) -> bool:
    """Whether the kind of deadlift, or that it is one, is only probable."""
    of_style = 1.0 if summary.style is Style.UNKNOWN else summary.style_confidence
    return min(of_style, summary.exercise_confidence) < SURE


def is_hardly_judged(lifter: Lifter) -> bool:
    """Whether most faults could not be judged, so that finding none means little."""
    return sum(not one.reps for one in lifter.not_judged) >= _MOST


def group_not_judged(lifter: Lifter) -> list[tuple[str, str]]:
    """The faults that were not judged, by reason: their names; the repetitions and the reason."""
    by_reason: dict[str, list[str]] = {}
    for one in lifter.not_judged:
        where = f" in rep{'s' * (len(one.reps) > 1)} {format_ranges(one.reps)}" if one.reps else ""
        by_reason.setdefault(f"{where}: {one.reason}", []).append(one.name)
    return [(capitalize_first(", ".join(names)), why) for why, names in by_reason.items()]


def describe_velocity_loss(reps: Sequence[Rep]) -> str:
    """How much slower the last whole repetition was than the fastest; "" if unknown."""
    velocities = [rep.mean_velocity for rep in reps if not rep.partial]
    if len(velocities) < 2 or not all(velocity > 0 for velocity in velocities):
        return ""
    loss = 1 - velocities[-1] / max(velocities)
    if loss < _MIN_VELOCITY_LOSS:
        return "The last rep was as fast as the fastest."
    return f"The last rep was {100 * loss:.0f} % slower than the fastest."
