"""The faults of a set: one rule a file, each judging one repetition. Pure."""

import numpy as np

from services.scorer.faults import (
    bar_drifts,
    bent_arms,
    heels_lift,
    hips_shoot_up,
    hitching,
    incomplete_lockout,
    leaning_back,
    neck_craned,
    rounded_back,
    squatted,
    stiff_legged,
)
from services.scorer.faults.rule import Finding, OneRep, Rule, not_from_here
from services.scorer.motion.motion import Motion
from services.scorer.observe import ObservedLift
from shared.data.analysis import Fault, NotJudged

__all__ = ["RULES", "judge"]

#: All rules, in the order in which a lifter should mend: the back first.
RULES: tuple[Rule, ...] = (
    rounded_back,
    hips_shoot_up,
    stiff_legged,
    squatted,
    bar_drifts,
    bent_arms,
    heels_lift,
    incomplete_lockout,
    leaning_back,
    hitching,
    neck_craned,
)

#: A fault that is less sure is not told: more would be noise than faults.
MIN_CONFIDENCE = 0.35

_TOO_UNSURE = "possible, but not certain enough to report"

#: Confidence of a value just beyond its threshold.
_AT_THRESHOLD = 0.5

#: Of the reps, this share and more show a fault that is a habit and no slip of the measurement;
#: one in many reps is worth this factor.
HABIT_FRACTION, SINGLE_REP_FACTOR = 0.5, 0.4

#: Joints of the second confidence are as good as any, those of the first are guesses: BlazePose is
#: 0.95 sure of what it sees, and 0.5 to 0.75 of wrists behind plates, which it misplaces. A guess
#: must be beyond the threshold by so much more of the rule's scale.
GUESSED_CONFIDENCE, SURE_CONFIDENCE, GUESSED_JOINT_PENALTY = 0.5, 0.9, 0.3

#: What an oblique view at `geometry.MAX_TURN_DEG` takes from the confidence.
_OBLIQUE_LOSS = 0.25


def judge(
    lift: ObservedLift,
) -> tuple[tuple[Fault, ...], tuple[NotJudged, ...]]:
    """Judge all reps of a set by all rules.

    Returns:
        the faults, by rep and then in the order of `RULES`, `shown_at` being a row of the motion;
        and what each rule could not judge, or saw too unsurely to tell.
    """
    faults: list[Fault] = []
    not_judged: list[NotJudged] = []
    for rule in RULES:
        found, silent = _judge_by(rule, lift)
        faults += found
        not_judged += silent
    return tuple(sorted(faults, key=lambda fault: fault.rep)), tuple(not_judged)


def _judge_by(rule: Rule, lift: ObservedLift) -> tuple[list[Fault], list[NotJudged]]:
    """Faults by one rule, and why it tells nothing of some reps, or of any."""
    why = not_from_here(lift.motion, rule.VIEWS) if lift.reps else "there is no repetition"
    if why:
        return [], [NotJudged(rule.KIND, rule.NAME, why)]
    looked = [_look(rule, OneRep(lift, span)) for span in lift.reps]
    findings = [(n, one) for n, one in enumerate(looked, 1) if isinstance(one, Finding)]
    beyond = [(n, finding) for n, finding in findings if finding.margin > 0]
    share = len(beyond) / max(len(findings), 1)
    faults, silent = [], {n: one for n, one in enumerate(looked, 1) if isinstance(one, str)}
    for n, finding in beyond:
        sure = _confidence(finding, share, lift.motion)
        if sure >= MIN_CONFIDENCE:
            faults.append(_fault(rule, n, finding, sure, lift.motion))
        else:
            silent[n] = _TOO_UNSURE
    return faults, _listed_reasons(rule, silent, len(looked))


def _look(rule: Rule, rep: OneRep) -> Finding | str:
    if not rep.motion.main[rep.span.top]:
        return "it is in another shot, seen from elsewhere"
    return rule.judge(rep)


def _listed_reasons(rule: Rule, silent: dict[int, str], count: int) -> list[NotJudged]:
    """Each reason once, with the reps that it holds for where those are not all `count`."""
    reasons: dict[str, list[int]] = {}
    for rep, why in sorted(silent.items()):
        reasons.setdefault(why, []).append(rep)
    return [
        NotJudged(rule.KIND, rule.NAME, why, tuple(reps) if len(reps) < count else ())
        for why, reps in reasons.items()
    ]


def _confidence(finding: Finding, share: float, motion: Motion) -> float:
    """How sure a fault is, 0..1: its margin, the joints, the view and how often it is found."""
    joints = float(
        np.clip(
            (finding.confidence - GUESSED_CONFIDENCE) / (SURE_CONFIDENCE - GUESSED_CONFIDENCE), 0, 1
        )
    )
    beyond = finding.margin - GUESSED_JOINT_PENALTY * (1 - joints)
    if beyond <= 0:
        return 0.0
    margin = _AT_THRESHOLD + (1 - _AT_THRESHOLD) * min(1.0, beyond)
    turn = np.radians(motion.turn_deg)
    view = 1 - _OBLIQUE_LOSS * (1 - float(np.cos(turn))) / 0.36
    habit = SINGLE_REP_FACTOR + (1 - SINGLE_REP_FACTOR) * min(1.0, share / HABIT_FRACTION)
    return float(np.clip(margin * view * habit, 0, 1))


def _fault(rule: Rule, rep: int, finding: Finding, confidence: float, motion: Motion) -> Fault:
    time_s = motion.time_s
    return Fault(
        kind=rule.KIND,
        name=rule.NAME,
        rep=rep,
        from_s=float(time_s[finding.rows[0]]),
        to_s=float(time_s[finding.rows[-1]]),
        shown_at=finding.worst,
        value=finding.value,
        unit=rule.UNIT,
        threshold=finding.threshold,
        confidence=confidence,
        reason=rule.REASON,
        cue=rule.CUE,
    )
