"""What an operator asks of workers while they run."""

import json
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from shared.activity import ACTIVITY
from shared.queue import keys, pausing
from shared.queue.connection import connect
from shared.queue.pausing import SERVICES, Requests
from shared.queue.streams import Consumer, publish
from shared.queue.worker import WorkerContext, consume
from shared.settings import Settings


@pytest.fixture(autouse=True)
def asked_each_time(monkeypatch):
    monkeypatch.setattr(pausing, "ASK_S", 0.0)
    yield
    ACTIVITY.is_paused = False


def test_paused_services_add_up_and_are_resumed_one_by_one(client):
    requests = Requests(client, "pose")
    assert not requests.is_paused()
    pausing.pause(client, ["writer"])
    assert not requests.is_paused()
    pausing.pause(client, ["pose"])
    assert requests.is_paused()
    assert ACTIVITY.is_paused
    assert json.loads(client.get(keys.PAUSED)) == ["pose", "writer"]
    pausing.resume(client, ["pose"])
    assert not requests.is_paused()
    pausing.pause(client, SERVICES)
    assert json.loads(client.get(keys.PAUSED)) == pausing.ALL
    assert requests.is_paused()
    pausing.resume(client, SERVICES)
    assert not client.exists(keys.PAUSED)


@pytest.mark.parametrize("text", ["{", "7", '"some"', '[["pose"]]', '{"pose": 1}'])
def test_what_is_no_list_of_services_pauses_nobody(client, text):
    client.set(keys.PAUSED, text)
    assert pausing.paused(client) == ()


@pytest.mark.parametrize(
    "target",
    ["pose", socket.gethostname(), f"{socket.gethostname()}:{os.getpid()}"],
    ids=["service", "machine", "worker"],  # the same in each process that collects the tests
)
def test_worker_is_drained_by_service_machine_or_itself(client, target):
    old = Requests(client, "pose")
    pausing.drain(client, target)
    assert old.must_end()
    assert not Requests(client, "pose").must_end()  # it has started after the request


def test_younger_workers_are_left_alone(client):
    requests = Requests(client, "pose")
    pausing.drain(client, "pose", older_than_s=60)
    assert not requests.must_end()
    pausing.drain(client, "writer")
    assert not requests.must_end()
    pausing.drain(client, "pose")
    pausing.drain(client, "pose", older_than_s=60)  # takes nothing back
    assert requests.must_end()


def test_drained_consumer_leaves_messages_to_others_and_its_group(client, store):
    context = WorkerContext(Settings(), client, store, threading.Event(), Requests(client, "pose"))
    consumer = Consumer(client, "s", "g", "a", 60)
    publish(client, "s", b"work")
    pausing.drain(client, "pose")
    consume(context, consumer, lambda delivery: pytest.fail("it took a message"))
    assert client.xlen("s") == 1
    assert client.xinfo_consumers("s", "g") == []


def test_two_operators_at_once_lose_no_request(client, valkey_url):
    def repeat(service):
        with connect(valkey_url) as own:
            for _ in range(50):
                pausing.pause(own, [service])
                assert service in pausing.paused(own)
                pausing.resume(own, [service])
                assert service not in pausing.paused(own)
            pausing.pause(own, [service])

    with ThreadPoolExecutor(len(SERVICES)) as pool:
        list(pool.map(repeat, SERVICES))
    assert json.loads(client.get(keys.PAUSED)) == pausing.ALL


def test_services_are_paused_and_drained_while_the_memory_is_full(client):
    client.config_set("maxmemory", "1kb")
    with pytest.raises(redis.OutOfMemoryError):
        client.set("more", "x")
    pausing.pause(client, ["decoder"])
    pausing.drain(client, "pose")
    assert pausing.paused(client) == ("decoder",)
