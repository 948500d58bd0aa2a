"""How many pose workers a deployment needs: one rule, for `coach up --pose auto` and for KEDA.

The unfinished chunks, divided by the number that one worker should have, rounded up. KEDA's scaler
of Redis streams computes the same from the length of a stream.
"""

import math

#: Chunks of frames in the stream for each pose worker. Chosen: one that it works on and one
#: that waits, so that the worker never waits for the next.
CHUNKS_PER_WORKER = 2

#: Time for which fewer workers must have been enough before one ends, in seconds. Chosen: short
#: clips of one batch follow one another sooner, and a worker takes seconds to load its networks.
COOLDOWN_S = 120

#: Interval at which the stream is measured, in seconds. Chosen: a worker takes about as long to
#: load its networks.
POLL_S = 5


def wanted_workers(chunks: int, fewest: int, most: int) -> int:
    """Number of pose workers for the chunks in a stream.

    Args:
        chunks: chunks in the stream; finished ones are deleted, so these are unfinished.
        fewest: number that is kept in any case.
        most: largest number.
    """
    return max(fewest, min(most, math.ceil(chunks / CHUNKS_PER_WORKER)))
