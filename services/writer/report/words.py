"""Numbers and verdicts in words, for the page. Pure."""

from collections.abc import Sequence

import numpy as np

from shared.data.analysis import FaultUnit, Lifter, Rep

#: Least scores of a good and of a fair set. Of 27 clips of lifters that the model has not seen, all
#: 13 labelled good have 0.58 or more, and 11 of the 14 labelled bad have less.
_GOOD, _FAIR = 0.58, 0.5

#: A fault's unit → decimals that are told, what stands behind the number.
_UNITS = {
    FaultUnit.DEGREE: (0, "°"),
    FaultUnit.SECOND: (2, " s"),
    FaultUnit.TRUNK_LENGTH: (2, " trunk lengths"),
}

#: From so many faults on that could not be judged, it is most of them: there are eleven rules.
_MOST = 6

#: Less than this share of the velocity lost is noise.
_MIN_LOSS = 0.05


def number(value: float, digits: int = 2) -> str:
    """A number with so many digits behind the point, a dash for NaN."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def capitalized(text: str) -> str:
    """A text with its first letter a capital, and the others as they are."""
    return text[:1].upper() + text[1:]


def measure(value: float, unit: FaultUnit) -> str:
    """A fault's number with its unit."""
    digits, suffix = _UNITS[unit]
    return number(value, digits) + suffix


def limit(value: float, threshold: float, unit: FaultUnit) -> str:
    """What a fault's number should have been, as the end of a sentence: too low, or too high."""
    shown = measure(threshold, unit)
    return (
        f"where at least {shown} is needed" if value < threshold else f"where the limit is {shown}"
    )


def listed(numbers: Sequence[int]) -> str:
    """Rising numbers as they are said: three and more in a row as a range.

    >>> listed([1, 3, 4, 5, 8, 9])
    '1, 3–5, 8, 9'
    """
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(one) for one in run] for run in runs)
    return ", ".join(part for parts in said for part in parts)


def verdict(score: float) -> str:
    """A score as one of "good", "fair", "poor", or "unscored"."""
    if not np.isfinite(score):
        return "unscored"
    return "good" if score >= _GOOD else "fair" if score >= _FAIR else "poor"


def headline(lifter: Lifter) -> str:
    """One sentence about a lifter's set."""
    if not any(frame.person or frame.measured.plates for frame in lifter.frames):
        return "No lifter was found in this clip"
    reps = len(lifter.reps)
    if not reps:
        return "No repetition was found in this clip"
    faults = len({fault.kind for fault in lifter.faults})
    counted = f"{reps} rep{'s' if reps > 1 else ''}"
    if faults:
        return f"{counted}, and {_count(faults)} to work on"
    if is_hardly_judged(lifter):
        return f"{counted}; most faults could not be judged"
    if lifter.not_judged:
        return f"{counted}, and nothing wrong in what could be judged"
    return f"{counted}, and no faults found"


def is_hardly_judged(lifter: Lifter) -> bool:
    """Whether most faults could not be judged, so that finding none says little."""
    return sum(not one.reps for one in lifter.not_judged) >= _MOST


def not_judged(lifter: Lifter) -> list[tuple[str, str]]:
    """What could not be judged, by reason: the names of the faults; where, and why."""
    by_reason: dict[str, list[str]] = {}
    for one in lifter.not_judged:
        where = f" in rep{'s' if len(one.reps) > 1 else ''} {listed(one.reps)}" if one.reps else ""
        by_reason.setdefault(f"{where}, because {one.reason}", []).append(one.name)
    return [(capitalized(", ".join(names)), why) for why, names in by_reason.items()]


def speed_loss(reps: Sequence[Rep]) -> str:
    """By how much the last whole repetition was slower than the fastest, "" where not known."""
    known = [rep.mean_velocity for rep in reps if not rep.partial]
    if len(known) < 2 or not np.isfinite(known).all() or min(known) <= 0:
        return ""
    loss = 1 - known[-1] / max(known)
    if loss < _MIN_LOSS:
        return "The last rep was as fast as the fastest."
    return f"The last rep was {100 * loss:.0f} % slower than the fastest."


def _count(faults: int) -> str:
    words = ("no thing", "one thing", "two things", "three things", "four things", "five things")
    return words[faults] if faults < len(words) else f"{faults} things"
