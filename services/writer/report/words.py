"""Numbers and verdicts in words, for the page. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from shared.data.messages import Rep

#: A set is good and fair from these scores on, else poor: sets are drawn towards the usual 0.6. Of
#: 23 clips of lifters that the model has not seen, all labelled good have 0.57 or more, and eight
#: of eleven others less.
_GOOD, _FAIR = 0.57, 0.5

#: A fault's unit → decimals that are told, what stands behind the number.
_UNITS = {
    "deg": (0, "°"),
    "s": (2, " s"),
    "trunk lengths": (2, " trunk lengths"),
}

#: From so many faults on that could not be judged, it is most of them: there are eleven rules.
_MOST = 6

#: Less than this share of the velocity lost is noise.
_MIN_LOSS = 0.05


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many digits behind the point, a dash for None."""
    return "–" if value is None else f"{value:.{digits}f}"


def capitalized(text: str) -> str:
    """A text with its first letter a capital, and the others as they are."""
    return text[:1].upper() + text[1:]


def measure(value: float | None, unit: str) -> str:
    """A fault's number with its unit."""
    digits, suffix = _UNITS.get(unit, (2, f" {unit}"))
    return number(value, digits) + ("" if value is None else suffix)


def limit(value: float | None, threshold: float, unit: str) -> str:
    """What a fault's number should have been, as the end of a sentence: too low, or too high."""
    shown = measure(threshold, unit)
    is_low = value is not None and value < threshold
    return f"where at least {shown} is needed" if is_low else f"where the limit is {shown}"


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


def verdict(score: float | None) -> str:
    """A score as one of "good", "fair", "poor", or "unscored"."""
    if score is None:
        return "unscored"
    return "good" if score >= _GOOD else "fair" if score >= _FAIR else "poor"


def headline(content: dict[str, Any]) -> str:
    """One sentence about a lifter's set, from the content of `analysis.json`."""
    if not any(frame["measured"] for frame in content["frames"]):
        return "No lifter was found in this clip"
    reps = content["summary"]["reps"]
    if not reps:
        return "No repetition was found in this clip"
    faults = len({fault["kind"] for fault in content["faults"]})
    counted = f"{reps} rep{'s' if reps > 1 else ''}"
    if faults:
        return f"{counted}, and {_count(faults)} to work on"
    if is_hardly_judged(content):
        return f"{counted}; most faults could not be judged"
    if content["abstentions"]:
        return f"{counted}, and nothing wrong in what could be judged"
    return f"{counted}, and nothing to mend"


def is_hardly_judged(content: dict[str, Any]) -> bool:
    """Whether most faults could not be judged, so that finding none says little."""
    return sum(not abstention["reps"] for abstention in content["abstentions"]) >= _MOST


def not_judged(content: dict[str, Any]) -> list[tuple[str, str]]:
    """What could not be judged, by reason: the names of the faults; where, and why."""
    by_reason: dict[str, list[str]] = {}
    for abstention in content["abstentions"]:
        reps = abstention["reps"]
        where = f" in rep{'s' if len(reps) > 1 else ''} {listed(reps)}" if reps else ""
        by_reason.setdefault(f"{where}, because {abstention['why']}", []).append(abstention["name"])
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
