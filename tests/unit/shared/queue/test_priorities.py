from collections import Counter

import pytest

from shared.queue.connection import connect
from shared.queue.priorities import PRIORITIES, in_turn, named
from shared.queue.streams import Consumer, publish


def test_each_priority_gets_four_times_what_the_next_lower_one_gets():
    firsts = Counter(in_turn(PRIORITIES, taken)[0] for taken in range(160))
    assert firsts == {"high": 120, "normal": 30, "low": 10}


def test_all_are_looked_at_in_every_turn():
    for taken in range(16):
        order = in_turn(PRIORITIES, taken)
        assert sorted(order) == sorted(PRIORITIES)
        rest = [one for one in PRIORITIES if one != order[0]]
        assert order[1:] == rest


def test_a_single_stream_stays_what_it_is():
    assert in_turn(["s"], 15) == ["s"]


@pytest.fixture
def server(any_url):
    client = connect(any_url)
    yield client
    client.close()


STREAMS = [named("s", priority) for priority in PRIORITIES]


def consumer(server, name="a", idle_s=60.0):
    return Consumer(server, STREAMS, "g", name, idle_s)


def take_and_finish(one):
    delivery = one.take(10)
    if delivery is None:
        return ""
    with one.finishing(delivery):
        pass
    return delivery.stream


def test_higher_priority_is_taken_first_and_lower_does_not_starve(server):
    one = consumer(server)
    for stream in STREAMS:
        for _ in range(20):
            publish(server, stream, b"work")
    taken = [take_and_finish(one) for _ in range(16)]
    assert Counter(taken) == {"s:high": 12, "s": 3, "s:low": 1}
    others = [take_and_finish(one) for _ in range(44)]
    assert Counter(taken + others) == dict.fromkeys(STREAMS, 20)
    assert take_and_finish(one) == ""
    assert [server.xlen(stream) for stream in STREAMS] == [0, 0, 0]


def test_waiting_consumer_takes_one_message_though_all_streams_get_one(server):
    one = consumer(server)
    one.take(10)
    with server.pipeline(transaction=True) as pipe:
        for stream in STREAMS:
            publish(pipe, stream, b"work")
        pipe.execute()
    delivery = one.take(1000)
    assert delivery.stream == "s:high"
    assert sum(server.xpending(stream, "g")["pending"] for stream in STREAMS) == 1


def test_messages_of_dead_consumers_are_found_in_all_streams(server):
    for stream in STREAMS:
        publish(server, stream, b"work")
    dead, heir = consumer(server, "dead", 60), consumer(server, "heir", 0.01)
    for _ in STREAMS:
        dead.take(10)
    found = set()
    while len(found) < 3:
        delivery = heir.take(20)
        if delivery is not None:
            assert delivery.times >= 2
            assert heir.renew(delivery)
            with heir.finishing(delivery):
                found.add(delivery.stream)
    heir.leave()
    assert all(server.xlen(stream) == 0 for stream in STREAMS)
