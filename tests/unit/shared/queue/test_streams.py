import pytest
from builders import wait_for

from shared.queue.connection import connect
from shared.queue.streams import Consumer, publish

IDLE_S = 0.5


@pytest.fixture
def server(any_url):
    client = connect(any_url)
    yield client
    client.close()


def consumer(server, name):
    return Consumer(server, "s", "g", name, IDLE_S)


def test_result_and_acknowledgement_are_one_transaction(server):
    a = consumer(server, "a")
    publish(server, "s", b"work")
    delivery = a.take(100)

    def fail_half_way():
        with a.finishing(delivery) as pipe:
            publish(pipe, "out", b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert server.xlen("out") == 0
    assert server.xlen("s") == 1
    with a.finishing(delivery) as pipe:
        publish(pipe, "out", b"result")
    assert server.xlen("out") == 1
    assert server.xlen("s") == 0


def test_message_of_a_dead_consumer_is_claimed_and_counted(server):
    publish(server, "s", b"work")
    assert consumer(server, "dead").take(100).times == 1
    heir = consumer(server, "heir")
    taken = []
    wait_for(lambda: bool(taken.append(heir.take(50)) or taken[-1]), 30)
    assert taken[-1].payload == b"work"
    assert taken[-1].times == 2


def test_message_in_work_is_not_claimed(server):
    publish(server, "s", b"work")
    a, b = consumer(server, "a"), consumer(server, "b")
    delivery = a.take(100)
    with a.keep_claimed(delivery):
        assert b.take(round(IDLE_S * 3000)) is None  # three times the idle limit
    taken = []
    wait_for(lambda: bool(taken.append(b.take(50)) or taken[-1]), 30)


def test_leaving_removes_a_consumer_but_not_its_messages(server):
    a = consumer(server, "a")
    a.take(10)
    a.leave()
    assert server.xinfo_consumers("s", "g") == []
    publish(server, "s", b"work")
    a.take(100)
    a.leave()
    assert server.xpending("s", "g")["pending"] == 1


def test_group_is_joined_again_after_the_server_lost_it(server):
    a = consumer(server, "a")
    server.delete("s")
    assert a.take(10) is None
    publish(server, "s", b"work")
    assert a.take(100).payload == b"work"


def test_message_waits_for_a_consumer_that_joins_later(server):
    publish(server, "s", b"work")
    assert consumer(server, "late").take(100).payload == b"work"


def test_message_given_back_is_claimed_at_once_and_not_counted(server):
    publish(server, "s", b"work")
    a, b = (Consumer(server, "s", "g", name, claim_idle_s=60) for name in "ab")
    with a.keep_claimed(a.take(100)):
        a.give_back_in_hand()
        delivery = b.take(10)
    assert (delivery.payload, delivery.times, delivery.previous) == (b"work", 1, "a")
    assert not a.renew(delivery)
    assert b.renew(delivery)


def test_result_is_stored_although_the_server_is_full(server):
    a = consumer(server, "a")
    publish(server, "s", b"work")
    delivery = a.take(100)
    server.config_set("maxmemory", 1)
    with a.finishing(delivery) as pipe:
        publish(pipe, "out", b"result")
    assert server.xlen("s") == 0
    assert server.xrange("out")[0][1] == {b"m": b"result"}


def test_claim_is_lost_with_the_servers_data(server):
    publish(server, "s", b"work")
    a = consumer(server, "a")
    delivery = a.take(100)
    assert a.renew(delivery)
    server.flushall()
    assert not a.renew(delivery)
