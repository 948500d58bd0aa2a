"""How many pose workers a deployment needs: one rule, for `coach up --pose auto` and for KEDA.

The unfinished chunks, divided by the number that one worker should have, rounded up. KEDA's scaler
of Redis streams computes the same from the length of a stream.
"""

import math
from collections.abc import Sequence

#: Chunks of frames in the stream for each pose worker. Chosen: one that it works on and one
#: that waits, so that the worker never waits for the next.
CHUNKS_PER_WORKER = 2

#: Time for which fewer workers must have been enough before one ends, in seconds. Chosen: short
#: clips of one batch follow one another sooner, and a worker takes seconds to load its networks.
COOLDOWN_S = 120

#: Interval at which the stream is measured, in seconds. Chosen: a worker takes about as long to
#: load its networks.
POLL_S = 5


def wanted_workers(chunks: int, most: int) -> int:
    """Number of pose workers for the chunks in a stream.

    Args:
        chunks: chunks in the stream; finished ones are deleted, so these are unfinished.
        most: largest number.
    """
    return min(most, math.ceil(chunks / CHUNKS_PER_WORKER))


def shared_out(wanted: Sequence[int], most: int) -> list[int]:
    """Share out the pose workers of one machine among several servers.

    Args:
        wanted: number that each server needs.
        most: number that the machine can run.

    Returns:
        The number for each server: equal parts as long as they are wanted, and at least one where
        any is, even if that makes more than `most`.
    """
    given = [min(1, number) for number in wanted]
    while sum(given) < min(most, sum(wanted)):
        poorest = min(
            (at for at, number in enumerate(wanted) if given[at] < number),
            key=lambda at: given[at],
        )
        given[poorest] += 1
    return given
