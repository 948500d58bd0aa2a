"""Ctrl-C and SIGTERM, of which none is lost.

Python ignores what a signal's handler raises where nothing can be raised: in `__del__`, in the
callbacks of weak references, which each import has, and in those of forks. An interrupt that is
ignored there is raised again a moment later.
"""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: Time until an interrupt is raised again, in seconds (chosen: most such calls take less).
_AGAIN_S = 0.01

#: Exit status of a command that was interrupted, as shells have it.
INTERRUPTED = 130


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or SIGTERM.

    Where a KeyboardInterrupt itself has passed the execution of text, as dataclasses have it,
    CPython ends the process by a signal, whatever its exit status.
    """


def raise_interrupts() -> None:
    """Have Ctrl-C and SIGTERM raise Interrupted in the main thread of this process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as in the background of a script
            signal.signal(number, _interrupt)
    sys.unraisablehook = _raise_again


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


def end_interrupted() -> NoReturn:
    """Say that this command was interrupted, and end it."""
    print("interrupted", file=sys.stderr)
    sys.exit(INTERRUPTED)


def _raise_again(ignored: "UnraisableHookArgs") -> None:
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
    else:
        sys.__unraisablehook__(ignored)
