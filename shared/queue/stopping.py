"""Ends a process within 10 s of the request to stop, whatever it is doing."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Time to finish the current message after the request to stop, and to give it back, in seconds.
#: Together they stay below the 10 s after which `docker stop` and `coach analyze` kill.
_FINISH_S, _GIVE_BACK_S = 7.5, 1.0

#: Interval at which the end of the work is noticed, in seconds.
_CHECK_S = 0.5

_log = logging.getLogger(__name__)


@contextmanager
def stopping_in_time(stop: threading.Event, give_back: Callable[[], None]) -> Iterator[None]:
    """End this process if the block takes longer than `_FINISH_S` after `stop` was set.

    Args:
        stop: is set by the request to stop.
        give_back: gives back the current message; called before the process ends.
    """
    done = threading.Event()
    arguments = (stop, done, give_back)
    threading.Thread(target=_end_in_time, args=arguments, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _end_in_time(
    stop: threading.Event, done: threading.Event, give_back: Callable[[], None]
) -> None:
    while not stop.wait(_CHECK_S):
        if done.is_set():
            return
    if done.wait(_FINISH_S):
        return
    _log.warning("the current message takes too long; another worker gets it")
    giving_back = threading.Thread(target=give_back, daemon=True)
    giving_back.start()
    giving_back.join(_GIVE_BACK_S)  # a server that does not answer must not delay the end
    os._exit(0)
