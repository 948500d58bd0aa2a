"""What becomes of a message whose work fails."""

import threading

import pytest

from shared.errors import DeviceError
from shared.queue.streams import Consumer, publish
from shared.queue.worker import WorkerContext, consume
from shared.settings import Settings


@pytest.fixture
def context(client, store):
    return WorkerContext(Settings(), client, store, threading.Event())


def fails_with(error):
    def handle(_):
        raise error

    return handle


def test_a_device_that_fails_ends_the_process_and_loses_nothing(context, client):
    publish(client, "s", b"work")
    consumer = Consumer(client, "s", "g", "a", 60)
    with pytest.raises(DeviceError):
        consume(context, consumer, fails_with(DeviceError("no memory left")), lambda: True)
    [pending] = client.xpending_range("s", "g", "-", "+", 1)
    assert pending["times_delivered"] == 1
    assert DeviceError.exit_status == 1  # 2 would keep the local runner from starting it again


def test_other_errors_leave_the_process_alive_and_the_message_to_others(context, client):
    publish(client, "s", b"work")
    consumer = Consumer(client, "s", "g", "a", 60)
    consume(context, consumer, fails_with(ZeroDivisionError()), lambda: True)
    assert client.xpending("s", "g")["pending"] == 1
