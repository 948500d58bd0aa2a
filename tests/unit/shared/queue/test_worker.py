"""What happens to a message if its work fails."""

import threading

import pytest

from shared.errors import DeviceError
from shared.queue.pausing import Requests
from shared.queue.streams import Consumer, publish
from shared.queue.worker import WorkerContext, consume
from shared.settings import Settings


@pytest.fixture
def context(client, store):
    return WorkerContext(Settings(), client, store, threading.Event(), Requests(client, "pose"))


@pytest.fixture
def consumer(client):
    """A consumer with one message to take."""
    publish(client, "s", b"work")
    return Consumer(client, "s", "g", "a", 60)


def fail_with(error):
    def handle(_):
        raise error

    return handle


def test_device_error_ends_the_process_and_loses_no_message(context, client, consumer):
    with pytest.raises(DeviceError):
        consume(context, consumer, fail_with(DeviceError("no memory left")), lambda: True)
    [pending] = client.xpending_range("s", "g", "-", "+", 1)
    assert pending["times_delivered"] == 1
    assert DeviceError.exit_status == 1  # the embedded deployment does not restart after a 2


def test_other_errors_leave_the_message_to_another_worker(context, client, consumer):
    consume(context, consumer, fail_with(ZeroDivisionError()), lambda: True)
    assert client.xpending("s", "g")["pending"] == 1


def test_worker_that_was_asked_to_stop_takes_no_message(context, client, consumer):
    context.stop.set()
    consume(context, consumer, fail_with(AssertionError("took a message")))
    assert client.xlen("s") == 1
    assert client.xinfo_consumers("s", "g") == []
