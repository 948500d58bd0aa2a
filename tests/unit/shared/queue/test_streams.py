import pytest
import redis
from builders import wait_for

from shared.errors import QueueError, UsageError
from shared.queue.connection import connect, without_password
from shared.queue.streams import Consumer, publish

IDLE_S = 0.2


@pytest.fixture
def server(any_url):
    client = connect(any_url)
    yield client
    client.close()


def consumer(server, name):
    return Consumer(server, "s", "g", name, IDLE_S)


def test_result_and_acknowledgement_are_one(server):
    a = consumer(server, "a")
    publish(server, "s", b"work")
    delivery = a.take(100)

    def dies_half_way():
        with a.finishing(delivery) as pipe:
            publish(pipe, "out", b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies_half_way()
    assert server.xlen("out") == 0
    assert server.xlen("s") == 1
    with a.finishing(delivery) as pipe:
        publish(pipe, "out", b"result")
    assert server.xlen("out") == 1
    assert server.xlen("s") == 0


def test_what_a_dead_consumer_left_is_claimed_and_counted(server):
    publish(server, "s", b"work")
    assert consumer(server, "dead").take(100).times == 1
    heir = consumer(server, "heir")
    taken = []
    wait_for(lambda: bool(taken.append(heir.take(50)) or taken[-1]), 5)
    assert taken[-1].payload == b"work"
    assert taken[-1].times == 2


def test_a_message_in_work_is_not_claimed(server):
    publish(server, "s", b"work")
    a, b = consumer(server, "a"), consumer(server, "b")
    delivery = a.take(100)
    with a.keep_claimed(delivery):
        assert b.take(round(IDLE_S * 4000)) is None  # four times the idle limit
    taken = []
    wait_for(lambda: bool(taken.append(b.take(50)) or taken[-1]), 5)


def test_leaving_forgets_a_consumer_but_not_its_messages(server):
    a = consumer(server, "a")
    a.take(10)
    a.leave()
    assert server.xinfo_consumers("s", "g") == []
    publish(server, "s", b"work")
    a.take(100)
    a.leave()
    assert server.xpending("s", "g")["pending"] == 1


def test_a_server_that_came_back_empty_is_joined_again(server):
    a = consumer(server, "a")
    server.delete("s")
    assert a.take(10) is None
    publish(server, "s", b"work")
    assert a.take(100).payload == b"work"


def test_an_unreachable_server_is_told_without_its_password():
    with pytest.raises(QueueError, match="cannot be reached") as refusal:
        connect("redis://user:secret@127.0.0.1:1/0")
    assert "secret" not in str(refusal.value)
    assert refusal.value.exit_status == 2
    with pytest.raises(UsageError, match="no Redis URL"):
        connect("http://127.0.0.1")
    assert without_password("redis://h:1/0") == "redis://h:1/0"


def test_messages_outlive_a_client(server):
    publish(server, "s", b"work")
    assert isinstance(server, redis.Redis)
    assert consumer(server, "late").take(100).payload == b"work"
