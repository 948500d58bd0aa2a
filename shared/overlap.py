"""Runs the steps of a loop over many items beside each other, each step in its own thread.

    with read_ahead(items, 2) as ahead, write_behind(consume, 2) as put:
        for item in ahead:  # made in one thread
            put(work(item))  # consumed in another

Order is kept, each item passes once, and no more items wait than the sizes say. It pays where the
steps spend their time in libraries that release Python's lock, as decoding and encoding do.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


@contextmanager
def read_ahead(items: Iterable[_Item], size: int) -> Iterator[Iterator[_Item]]:
    """Take items in a thread of their own, before they are asked for.

    An error of `items` is raised where the next item is asked for, after the items before it. At
    the end of the block, also where it ends early, the thread has ended; what was read in vain is
    dropped.

    Args:
        items: what is read; used in the other thread only.
        size: maximum number of items that wait.
    """
    channel: _Channel[_Item] = _Channel(size)

    def read() -> None:
        try:
            for item in items:
                channel.put(item)
            channel.finish()
        except _Abandoned:
            pass
        except BaseException as error:  # raised again in the thread that reads the channel
            channel.finish(error)

    thread = Thread(target=read, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield iter(channel)
    finally:
        channel.abandon(_Abandoned())
        thread.join()


@contextmanager
def write_behind(consume: Callable[[_Item], None], size: int) -> Iterator[Callable[[_Item], None]]:
    """Consume items in a thread of their own, after they are put.

    The block gets the function that puts an item. At its end all items have been consumed; where it
    ends by an error, those that wait are dropped. An error of `consume` is raised by the next put,
    or at the end of the block.

    Args:
        consume: called with each item, in the other thread only.
        size: maximum number of items that wait.
    """
    channel: _Channel[_Item] = _Channel(size)
    failure: list[BaseException] = []

    def write() -> None:
        try:
            for item in channel:
                consume(item)
        except _Abandoned:
            pass
        except BaseException as error:  # raised again in the thread that puts
            failure.append(error)
            channel.abandon(error)

    thread = Thread(target=write, name="write-behind", daemon=True)
    thread.start()
    try:
        yield channel.put
        channel.finish()
    except BaseException:
        channel.abandon(_Abandoned())
        raise
    finally:
        thread.join()
    if failure:
        raise failure[0]


class _Abandoned(Exception):
    """The thread at the other end of the channel has no more use for items."""


class _Channel(Generic[_Item]):
    """A queue of limited size between two threads, which either of them can end."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: deque[_Item] = deque()
        self._is_finished = False
        self._error: BaseException | None = None  # raised after the last item
        self._reason: BaseException | None = None  # why it was abandoned
        self._changed = Condition()

    def put(self, item: _Item) -> None:
        """Append an item, once there is room; raise the reason if the channel was abandoned."""
        with self._changed:
            self._changed.wait_for(lambda: self._reason or len(self._items) < self._size)
            if self._reason is not None:
                raise self._reason
            self._items.append(item)
            self._changed.notify_all()

    def finish(self, error: BaseException | None = None) -> None:
        """End the channel after the items that wait; then raise the error, if there is one."""
        with self._changed:
            self._is_finished, self._error = True, error
            self._changed.notify_all()

    def abandon(self, reason: BaseException) -> None:
        """Drop the items that wait; both ends raise the reason from now on."""
        with self._changed:
            self._items.clear()
            self._reason = self._reason or reason
            self._changed.notify_all()

    def __iter__(self) -> Iterator[_Item]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._reason or self._items or self._is_finished)
                if self._reason is not None:
                    raise self._reason
                if not self._items:
                    break
                item = self._items.popleft()
                self._changed.notify_all()
            yield item
            del item  # the channel keeps no item alive that has left it
        if self._error is not None:
            raise self._error
