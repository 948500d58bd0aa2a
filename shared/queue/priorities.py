"""Which of several waiting jobs comes first: high before normal before low, and none starves. Pure.

Each priority has streams and task queues of its own; a worker takes from all of them. Of sixteen
messages or tasks it looks for twelve at high, for three at normal, and for one at low first, and
takes what comes next in this order if there is nothing.
"""

from collections.abc import Sequence
from typing import Literal, TypeVar

Priority = Literal["high", "normal", "low"]

#: All priorities, the most urgent first.
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")

#: Normal comes first at every fourth take, low at every sixteenth (chosen: each priority gets four
#: times as much as the next lower one, as long as there is work for all).
_NORMAL_EVERY, _LOW_EVERY = 4, 16

_Item = TypeVar("_Item")


def named(name: str, priority: Priority, separator: str = ":") -> str:
    """The name of a stream or queue of a priority; that of normal jobs has no ending."""
    return name if priority == "normal" else f"{name}{separator}{priority}"


def in_turn(items: Sequence[_Item], taken: int) -> list[_Item]:
    """Order in which to look at things of several priorities.

    Args:
        items: one of each priority, the most urgent first; or a single one.
        taken: number of messages or tasks that the worker has taken before.
    """
    if len(items) != len(PRIORITIES):
        return list(items)
    if taken % _LOW_EVERY == _LOW_EVERY - 1:
        first = 2
    else:
        first = int(taken % _NORMAL_EVERY == _NORMAL_EVERY - 1)
    return [items[first], *items[:first], *items[first + 1 :]]
