"""The rules that faults are judged by: values with a threshold, a hold, a margin and views.

    from coach import faults

    strict = faults.IncompleteLockout(threshold_deg=18)
    analysis = coach.judge(poses, faults=faults.replace_rules(strict))   # the others as they are
    analysis = coach.judge(poses, faults=[strict])                       # this fault alone

docs/faults.md lists the fields of each rule, with their defaults and reasons.
"""

from services.scorer.faults import (
    DEFAULT_RULES,
    BarDrifts,
    BentArms,
    FaultRule,
    HeelsLift,
    HipsShootUp,
    Hitching,
    IncompleteLockout,
    LeaningBack,
    Measurement,
    NeckCraned,
    NotMeasured,
    RepView,
    RoundedBack,
    Squatted,
    StiffLegged,
    replace_rules,
)

__all__ = [
    "DEFAULT_RULES",
    "BarDrifts",
    "BentArms",
    "FaultRule",
    "HeelsLift",
    "HipsShootUp",
    "Hitching",
    "IncompleteLockout",
    "LeaningBack",
    "Measurement",
    "NeckCraned",
    "NotMeasured",
    "RepView",
    "RoundedBack",
    "Squatted",
    "StiffLegged",
    "replace_rules",
]
