"""Ctrl-C and SIGTERM, of which none is lost.

Python ignores what a signal's handler raises where nothing can be raised: in `__del__`, in the
callbacks of weak references, which each import has, and in those of forks. An interrupt that is
ignored there is raised again a moment later.
"""

import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from typer.core import TyperGroup

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: Time until an interrupt is raised again, in seconds (chosen: most such calls take less).
_AGAIN_S = 0.01

#: Exit status of a command that was interrupted, as shells have it.
INTERRUPTED = 130


def raise_interrupts() -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt in the main thread of this process."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    sys.unraisablehook = _raise_again


class Interruptible(TyperGroup):
    """Commands of which each says that it was interrupted; Typer ends them without a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was chosen."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            end_interrupted()


def end_interrupted() -> NoReturn:
    """Say that this command was interrupted, and end it."""
    # CPython keeps in mind that an interrupt has passed the execution of text, as dataclasses have
    # it, and would end this process by a signal in spite of its status; the next text resets that.
    exec("")
    print("interrupted", file=sys.stderr)
    sys.exit(INTERRUPTED)


def _raise_again(ignored: "UnraisableHookArgs") -> None:
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
    else:
        sys.__unraisablehook__(ignored)
