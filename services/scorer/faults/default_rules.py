"""The default rules, and rules with changed fields. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.scorer.faults.bar_drifts import BarDrifts
from services.scorer.faults.bent_arms import BentArms
from services.scorer.faults.heels_lift import HeelsLift
from services.scorer.faults.hips_shoot_up import HipsShootUp
from services.scorer.faults.hitching import Hitching
from services.scorer.faults.incomplete_lockout import IncompleteLockout
from services.scorer.faults.leaning_back import LeaningBack
from services.scorer.faults.neck_craned import NeckCraned
from services.scorer.faults.rounded_back import RoundedBack
from services.scorer.faults.rule import FaultRule
from services.scorer.faults.squatted import Squatted
from services.scorer.faults.stiff_legged import StiffLegged
from shared.data.job_options import FaultSettings
from shared.errors import UsageError

#: All rules, in the order in which a lifter should work on the faults: the back first.
DEFAULT_RULES: tuple[FaultRule, ...] = (
    RoundedBack(),
    HipsShootUp(),
    StiffLegged(),
    Squatted(),
    BarDrifts(),
    BentArms(),
    HeelsLift(),
    IncompleteLockout(),
    LeaningBack(),
    Hitching(),
    NeckCraned(),
)


def rules_with(
    settings: FaultSettings, kinds: Sequence[str] | None = None
) -> tuple[FaultRule, ...]:
    """The default rules with some fields changed.

    Args:
        settings: fault → field → value, as in `JudgingOptions.faults`.
        kinds: the faults that are judged, as in `JudgingOptions.rules`; None for all.

    Raises:
        UsageError: a fault or field is unknown, or a value is invalid.
    """
    rules = _by_kind(DEFAULT_RULES)
    for kind in (*(kinds or ()), *settings):
        if kind not in rules:
            raise UsageError(f"there is no fault {kind!r}; there are {', '.join(rules)}")
    for kind, fields in settings.items():
        if not isinstance(fields, Mapping):
            raise UsageError(f"{kind} takes fields with values, not {fields!r:.40}")
        rules[kind] = rules[kind].with_settings(fields)
    return tuple(rule for kind, rule in rules.items() if kinds is None or kind in kinds)


def kinds_of(rules: Iterable[FaultRule]) -> tuple[str, ...] | None:
    """The faults that some rules judge, as `rules_with` takes them; None for all defaults.

    Rules of other types than the default ones are left out: no settings can make them.
    """
    judged = {type(rule) for rule in rules}
    kinds = tuple(rule.kind for rule in DEFAULT_RULES if type(rule) in judged)
    return None if len(kinds) == len(DEFAULT_RULES) else kinds


def replace_rules(*rules: FaultRule) -> tuple[FaultRule, ...]:
    """The default rules, with these in place of those of the same fault.

    A rule of a fault that is not among the defaults comes last.
    """
    return tuple((_by_kind(DEFAULT_RULES) | _by_kind(rules)).values())


def settings_of(rules: Iterable[FaultRule]) -> FaultSettings:
    """The fields of rules that differ from the defaults, as `rules_with` takes them.

    Rules of other types than the default ones are left out: no settings can make them.
    """
    types = {type(rule) for rule in DEFAULT_RULES}
    changed: dict[str, dict[str, Any]] = {
        rule.kind: rule.settings for rule in rules if type(rule) in types
    }
    return {kind: fields for kind, fields in changed.items() if fields}


def _by_kind(rules: Iterable[FaultRule]) -> dict[str, FaultRule]:
    return {rule.kind: rule for rule in rules}
