"""What is said of a set in one line: the same on the page and on the command line. Pure."""

import math
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from services.writer.report.words import (
    LIKELY,
    SURE,
    capitalize_first,
    is_hardly_judged,
    name_reps,
)
from shared.data.analysis import Lifter, Verdict

#: Kinds of faults in the order in which a lifter should work on them: that of the fault rules.
#: Others, of rules that were added, come last.
ORDER = (
    "rounded_back", "hips_shoot_up", "stiff_legged", "squatted", "bar_drifts", "bent_arms",
    "heels_lift", "incomplete_lockout", "leaning_back", "hitching", "neck_craned",
)  # fmt: skip


class Tone(StrEnum):
    """How a headline sounds, as a class of the page's style."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Headline:
    """What is said first.

    Attributes:
        tone: how it sounds.
        title: the worst that is sure, or what is known instead.
        detail: what was counted and found besides; may be empty.
    """

    tone: Tone
    title: str
    detail: str


def rank_faults(lifter: Lifter) -> list[int]:
    """Rows of the most certain fault of each kind, what to work on first in front.

    Sure faults come before likely ones, and these before others; equally sure ones are in the order
    of `ORDER`.
    """
    by_kind: dict[str, list[int]] = defaultdict(list)
    for row, fault in enumerate(lifter.faults):
        by_kind[fault.kind].append(row)

    def confidence(row: int) -> float:
        return lifter.faults[row].confidence

    def rank(row: int) -> tuple[int, int, float]:
        kind = lifter.faults[row].kind
        level = (confidence(row) < SURE) + (confidence(row) < LIKELY)
        return level, ORDER.index(kind) if kind in ORDER else len(ORDER), -confidence(row)

    return sorted((max(rows, key=confidence) for rows in by_kind.values()), key=rank)


def reps_with(lifter: Lifter, kind: str) -> list[int]:
    """Numbers of the repetitions that have a kind of fault."""
    return sorted({fault.rep for fault in lifter.faults if fault.kind == kind})


def headline_of(lifter: Lifter) -> Headline:
    """The headline of a lifter's set. It never praises over a fault that is sure or likely."""
    if lifter.refusal:
        return Headline(Tone.UNSCORED, capitalize_first(lifter.refusal), "")
    if not any(frame.person or frame.measured.plates for frame in lifter.frames):
        return Headline(Tone.UNSCORED, "Can't see anybody in this clip", "")
    if not lifter.reps:
        return _without_reps(lifter)
    ranked = rank_faults(lifter)
    if ranked and lifter.faults[ranked[0]].confidence >= LIKELY:
        first = lifter.faults[ranked[0]]
        where = name_reps(reps_with(lifter, first.kind), len(lifter.reps))
        is_sure = first.confidence >= SURE
        title = capitalize_first(f"{'' if is_sure else 'likely '}{first.name} in {where}")
        is_poor = is_sure or lifter.summary.verdict is Verdict.POOR
        return Headline(Tone.POOR if is_poor else Tone.FAIR, title, _count(lifter, ranked[1:]))
    tone, title = _judge(lifter)
    return Headline(tone, title, _count(lifter, ranked))


def _judge(lifter: Lifter) -> tuple[Tone, str]:
    """Tone and title of a set without a fault that is sure or likely."""
    summary = lifter.summary
    if summary.unscored or not math.isfinite(summary.score):
        return Tone.UNSCORED, "No score for this set"
    if summary.verdict is Verdict.GOOD:
        return Tone.GOOD, "Good set"
    if summary.verdict is Verdict.POOR:
        worst = next(iter(summary.contributions), None)
        return Tone.POOR, f"Needs work: {worst.text}" if worst else "Needs work"
    return Tone.UNSCORED, "Not enough to tell good from poor"


def _without_reps(lifter: Lifter) -> Headline:
    failed = len(lifter.attempts)
    if failed:
        title = f"No rep, but {'a failed attempt' if failed == 1 else f'{failed} failed attempts'}"
        ways = dict.fromkeys(attempt.failure.value for attempt in lifter.attempts)
        return Headline(Tone.UNSCORED, title, capitalize_first("; ".join(ways)))
    why = lifter.summary.unscored or "the bar was not seen to go from the floor to lockout"
    remedy = why.partition(": ")[2]
    return Headline(Tone.UNSCORED, "No rep in this clip", capitalize_first(remedy or why))


def _count(lifter: Lifter, rows: list[int]) -> str:
    """Repetitions, failed attempts, and the faults that the title does not name."""
    reps, failed = len(lifter.reps), len(lifter.attempts)
    parts = [f"{reps} rep{'s' if reps > 1 else ''}"]
    if failed:
        parts.append("one failed attempt" if failed == 1 else f"{failed} failed attempts")
    likely = [row for row in rows if lifter.faults[row].confidence >= LIKELY]
    unsure = [lifter.faults[row].name for row in rows if row not in likely]
    if likely:
        parts.append("also " + ", ".join(lifter.faults[row].name for row in likely))
    if unsure:
        parts.append(f"perhaps {', '.join(unsure)}")
    if not lifter.faults:
        parts.append(_without_faults(lifter))
    return ", ".join(part for part in parts if part)


def _without_faults(lifter: Lifter) -> str:
    if is_hardly_judged(lifter):
        return "most faults could not be judged"
    if lifter.summary.verdict is Verdict.POOR:
        return ""  # what lowers the score is the title
    if has_signs(lifter):
        return "no fault is certain"
    return "no fault seen" + (" in what could be judged" if lifter.not_judged else "")


def has_signs(lifter: Lifter) -> bool:
    """Whether signs of faults that are too weak to be reported lower the score."""
    return any(one.part is None for one in lifter.summary.contributions)
