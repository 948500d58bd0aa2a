"""A quantity that is measured in a set, and the constant that is compared with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from importlib import import_module

import numpy as np

from .observed import Observed

Samples = Callable[[Observed], Sequence[float]]


@dataclass(frozen=True)
class Quantity:
    """Something that is measured in a set, and the constant that is compared with it.

    Attributes:
        what: The quantity and its unit.
        constant: "module:NAME", or "module:Rule.field" for a field of a fault rule.
        samples: Its values in one set.
    """

    what: str
    constant: str
    samples: Samples

    @property
    def value(self) -> object:
        """The constant as it is."""
        module, _, name = self.constant.partition(":")
        return reduce(getattr, name.split("."), import_module(module))

    @property
    def shown_constant(self) -> str:
        """The constant without the folders that all have in common."""
        return self.constant.removeprefix("services.").removeprefix("scorer.")


def known(values: np.ndarray) -> np.ndarray:
    """The values that are not NaN, (k,)."""
    values = np.asarray(values, float).ravel()
    return values[np.isfinite(values)]


def spread(values: np.ndarray) -> float:
    """Width of the middle 90 % of the known values; NaN if none is known."""
    values = known(values)
    return float(np.subtract(*np.percentile(values, [95, 5]))) if values.size else float("nan")


def median(values: np.ndarray) -> float:
    """Median of the known values; NaN if none is known."""
    values = known(values)
    return float(np.median(values)) if values.size else float("nan")


def highest(values: np.ndarray) -> float:
    """Greatest known value; NaN if none is known."""
    values = known(values)
    return float(values.max()) if values.size else float("nan")
