"""From what the rules measure to the faults of a set, each with its confidence. Pure."""

from collections.abc import Sequence

import numpy as np

from services.scorer.faults.default_rules import DEFAULT_RULES
from services.scorer.faults.measurement import Measurement, NotMeasured
from services.scorer.faults.rep_view import rep_views
from services.scorer.faults.rule import FaultRule
from services.scorer.motion.motion import Motion
from services.scorer.observe import ObservedLift
from shared.data.analysis import Fault, NotJudged

#: What one rule measured in each rep of a set.
Results = tuple[Measurement | NotMeasured, ...]

#: Minimum confidence of a fault that is reported. Chosen: less is not worth a line in the report.
MIN_CONFIDENCE = 0.35

_BODY_NOT_SEEN = "the lifter is covered or out of the picture"

_NOT_CERTAIN = "possible, but not certain enough to report"

#: Confidence of a value just beyond its threshold. Chosen: such a value is as likely an error as a
#: fault.
_CONFIDENCE_AT_THRESHOLD = 0.5

#: Minimum fraction of the reps with a fault for it to count as a habit, and not as an error of
#: measurement. Chosen: a round value, half of the set.
HABIT_FRACTION = 0.5

#: Factor on the confidence of a fault in one of very many reps. Chosen: a value that is just beyond
#: its threshold in a single rep is then not reported.
SINGLE_REP_FACTOR = 0.4

#: Confidence of joints up to which they count as guessed, and from which they count as certain.
#: Measured on 222 pictures with hand-placed joints: of MoveNet's joints at 0.2 to 0.3 69 % are
#: right, above 0.5 98 %.
GUESSED_CONFIDENCE, SURE_CONFIDENCE = 0.2, 0.5

#: Margins by which a guessed joint must be further beyond the threshold. Chosen: a third of the way
#: from the threshold to certainty.
GUESSED_JOINT_PENALTY = 0.3

#: Loss of confidence in an oblique view at `geometry.MAX_TURN_DEG`, and 1 - cos of that angle.
#: Chosen: a quarter, because what lies ahead is then multiplied by 1.6.
_OBLIQUE_LOSS, _OBLIQUE_FORESHORTENING = 0.25, 0.36


def evaluate_rules(
    lift: ObservedLift, rules: Sequence[FaultRule] = DEFAULT_RULES
) -> tuple[Results, ...]:
    """What each rule measures in a set: a tuple for each rule, in it an entry for each rep."""
    reps = rep_views(lift)
    unseen = NotMeasured(_BODY_NOT_SEEN)
    return tuple(
        tuple(rule.evaluate(rep) if rep.boundaries.body_seen else unseen for rep in reps)
        for rule in rules
    )


def judge(
    lift: ObservedLift,
    rules: Sequence[FaultRule] = DEFAULT_RULES,
    results: Sequence[Results] | None = None,
) -> tuple[tuple[Fault, ...], tuple[NotJudged, ...]]:
    """Judge all reps of a set by some rules.

    Args:
        lift: the set.
        rules: the rules.
        results: what they measured (`evaluate_rules`); None to measure it now.

    Returns:
        The faults, by rep and then in the order of the rules, `shown_at` being a row of the motion;
        and what each rule could not judge, or found too uncertain to report.
    """
    faults: list[Fault] = []
    not_judged: list[NotJudged] = []
    measured = evaluate_rules(lift, rules) if results is None else results
    for rule, of_rule in zip(rules, measured, strict=True):
        found, left_open = _judge_by(rule, of_rule, lift.motion)
        faults += found
        not_judged += left_open
    return tuple(sorted(faults, key=lambda fault: fault.rep)), tuple(not_judged)


def _judge_by(
    rule: FaultRule, of_reps: Results, motion: Motion
) -> tuple[list[Fault], list[NotJudged]]:
    """Faults by one rule, and the reasons for reps without a verdict."""
    if not of_reps:
        return [], [NotJudged(rule.kind, rule.name, "there is no repetition")]
    measured: dict[int, Measurement] = {}
    left_open: dict[int, str] = {}
    for number, one in enumerate(of_reps, 1):
        if isinstance(one, NotMeasured):
            left_open[number] = one.reason
        elif one.doubt:
            left_open[number] = one.doubt
        else:
            measured[number] = one
    beyond = {n: one for n, one in measured.items() if one.excess > 0}
    fault_rate = len(beyond) / max(len(measured), 1)
    faults = []
    for number, measurement in beyond.items():
        confidence = _confidence(measurement, fault_rate, motion)
        if confidence >= MIN_CONFIDENCE:
            faults.append(_fault(rule, number, measurement, confidence, motion))
        else:
            left_open[number] = _NOT_CERTAIN
    return faults, _listed_reasons(rule, left_open, len(of_reps))


def _listed_reasons(rule: FaultRule, left_open: dict[int, str], count: int) -> list[NotJudged]:
    """Each reason once, with the reps that it holds for where those are not all `count`."""
    reasons: dict[str, list[int]] = {}
    for rep, reason in sorted(left_open.items()):
        reasons.setdefault(reason, []).append(rep)
    return [
        NotJudged(rule.kind, rule.name, reason, tuple(reps) if len(reps) < count else ())
        for reason, reps in reasons.items()
    ]


def _confidence(measurement: Measurement, fault_rate: float, motion: Motion) -> float:
    """Confidence of a fault, 0..1: from its excess, the joints, the view and its frequency."""
    joints = float(
        np.clip(
            (measurement.confidence - GUESSED_CONFIDENCE) / (SURE_CONFIDENCE - GUESSED_CONFIDENCE),
            0,
            1,
        )
    )
    excess = measurement.excess - GUESSED_JOINT_PENALTY * (1 - joints)
    if excess <= 0:
        return 0.0
    from_excess = _CONFIDENCE_AT_THRESHOLD + (1 - _CONFIDENCE_AT_THRESHOLD) * min(1.0, excess)
    turn = np.radians(motion.turn_deg)
    from_view = 1 - _OBLIQUE_LOSS * (1 - float(np.cos(turn))) / _OBLIQUE_FORESHORTENING
    habit = SINGLE_REP_FACTOR + (1 - SINGLE_REP_FACTOR) * min(1.0, fault_rate / HABIT_FRACTION)
    return float(np.clip(from_excess * from_view * habit, 0, 1))


def _fault(
    rule: FaultRule, rep: int, measurement: Measurement, confidence: float, motion: Motion
) -> Fault:
    time_s = motion.time_s
    return Fault(
        kind=rule.kind,
        name=rule.name,
        rep=rep,
        from_s=float(time_s[measurement.rows[0]]),
        to_s=float(time_s[measurement.rows[-1]]),
        shown_at=measurement.worst_row,
        value=measurement.value,
        unit=rule.unit,
        threshold=measurement.threshold,
        confidence=confidence,
        reason=rule.reason(measurement.threshold),
        cue=rule.cue,
    )
