"""What `--priority` and `--batch` say: how jobs share a deployment with those of others."""

import getpass
import re

from shared.errors import UsageError
from shared.queue.priorities import PRIORITIES, Priority

#: A name that a job's record can hold.
_BATCH = re.compile(r"[0-9A-Za-z_.@+-]{1,100}")


def priority_of(text: str) -> Priority:
    """The priority of that name.

    Raises:
        UsageError: there is none.
    """
    for priority in PRIORITIES:
        if priority == text:
            return priority
    raise UsageError(f"--priority takes high, normal or low, not {text!r}")


def batch_of(given: str | None) -> str:
    """The name of a batch; that of the user who runs this process if None is given.

    Raises:
        UsageError: no batch can have that name.
    """
    if given is not None:
        if not _BATCH.fullmatch(given):
            raise UsageError(f"--batch takes letters, digits and _.@+-, at most 100, not {given!r}")
        return given
    try:
        login = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "nobody"
    return re.sub(r"[^0-9A-Za-z_.@+-]", "-", login)[:100] or "nobody"
