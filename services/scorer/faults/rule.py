"""What every fault rule is: a value that measures one repetition. Pure."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from services.scorer.faults.measurement import Measurement, NotMeasured
from services.scorer.faults.quantities import (
    NUMBERS,
    Quantity,
    check_numbers,
    quantities_of,
)
from services.scorer.faults.rep_view import RepView
from services.scorer.motion.geometry import MAX_TURN_DEG
from services.scorer.motion.motion import Motion
from shared.data.analysis import FaultUnit, View
from shared.errors import UsageError

#: Views from which angles of the sagittal plane can be read.
SIDE_VIEWS: tuple[View, ...] = (View.SIDE, View.OBLIQUE)

#: Unit of a fault → the text after its number, and decimals of a quoted threshold.
_QUOTED = {
    FaultUnit.DEGREE: ("°", 1),
    FaultUnit.SECOND: (" s", 2),
    FaultUnit.TRUNK_LENGTH: (" trunk lengths", 3),
}


@dataclass(frozen=True, kw_only=True)
class FaultRule(ABC):
    """One fault: what is measured in a repetition, and the value from which it is a fault.

    A rule is an immutable value. Its fields are checked when it is made, so every rule that exists
    can be used. A subclass sets the class attributes below and implements `measure`.

    Class attributes:
        kind, name, unit, cue: As in `shared.data.analysis.Fault`.
        measures: The value, in words; may name fields of the rule, as in `{rule.hold_s:g}`.
        looks_at: The part of the repetition that is measured; likewise.
        reason_template: The reason for the threshold; likewise, and `{threshold}` stands for the
            threshold that was used.
        is_fault_below: Whether a fault lies below the threshold, and not above it.
        possible_views: The views from which the value can be read at all.

    Attributes:
        views: Views of the camera in which the fault is judged. A view may be left out; one from
            which the value cannot be read is refused.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    unit: ClassVar[FaultUnit]
    cue: ClassVar[str]
    measures: ClassVar[str]
    looks_at: ClassVar[str]
    reason_template: ClassVar[str]
    is_fault_below: ClassVar[bool] = False
    possible_views: ClassVar[tuple[View, ...]] = SIDE_VIEWS

    views: tuple[View, ...] = SIDE_VIEWS

    def __post_init__(self) -> None:
        check_numbers(self)
        if not self.views or not set(self.views) <= set(self.possible_views):
            raise UsageError(
                f"{self.kind}.views takes one or more of {', '.join(self.possible_views)}, "
                f"not {', '.join(map(str, self.views)) or 'none'}"
            )
        in_order = tuple(view for view in self.possible_views if view in self.views)
        object.__setattr__(self, "views", in_order)

    def evaluate(self, rep: RepView) -> Measurement | NotMeasured:
        """Measure one repetition, or give the reason why it cannot be measured."""
        problem = self._view_problem(rep.motion)
        if problem:
            return NotMeasured(problem)
        if not rep.is_in_main_shot:
            return NotMeasured("the film is cut there, and the view is another")
        found = self.measure(rep)
        if isinstance(found, Measurement):
            return dataclasses.replace(found, is_fault_below=self.is_fault_below)
        return found

    @abstractmethod
    def measure(self, rep: RepView) -> Measurement | NotMeasured:
        """Measure a repetition that is seen from one of `views`."""

    def reason(self, threshold: float) -> str:
        """Why the threshold is what it is, for people.

        Args:
            threshold: the one that was used, as in `Measurement`; the text quotes it.
        """
        suffix, digits = _QUOTED[self.unit]
        quoted = f"{round(threshold, digits):g}{suffix}"
        text = self.reason_template.format(threshold=quoted, rule=self)
        changed = [
            f"{name} {quantity.shown(getattr(self, name))} instead of {quantity.shown(usual)}"
            for name, (quantity, usual) in self._changed_numbers().items()
        ]
        return f"{text} Set for this analysis: {', '.join(changed)}." if changed else text

    @classmethod
    def field_names(cls) -> list[str]:
        """Names of the fields, those of the rule itself before `views`."""
        names = [field.name for field in dataclasses.fields(cls)]
        return sorted(names, key=lambda name: name == "views")

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Field → default, of the fields that have one."""
        return {
            field.name: field.default
            for field in dataclasses.fields(cls)
            if field.default is not dataclasses.MISSING
        }

    @property
    def settings(self) -> dict[str, Any]:
        """The fields that differ from the defaults, as JSON and TOML have them."""
        defaults = self.defaults()
        return {
            name: _plain(getattr(self, name))
            for name in self.field_names()
            if name not in defaults or getattr(self, name) != defaults[name]
        }

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """The rule with some fields set to values of JSON or TOML.

        Raises:
            UsageError: a field is unknown, or a value is invalid.
        """
        names = self.field_names()
        for name in settings:
            if name not in names:
                raise UsageError(f"{self.kind} has no field {name!r}; it has {', '.join(names)}")
        values = dict(settings)
        if "views" in values:
            values["views"] = self._views_in(values["views"])
        return dataclasses.replace(self, **values)

    def _views_in(self, value: object) -> tuple[View, ...]:
        if not isinstance(value, list | tuple) or not set(map(str, value)) <= set(View):
            possible = ", ".join(f'"{view}"' for view in self.possible_views)
            raise UsageError(f"{self.kind}.views takes a list of {possible}, not {value!r:.60}")
        return tuple(View(str(one)) for one in value)

    def _changed_numbers(self) -> dict[str, tuple[Quantity, float]]:
        """Numbers that differ from their defaults: field → quantity and default."""
        defaults, quantities = self.defaults(), quantities_of(type(self))
        return {
            name: (quantities[name], defaults[name])
            for name in self.settings
            if name in quantities and name in defaults
        }

    def _view_problem(self, motion: Motion) -> str:
        """Why the rule cannot judge in this view; "" if it can."""
        if motion.view is View.UNKNOWN:
            return "the view of the camera is unknown"
        is_sagittal = View.FRONT not in self.possible_views
        if motion.view not in self.views or (is_sagittal and motion.turn_deg > MAX_TURN_DEG):
            return f"the camera stands {motion.turn_deg:.0f}° off the side"
        if is_sagittal and motion.facing == 0:
            return "it is unknown which way the lifter faces"
        return ""


def _plain(value: Any) -> Any:
    """A field's value as JSON has it; 30 and 30.0 are the same number."""
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return float(value) if isinstance(value, NUMBERS) else value
