"""What a lifter should do first, why, and the two frames that show it. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from services.writer.report.best_rep import Shown, is_comparable, main_shot, same_moment
from services.writer.report.cues import cue_for
from services.writer.report.deviation import Amount, off_of_fault
from services.writer.report.headline import rank_faults, reps_with
from services.writer.report.lengths import estimate_trunk_m
from services.writer.report.moments import find_part
from services.writer.report.words import (
    LIKELY,
    capitalize_first,
    describe_confidence,
    describe_limit,
    format_measure,
    name_reps,
)
from shared.data.analysis import (
    Contribution,
    Fault,
    FaultUnit,
    Lifter,
    LifterFrame,
    Verdict,
)

#: Smallest effect of a contribution that is worth a cue, in log odds. Derived: less moves a score
#: by 0.025 or less, which is within every interval.
_MIN_EFFECT = 0.1


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do first.

    Attributes:
        title: heading above it.
        cue: what to do.
        why: what was found.
        how_sure: how certain that is.
        kind: kind of the fault; empty where it is none.
        amount: how far it is off.
        worst: the worst moment; None where no frame shows it.
        best: the same moment of the best repetition; None where there is no better one.
    """

    title: str
    cue: str
    why: str
    how_sure: str
    kind: str
    amount: Amount
    worst: Shown | None
    best: Shown | None


def advise(lifter: Lifter) -> Advice | None:
    """What to do first: about the worst fault, else about what lowers the score most."""
    frames = [frame for frame in lifter.frames if np.isfinite(frame.xy_px).any()]
    if not (lifter.reps and frames):
        return None
    ranked = rank_faults(lifter)
    if ranked:
        return _about_fault(lifter, frames, lifter.faults[ranked[0]])
    worst = _worst_contribution(lifter)
    return None if worst is None else _about_contribution(lifter, frames, worst)


def _worst_contribution(lifter: Lifter) -> Contribution | None:
    """What lowers the score most; weak signs of faults only where a set is not good and no more."""
    summary = lifter.summary
    if summary.unscored:
        return None
    strong = [one for one in summary.contributions if one.effect <= -_MIN_EFFECT]
    placed = [one for one in strong if one.part is not None]
    return next(iter(placed if placed or summary.verdict is Verdict.GOOD else strong), None)


def amount_of_fault(lifter: Lifter, fault: Fault) -> Amount:
    """How far a fault is off, for its drawing."""
    off = off_of_fault(fault.kind, fault.value, fault.threshold)
    text = format_measure(abs(off), fault.unit, estimate_trunk_m(lifter))
    if fault.unit is FaultUnit.SECOND or not math.isfinite(off):
        text = ""
    return Amount(fault.kind, off, text, lifter.summary.facing, lifter.summary.trunk_length_px)


def explain_fault(lifter: Lifter, fault: Fault) -> str:
    """What was found, where, and what is allowed."""
    reps = reps_with(lifter, fault.kind)
    where = name_reps(reps, len(lifter.reps))
    text = f"{capitalize_first(fault.name)} in {where}"
    if not math.isfinite(fault.value):
        return f"{text}."
    trunk_m = estimate_trunk_m(lifter)
    shown = format_measure(fault.value, fault.unit, trunk_m)
    if len(reps) > 1:
        shown += f" in rep {fault.rep}"
    return f"{text}: {shown}, {describe_limit(fault.value, fault.threshold, fault.unit, trunk_m)}."


def _about_fault(lifter: Lifter, frames: list[LifterFrame], fault: Fault) -> Advice:
    rep = lifter.reps[fault.rep - 1]
    worst = min(frames, key=lambda frame: abs(frame.index - fault.shown_at))
    found, count = len(reps_with(lifter, fault.kind)), len(lifter.reps)
    seen = f"seen in {found} of {count} reps" if count > 1 else "the set has one rep"
    return Advice(
        title="Do this first" if fault.confidence >= LIKELY else "Worth a look",
        cue=fault.cue,
        why=explain_fault(lifter, fault),
        how_sure=f"{capitalize_first(describe_confidence(fault.confidence))}: {seen}.",
        kind=fault.kind,
        amount=amount_of_fault(lifter, fault),
        worst=Shown(rep.index, worst),
        best=same_moment(lifter, frames, rep, worst, fault.kind),
    )


def _about_contribution(lifter: Lifter, frames: list[LifterFrame], worst: Contribution) -> Advice:
    """About what lowers the score most, shown in the repetition that it lowers most."""
    main = main_shot(frames)
    found = [
        (not is_comparable(rep, main), one.effect, rep, one)
        for rep in lifter.reps
        for one in rep.contributions
        if (one.name, one.part) == (worst.name, worst.part)
    ]
    *_, rep, one = min(found, key=lambda item: item[:2], default=(True, 0.0, None, worst))
    off = one.value - one.usual
    trunk_m = estimate_trunk_m(lifter)
    text = format_measure(abs(off), one.unit, trunk_m) if math.isfinite(off) and one.unit else ""
    is_good = lifter.summary.verdict is Verdict.GOOD
    shown = None if rep is None or one.part is None else find_part(frames, rep, one.part)
    return Advice(
        title="To make it better still" if is_good else "Do this first",
        cue=cue_for(worst.name, worst.text),
        why=f"{capitalize_first(worst.text)}, compared with lifts that coaches call good"
        + (f"; most in rep {rep.index}{text and f', {text}'}." if rep and len(found) > 1 else "."),
        how_sure=_sureness(lifter),
        kind="",
        amount=Amount(worst.name, off, text, lifter.summary.facing, lifter.summary.trunk_length_px),
        worst=Shown(rep.index, shown) if rep and shown else None,
        best=same_moment(lifter, frames, rep, shown) if rep and shown else None,
    )


def _sureness(lifter: Lifter) -> str:
    """How sure what lowers a score is: as sure as the score."""
    verdict = lifter.summary.verdict
    if verdict is Verdict.POOR:
        return "Likely: the score is clearly low."
    if verdict is Verdict.GOOD:
        return "A detail: the set is good without it."
    return "Not sure: the score is too uncertain to tell good from poor."
