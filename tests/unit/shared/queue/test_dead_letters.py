import pytest

from shared.errors import UsageError
from shared.queue import dead_letters, keys
from shared.queue.streams import Consumer, publish


def put_aside(client, payload, cause="cause"):
    publish(client, "s", payload)
    consumer = Consumer(client, "s", "g", "a", 60)
    delivery = consumer.take(100)
    with consumer.finishing(delivery) as pipe:
        dead_letters.add(pipe, "s", delivery, cause, "job", "3")


def test_message_is_kept_with_its_cause_and_can_be_sent_again(client):
    put_aside(client, b"work")
    [dead] = dead_letters.letters(client)
    assert (dead.stream, dead.job, dead.chunk, dead.deliveries) == ("s", "job", "3", 1)
    assert (dead.payload, dead.cause) == (b"work", "cause")
    assert client.xlen("s") == 0
    with pytest.raises(UsageError, match="job job has ended"):
        dead_letters.send_again(client, dead)
    client.sadd(keys.ACTIVE_JOBS, "job")
    dead_letters.send_again(client, dead_letters.find(client, dead.id))
    assert [fields for _, fields in client.xrange("s")] == [{b"m": b"work"}]
    assert list(dead_letters.letters(client)) == []


def test_only_the_last_letters_are_kept(client, monkeypatch):
    monkeypatch.setattr(dead_letters, "MAX_LETTERS", 3)
    for number in range(9):
        put_aside(client, b"x" * 5000, f"cause {number}")  # each in a node of its own
    causes = [dead.cause for dead in dead_letters.letters(client)]
    assert causes[0] == "cause 8"
    assert len(causes) <= 4  # the server cuts whole nodes


def test_huge_message_and_cause_are_not_kept(client, monkeypatch):
    monkeypatch.setattr(dead_letters, "MAX_PAYLOAD_BYTES", 10)
    put_aside(client, b"x" * 11, "c" * 10_000)
    [dead] = dead_letters.letters(client)
    assert dead.payload is None
    assert len(dead.cause) == 500
    with pytest.raises(UsageError, match="was not kept"):
        dead_letters.send_again(client, dead)


def test_letter_is_dropped_by_its_id(client):
    put_aside(client, b"work")
    [dead] = dead_letters.letters(client)
    dead_letters.drop(client, dead)
    assert client.xlen(keys.DEAD_LETTERS) == 0
    for unknown in (dead.id, "nonsense"):
        assert dead_letters.find(client, unknown) is None
