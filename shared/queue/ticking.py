"""Does something again and again for as long as a block runs, in one thread for many blocks.

A thread for each message would take as long to start and to end as a chunk's commands.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Ticker(Generic[Item]):
    """Calls a function with the item of the block that runs, in a thread.

    The thread ends when it finds that no block runs, and starts again with the next.

    Args:
        interval_s: time between two calls, in seconds; a block's first comes within it.
        tick: is called with the item. It may still be called once after the block.
    """

    def __init__(self, interval_s: float, tick: Callable[[Item], None]) -> None:
        self._interval_s, self._tick = interval_s, tick
        self._lock = threading.Lock()
        self._items: list[Item] = []
        self._thread: threading.Thread | None = None

    @contextmanager
    def ticking(self, item: Item) -> Iterator[None]:
        """Have the function called with this item while the block runs."""
        with self._lock:
            self._items.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._items.remove(item)

    def _run(self) -> None:
        try:
            while True:
                time.sleep(self._interval_s)
                with self._lock:
                    items = list(self._items)
                    if not items:
                        self._thread = None
                        return
                for item in items:
                    self._tick(item)
        except BaseException:
            with self._lock:
                self._thread = None  # the next block starts another
            raise
