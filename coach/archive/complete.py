"""Whether a recording is complete: nobody writes to it, and it can be opened."""

import fcntl
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from coach.archive.recordings import Recording

#: Time for which a file that has settled may be unreadable before it is taken, and refused, in
#: seconds. Chosen: an MP4 gets its index when its recording ends, and none lasts an hour longer.
PATIENCE_S = 3600.0


def is_held_open(path: Path) -> bool:
    """Whether a process of this machine has a file open for writing, as far as that can be seen.

    Linux grants a read lease only on a file that nobody writes to. It is given back at once. Of
    files of other users, and on file systems without leases, nothing is known.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Who opens the file meanwhile makes the kernel send a signal: one that does nothing.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    except BlockingIOError:
        return True
    except (OSError, AttributeError):
        return False
    finally:
        with suppress(OSError):
            os.close(descriptor)


class Settling:
    """Notices which recordings have stopped to change.

    Args:
        settle_s: time for which size and time of change must stay the same, in seconds.
    """

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[Path, tuple[tuple[int, float], float]] = {}

    def has_settled(self, recording: Recording) -> bool:
        """Whether a recording has not changed for long enough, and nobody holds it open."""
        return self.quiet_s(recording) >= self._settle_s and not is_held_open(recording.path)

    def quiet_s(self, recording: Recording) -> float:
        """For how long a recording has not changed, in seconds."""
        now_s = time.monotonic()
        version = (recording.size_bytes, recording.modified_s)
        before, since_s = self._seen.get(recording.path, (None, 0.0))
        if version != before:
            # One that was there before this process began may have been complete for long.
            since_s = now_s - max(0.0, time.time() - recording.modified_s) if not before else now_s
            self._seen[recording.path] = (version, since_s)
        return now_s - since_s
