"""Ends a process whose work hangs, so that its supervisor starts it anew.

The message that it worked on stays pending, is claimed by another worker, and becomes a dead letter
if it hangs that one too. The log then has a traceback of each. A thread that needs no interpreter
lock does it: it also ends a process that hangs inside a library.

A process that is stopped (SIGSTOP) while it works counts as hung once it goes on.
"""

import faulthandler
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Shortest time between two extensions, in seconds: each starts a thread, which takes 0.1 ms.
_EXTEND_S = 0.2

#: Where the traceback goes: the log is what a service writes to stderr.
_STDERR = 2


class Watchdog:
    """Ends this process if work that it watches makes no progress.

    Args:
        hang_s: longest time between two steps of progress, in seconds.
    """

    def __init__(self, hang_s: float) -> None:
        self._hang_s = hang_s
        self._extended_s = 0.0

    @contextmanager
    def watch(self, limit_s: float | None = None) -> Iterator[None]:
        """Watch the work of this block.

        Args:
            limit_s: longest time until its first progress, if not `hang_s`, in seconds.
        """
        self._extend(self._hang_s if limit_s is None else limit_s)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    def progress(self) -> None:
        """Note that watched work has made a step."""
        if time.monotonic() - self._extended_s > min(_EXTEND_S, self._hang_s / 4):
            self._extend(self._hang_s)

    def _extend(self, limit_s: float) -> None:
        self._extended_s = time.monotonic()
        faulthandler.dump_traceback_later(limit_s, exit=True, file=_STDERR)
