"""`--where`: which recordings of an archive are taken."""

import fnmatch
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from coach.archive.recorded import recorded_s
from coach.archive.recordings import Recording
from shared.errors import UsageError

_CONDITION = re.compile(r"\s*(age|size|camera)\s*(<=|>=|!=|=|<|>)\s*(.+?)\s*")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)")

#: Seconds in a unit of age, and bytes in a unit of size.
_AGES = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_SIZES = {"b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}

_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that a recording meets or not.

    Attributes:
        name: What is compared: age, size or camera.
        sign: How.
        number: With what, in seconds or bytes.
        pattern: With what, of a camera; `*` stands for anything.
    """

    name: str
    sign: str
    number: float = 0.0
    pattern: str = ""

    def holds(self, recording: Recording, now_s: float) -> bool:
        """Whether a recording meets it."""
        if self.name == "camera":
            return fnmatch.fnmatchcase(recording.camera, self.pattern) == (self.sign == "=")
        if recording.error:
            return True  # neither is known: it stays visible
        value = recording.size_bytes if self.name == "size" else now_s - recorded_s(recording)
        return _ORDERS[self.sign](value, self.number)


def read_conditions(texts: list[str]) -> list[Condition]:
    """Read the conditions of `--where`; all of them must be met.

    Raises:
        UsageError: one cannot be understood.
    """
    return [_read(text) for text in texts]


def _read(text: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise _unclear(text)
    name, sign, value = found.groups()
    if name == "camera":
        if sign not in ("=", "!="):
            raise _unclear(text)
        return Condition(name, sign, pattern=value)
    units = _AGES if name == "age" else _SIZES
    number = _NUMBER.fullmatch(value)
    if sign not in _ORDERS or number is None:
        raise _unclear(text)
    unit = number[2] if name == "age" else number[2].lower() or "b"
    if unit not in units:
        raise _unclear(text)
    return Condition(name, sign, float(number[1]) * units[unit])


def _unclear(text: str) -> UsageError:
    return UsageError(
        f"--where takes age<7d, size>1MB or camera=cam1, not {text!r}; units are "
        f"{', '.join(_AGES)} and B, kB, MB, GB, TB"
    )
