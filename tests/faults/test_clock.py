"""What a server whose clock is set back does with messages of workers that have died."""

import os

import pytest
from builders import wait_for
from faults.harness import clocks
from faults.harness.clocks import Clock
from faults.harness.servers import Server

from shared.queue.connection import connect
from shared.queue.streams import Consumer, publish

pytestmark = pytest.mark.slow

#: Time after which a message of a dead worker is claimed, in seconds.
_IDLE_S = 0.3


@pytest.mark.parametrize("name", ["valkey", "redis"])
def test_message_delivered_before_the_clock_was_set_back_is_claimed(name, tmp_path):
    library = clocks.library(tmp_path)
    if library is None:
        assert not os.environ.get("CI"), "CI must have a C compiler"
        pytest.skip("no C compiler on this machine")
    clock = Clock(library, tmp_path / "clock")
    (tmp_path / "data").mkdir()
    try:
        server = Server(name, tmp_path / "data", clock.environment)
    except FileNotFoundError:
        assert not os.environ.get("CI"), f"CI must have {name}"
        pytest.skip(f"no {name} on this machine")
    clock.jump(3600)
    server.start()
    try:
        client = connect(f"redis://127.0.0.1:{server.port}/0")
        dead, alive = (Consumer(client, "s", "g", one, _IDLE_S) for one in ("dead", "alive"))
        publish(client, "s", b"work")
        assert dead.take(1000).payload == b"work"
        clock.jump(0)
        taken = []
        wait_for(lambda: bool(taken.append(alive.take(50)) or taken[-1]), 30)
        assert (taken[-1].payload, taken[-1].previous, taken[-1].times) == (b"work", "dead", 2)
        client.close()
    finally:
        server.kill()
