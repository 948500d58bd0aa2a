"""A server that workers of this machine serve, and how many pose workers it needs of them."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from shared.activity import Activity
from shared.errors import QueueError
from shared.queue.backlog import unfinished_chunks
from shared.queue.connection import Client, connect, queue_errors
from shared.queue.pausing import Requests
from shared.queue.worker_register import Register, workers
from shared.scaling import COOLDOWN_S, POLL_S, shared_out, wanted_workers

#: How long others may stay connected to a server that has no workers left, and interval at which
#: they are looked for, in seconds. Chosen: twenty looks of `coach drain --wait`.
_OTHERS_S, _LOOK_S = 10.0, 0.25


@dataclass
class Served:
    """A server that workers of this machine serve.

    Attributes:
        url: Its URL.
        client: The connection to it.
        requests: What an operator asks of this machine there.
        chunks: Unfinished chunks of frames, when they were last counted.
        is_away: Whether it did not answer.
        is_drained: Whether an operator has asked this machine to serve it no more.
    """

    url: str
    client: Client = field(init=False)
    requests: Requests = field(init=False)
    chunks: int = 0
    is_away: bool = False
    is_drained: bool = False
    _register: Register | None = None
    _next_count_s: float = 0.0
    _enough_since_s: float | None = None

    def __post_init__(self) -> None:
        self.client = connect(self.url)
        self.requests = Requests(self.client, "up")

    def register(self, backend: str) -> None:
        """Say there that pose workers of a backend are started when chunks wait."""
        self._register = Register("up", self.client, Activity(autoscaled=(backend,)))

    def close(self) -> None:
        """Take that back."""
        if self._register is not None:
            self._register.close()

    def wait_for_others(self) -> None:
        """Wait until nobody else is connected, for `_OTHERS_S` at most.

        So `coach drain --wait` sees that the workers have ended before their own server ends.
        """
        self.close()
        self.client.connection_pool.disconnect()  # leaves one connection, that of the next command
        end_s, pause = time.monotonic() + _OTHERS_S, threading.Event()
        with suppress(QueueError), queue_errors():
            while self._has_others() and time.monotonic() < end_s:
                pause.wait(_LOOK_S)

    def _has_others(self) -> bool:
        own = self.client.client_id()
        return any(int(one["id"]) != own for one in self.client.client_list(_type="normal"))

    def count_if_due(self, backend: str, running: int) -> None:
        """Count the unfinished chunks: where no pose worker runs, each time."""
        now_s = time.monotonic()
        if not running or now_s >= self._next_count_s:
            self._next_count_s = now_s + POLL_S
            self.chunks = unfinished_chunks(self.client, backend)

    def next_number(self, wanted: int, running: int) -> int:
        """Number of pose workers from now on: more at once, fewer once they were enough."""
        now_s = time.monotonic()
        if wanted >= running:
            self._enough_since_s = None
            return wanted
        if self._enough_since_s is None:
            self._enough_since_s = now_s
        if now_s - self._enough_since_s < COOLDOWN_S:
            return running
        self._enough_since_s = None
        return wanted

    def registered(self) -> set[int]:
        """Process ids of the workers that have registered there; none if it does not answer."""
        try:
            with queue_errors():
                return {worker.pid for worker in workers(self.client)}
        except QueueError:
            return set()


def wanted_at(servers: Sequence[Served], most: int) -> list[int]:
    """Number of pose workers that each server needs, of those that this machine can run."""
    return shared_out([wanted_workers(server.chunks, most) for server in servers], most)
