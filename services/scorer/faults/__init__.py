"""The faults of a set: one rule per file, each a value that measures one repetition. Pure.

ObservedLift ─ rep_views ─→ RepView ─ FaultRule.evaluate ─→ Measurement, or NotMeasured
                                             └─ judge ─→ Fault, or NotJudged
"""

from services.scorer.faults.bar_drifts import BarDrifts
from services.scorer.faults.bent_arms import BentArms
from services.scorer.faults.default_rules import (
    DEFAULT_RULES,
    kinds_of,
    replace_rules,
    rules_with,
    settings_of,
)
from services.scorer.faults.heels_lift import HeelsLift
from services.scorer.faults.hips_shoot_up import HipsShootUp
from services.scorer.faults.hitching import Hitching
from services.scorer.faults.incomplete_lockout import IncompleteLockout
from services.scorer.faults.judging import MIN_CONFIDENCE, Results, evaluate_rules, judge
from services.scorer.faults.leaning_back import LeaningBack
from services.scorer.faults.measurement import Measurement, NotMeasured
from services.scorer.faults.neck_craned import NeckCraned
from services.scorer.faults.rep_view import RepView, rep_views
from services.scorer.faults.rounded_back import RoundedBack
from services.scorer.faults.rule import FaultRule
from services.scorer.faults.squatted import Squatted
from services.scorer.faults.stiff_legged import StiffLegged

__all__ = [
    "DEFAULT_RULES",
    "MIN_CONFIDENCE",
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
    "Results",
    "RoundedBack",
    "Squatted",
    "StiffLegged",
    "evaluate_rules",
    "judge",
    "kinds_of",
    "rep_views",
    "replace_rules",
    "rules_with",
    "settings_of",
]
