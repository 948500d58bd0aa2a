"""When a recording was made: by its path, as cameras name their files, or by its last change."""

import re
from datetime import datetime

from coach.archive.recordings import Recording

#: A day in a path: 2026-01-31, 2026_01_31, 2026/01/31 or 20260131, and with a time behind it.
_DAY = re.compile(
    r"(?<!\d)(20\d\d)([-_./]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=(?:\d{4}|\d{6})?(?!\d))"
)

#: A time after the day, or at the beginning of a name: 18-30, 18.30.05, 183005, T183005.
_TIME = re.compile(r"(?:^|[-_ /T.]+)([01]\d|2[0-3])[-_.:h]?([0-5]\d)(?:[-_.:m]?([0-5]\d))?(?!\d)")


def recorded_at(recording: Recording) -> str:
    """When a recording was made, as text that sorts.

    Returns:
        `2026-01-31 18:30:05` in the recorder's own time, or the day alone where its path has no
        time; of a path without a day, the time of the file's last change here.
    """
    text = recording.relative.as_posix()
    name_at = len(text) - len(recording.relative.name)
    days = list(_DAY.finditer(text))
    in_name = [day for day in days if day.start() >= name_at]  # the first: when it began
    for day in in_name + days[::-1]:
        date = f"{day[1]}-{day[3]}-{day[4]}"
        try:
            datetime.fromisoformat(date)
        except ValueError:
            continue
        rest = text[day.end() :].removesuffix(recording.relative.suffix)
        time = _TIME.search(rest) if "/" in rest else _TIME.match(rest)
        return f"{date} {time[1]}:{time[2]}:{time[3] or '00'}" if time else date
    if not recording.modified_s:
        return ""
    return datetime.fromtimestamp(recording.modified_s).isoformat(" ", "seconds")


def recorded_s(recording: Recording) -> float:
    """The same as Unix time, in seconds; a day counts from its beginning."""
    text = recorded_at(recording)
    return datetime.fromisoformat(text).timestamp() if text else 0.0
