"""Ages and times as people write and read them: 30d, 12 min."""

import re

from shared.errors import UsageError

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def seconds_of(text: str) -> float:
    """The seconds of an age such as `30d`, `12h`, `90m`, `5s` or `2w`.

    Raises:
        UsageError: it is none.

    >>> seconds_of("1.5h")
    5400.0
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhdw])", text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no age; write it as 30d, 12h, 90m or 5s")
    return float(found[1]) * _UNITS_S[found[2]]


def shown(seconds: float) -> str:
    """A time in its largest fitting unit.

    >>> [shown(seconds) for seconds in (3.2, 59.9, 90, 5400, 200_000)]
    ['3 s', '60 s', '2 min', '1 h 30 min', '2 d 8 h']
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
