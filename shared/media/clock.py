"""When a recording began, by the recorder's clock.

Names of files come first: recorders name them by their own clock, which is the gym's. The time of
creation that the container states is UTC by its standard. What is left is the time of the file's
last change, when the recording ended.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

#: A date and a time of day in a file's name, such as 20261127_181500 or 2026-11-27T18.15.00.
_NAMED = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)[-_ T.]{1,3}(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)(?!\d)"
)


def began(path: Path, creation_time: str, duration_s: float) -> tuple[datetime | None, str]:
    """When a recording began, and where that comes from (`CLOCKS`); None if nothing tells.

    Args:
        path: the file.
        creation_time: what the container says; "" if nothing.
        duration_s: duration of the recording, in seconds.
    """
    found = _NAMED.search(path.name)
    if found:
        try:
            return datetime(*map(int, found.groups())), "file name"  # type: ignore[arg-type]
        except ValueError:
            pass  # numbers that are no date
    try:
        created = datetime.fromisoformat(creation_time)
        if created.year > 1970:  # cameras without a clock say 1904 or 1970
            return created, "creation time"
    except ValueError:
        pass
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None, "unknown"
    return changed - timedelta(seconds=duration_s), "last change"
