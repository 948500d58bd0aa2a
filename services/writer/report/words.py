"""Numbers and verdicts in words, for the page. Pure."""

from collections.abc import Sequence

import numpy as np

from shared.data.analysis import FaultUnit, Lifter, Rep, Style, Summary

#: Lowest score of a good and of a fair set; scores are shrunk toward 0.6. Chosen with 27 clips of
#: lifters that the model has not seen: all 13 labelled good have 0.58 or more, and 11 of the 14
#: labelled bad have less. Those clips are therefore no independent test of it.
_GOOD, _FAIR = 0.58, 0.5

#: Lowest confidence of a fault called "very likely" and "likely"; below, it is "possible". Chosen:
#: three levels are enough for a reader.
_VERY_LIKELY, _LIKELY = 0.8, 0.6

#: What a deadlift is called, where not by its style.
_STYLES = {Style.UNKNOWN: "deadlift", Style.ROMANIAN: "Romanian deadlift"}

#: A fault's unit → decimals that are shown, and the suffix of the number.
_UNITS = {
    FaultUnit.DEGREE: (0, "°"),
    FaultUnit.SECOND: (2, " s"),
    FaultUnit.TRUNK_LENGTH: (2, " trunk lengths"),
}

#: Number of unjudged faults that counts as most of them. Derived: more than half of eleven rules.
_MOST = 6

#: Smallest loss that is reported, as a fraction of the velocity. Chosen: less is noise.
_MIN_VELOCITY_LOSS = 0.05


def format_number(value: float, digits: int = 2) -> str:
    """A number with this many decimals; a dash for NaN."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def capitalize_first(text: str) -> str:
    """A text with its first letter as a capital; the others stay as they are."""
    return text[:1].upper() + text[1:]


def format_measure(value: float, unit: FaultUnit) -> str:
    """A fault's value with its unit."""
    digits, suffix = _UNITS[unit]
    return format_number(value, digits) + suffix


def describe_limit(value: float, threshold: float, unit: FaultUnit) -> str:
    """What a fault's value should have been, as the end of a sentence."""
    shown = format_measure(threshold, unit)
    return (
        f"where at least {shown} is needed" if value < threshold else f"where the limit is {shown}"
    )


def describe_confidence(confidence: float) -> str:
    """A fault's confidence in words."""
    if confidence >= _VERY_LIKELY:
        return "very likely"
    return "likely" if confidence >= _LIKELY else "possible"


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


def grade_score(score: float) -> str:
    """A score as one of "good", "fair", "poor", or "unscored"."""
    if not np.isfinite(score):
        return "unscored"
    return "good" if score >= _GOOD else "fair" if score >= _FAIR else "poor"


def describe_exercise(summary: Summary) -> str:
    """What kind of deadlift was done."""
    return _STYLES.get(summary.style, f"{summary.style} deadlift")


def is_exercise_unsure(summary: Summary) -> bool:
    """Whether the kind of deadlift, or that it is one, is only probable."""
    of_style = 1.0 if summary.style is Style.UNKNOWN else summary.style_confidence
    return min(of_style, summary.exercise_confidence) < _VERY_LIKELY


def describe_set(lifter: Lifter) -> str:
    """One sentence about a lifter's set."""
    if not any(frame.person or frame.measured.plates for frame in lifter.frames):
        return "No lifter was found in this clip"
    if lifter.refusal:
        return capitalize_first(lifter.refusal)
    reps, failed = len(lifter.reps), _name_attempts(len(lifter.attempts))
    if not reps:
        return f"No rep, but {failed}" if failed else "No repetition was found in this clip"
    faults = len({fault.kind for fault in lifter.faults})
    counted = f"{reps} rep{'s' if reps > 1 else ''}" + (f" beside {failed}" if failed else "")
    if faults:
        return f"{counted}, and {_count_things(faults)} to work on"
    if is_hardly_judged(lifter):
        return f"{counted}; most faults could not be judged"
    if lifter.not_judged:
        return f"{counted}, and no faults found in what could be judged"
    return f"{counted}, and no faults found"


def is_hardly_judged(lifter: Lifter) -> bool:
    """Whether most faults could not be judged, so that finding none means little."""
    return sum(not one.reps for one in lifter.not_judged) >= _MOST


def group_not_judged(lifter: Lifter) -> list[tuple[str, str]]:
    """The faults that were not judged, by reason: their names; the repetitions and the reason."""
    by_reason: dict[str, list[str]] = {}
    for one in lifter.not_judged:
        where = ""
        if one.reps:
            where = f" in rep{'s' if len(one.reps) > 1 else ''} {format_ranges(one.reps)}"
        by_reason.setdefault(f"{where}, because {one.reason}", []).append(one.name)
    return [(capitalize_first(", ".join(names)), why) for why, names in by_reason.items()]


def describe_velocity_loss(reps: Sequence[Rep]) -> str:
    """How much slower the last whole repetition was than the fastest; "" if unknown."""
    velocities = [rep.mean_velocity for rep in reps if not rep.partial]
    if len(velocities) < 2 or not np.isfinite(velocities).all() or min(velocities) <= 0:
        return ""
    loss = 1 - velocities[-1] / max(velocities)
    if loss < _MIN_VELOCITY_LOSS:
        return "The last rep was as fast as the fastest."
    return f"The last rep was {100 * loss:.0f} % slower than the fastest."


def _name_attempts(count: int) -> str:
    if count < 2:
        return "one failed attempt" * count
    return f"{count} failed attempts"


def _count_things(count: int) -> str:
    words = ("no thing", "one thing", "two things", "three things", "four things", "five things")
    return words[count] if count < len(words) else f"{count} things"
