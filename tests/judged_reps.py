"""Builders of repetitions, their faults and contributions, judged by hand."""

from shared.data.analysis import Contribution, Fault, FaultUnit, LiftPart, Rep, Verdict

#: Lengths of the phases of one repetition, seconds.
SETUP_S, PULL_S, TOP_S, LOWER_S, REST_S = 0.6, 1.0, 0.6, 1.0, 0.4
REP_S = SETUP_S + PULL_S + TOP_S + LOWER_S + REST_S


def contribution(name="hips_low_at_start", text="hips 14° too low at the start", **more):
    """A deviation from good lifts at the start of a repetition."""
    given = {
        "part": LiftPart.START,
        "value": 16.0,
        "usual": 30.0,
        "unit": FaultUnit.DEGREE,
        "effect": -0.4,
    }
    return Contribution(name=name, text=text, **(given | more))


def rep(number, **more):
    """A whole repetition, placed where `lifter_set` performs it."""
    start_s = (number - 1) * REP_S + SETUP_S
    given = {
        "start_s": start_s,
        "top_s": start_s + PULL_S,
        "end_s": start_s + PULL_S + TOP_S + LOWER_S,
        "concentric_s": PULL_S,
        "eccentric_s": LOWER_S,
        "rom": 0.6,
        "drift": 0.05,
        "mean_velocity": 0.5 - 0.02 * number,
        "peak_velocity": 0.9,
        "score": 0.9 - 0.05 * number,
        "score_interval": (0.8 - 0.05 * number, 0.95 - 0.05 * number),
        "verdict": Verdict.UNCLEAR,
        "undiminished": 1.5,
        "contributions": (contribution(effect=-0.5 + 0.1 * number),),
    }
    return Rep(index=number, **(given | more))


def fault(number, kind="hips_shoot_up", **more):
    """A fault in a repetition."""
    start_s = rep(number).start_s
    given = {
        "name": "hips shoot up",
        "from_s": start_s + 0.2,
        "to_s": start_s + 0.6,
        "shown_at": round((start_s + 0.4) * 10),
        "value": 17.0,
        "unit": FaultUnit.DEGREE,
        "threshold": 10.0,
        "confidence": 0.8,
        "reason": "Hips and shoulders rise together.",
        "cue": "Push the floor away and let chest and hips rise at the same pace.",
    }
    return Fault(kind=kind, rep=number, **(given | more))
