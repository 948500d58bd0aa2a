"""Units and limits of the numbers that rules take, and the check of them. Pure."""

from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

import numpy as np

from shared.errors import UsageError

#: Types of the numbers that rules take.
NUMBERS = (int, float, np.integer, np.floating)


@dataclass(frozen=True)
class Quantity:
    """What a number of a rule may be.

    Attributes:
        unit: Its unit as people write it; empty for a plain number.
        low: Lowest value that is accepted.
        high: Highest value that is accepted.
    """

    unit: str
    low: float
    high: float

    def is_within(self, value: object) -> bool:
        """Whether a value is a finite number within the limits."""
        if isinstance(value, bool) or not isinstance(value, NUMBERS):
            return False
        return bool(self.low <= value <= self.high)  # false for NaN

    def shown(self, value: float) -> str:
        """A value with its unit: 33°, 0.25 s, 0.12 trunk lengths."""
        space = "" if self.unit in ("", "°") else " "
        return f"{value:g}{space}{self.unit}"


#: Limits of each quantity. Chosen: no body and no repetition goes beyond them. A margin is above 0
#: because excess over a threshold is divided by it.
Degrees = Annotated[float, Quantity("°", -180, 180)]
DegreeMargin = Annotated[float, Quantity("°", 0.1, 180)]
Seconds = Annotated[float, Quantity("s", 0, 10)]
SecondMargin = Annotated[float, Quantity("s", 0.01, 10)]
TrunkLengths = Annotated[float, Quantity("trunk lengths", 0, 2)]
TrunkLengthMargin = Annotated[float, Quantity("trunk lengths", 0.01, 2)]
Fraction = Annotated[float, Quantity("", 0, 1)]
Ratio = Annotated[float, Quantity("", 0, 10)]


def quantities_of(rule_type: type[object]) -> dict[str, Quantity]:
    """Field → quantity, for the numbers among a rule's fields."""
    hints = get_type_hints(rule_type, include_extras=True)
    return {
        name: quantity
        for name, hint in hints.items()
        for quantity in getattr(hint, "__metadata__", ())
        if isinstance(quantity, Quantity)
    }


def check_numbers(rule: Any) -> None:
    """Check every number of a rule against its quantity.

    Raises:
        UsageError: one is no number, not finite or out of limits; names fault and field.
    """
    for name, quantity in quantities_of(type(rule)).items():
        value = getattr(rule, name)
        if not quantity.is_within(value):
            unit = f", in {quantity.unit}" if quantity.unit else ""
            raise UsageError(
                f"{rule.kind}.{name} takes a number from {quantity.low:g} to {quantity.high:g}"
                f"{unit}, not {value!r:.40}"
            )
