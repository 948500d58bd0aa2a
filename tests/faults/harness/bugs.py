"""`python -m faults.harness.bugs BUG SERVICE`: a service with a deliberate bug.

They show that the ledger catches what it is there for. Nothing but the harness starts them.
"""

import runpy
import sys
from collections.abc import Callable
from typing import Any

from shared.queue import keys, stalled_jobs, streams, task_run


def ack_before_publish() -> None:
    """A pose worker acknowledges a chunk when it takes it, not with its result."""
    take = streams.Consumer.take

    def take_and_acknowledge(consumer: Any, block_ms: int) -> Any:
        delivery = take(consumer, block_ms)
        if delivery is not None and consumer.group == keys.POSE_GROUP:
            consumer._client.xack(delivery.stream, consumer.group, delivery.id)
            consumer._client.xdel(delivery.stream, delivery.id)
        return delivery

    streams.Consumer.take = take_and_acknowledge  # type: ignore[method-assign]


def no_pause_between_retries() -> None:
    """What has failed is tried again at once, until the tries are used up."""
    for module in (stalled_jobs, task_run):
        module._PAUSES_S = (0.0,) * len(module._PAUSES_S)  # type: ignore[attr-defined]


BUGS: dict[str, Callable[[], None]] = {
    "ack-before-publish": ack_before_publish,
    "no-pause": no_pause_between_retries,
}


if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    runpy.run_module(f"services.{sys.argv[2]}", run_name="__main__")
