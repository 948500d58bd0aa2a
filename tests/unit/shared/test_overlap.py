import threading

import pytest

from shared.overlap import read_ahead, write_behind

#: Maximum wait for another thread, in seconds; none of these tests comes near it.
TIMEOUT_S = 10


def our_threads():
    return [one for one in threading.enumerate() if one.name in ("read-ahead", "write-behind")]


def test_items_pass_once_and_in_order():
    consumed = []
    with write_behind(consumed.append, 2) as put, read_ahead(range(500), 2) as ahead:
        for item in ahead:
            put(item)
    assert consumed == list(range(500))
    assert not our_threads()


def test_no_more_items_are_read_than_may_wait():
    read, third_is_read = [], threading.Event()

    def items():
        for item in range(100):
            read.append(item)
            if item == 2:
                third_is_read.set()
            yield item

    with read_ahead(items(), 2):
        assert third_is_read.wait(TIMEOUT_S)  # two wait, one is in the thread's hands
    assert read == [0, 1, 2]
    assert not our_threads()


def test_error_of_the_items_comes_after_those_before_it():
    seen = []

    def items():
        yield from range(3)
        raise ValueError("damaged")

    def run():
        with read_ahead(items(), 5) as ahead:
            for item in ahead:
                seen.append(item)

    with pytest.raises(ValueError, match="damaged"):
        run()
    assert seen == [0, 1, 2]
    assert not our_threads()


def put_all(items, consume, size):
    with write_behind(consume, size) as put:
        for item in items:
            put(item)


def test_error_of_the_consumer_is_raised_by_a_later_put():
    put_items = []

    def consume(item):
        raise OSError("disk full")

    def items():
        for item in range(1000):
            put_items.append(item)
            yield item

    with pytest.raises(OSError, match="disk full"):
        put_all(items(), consume, 2)
    assert len(put_items) <= 4  # one consumed, two that waited, and the one that met the error
    assert not our_threads()


def test_error_of_the_consumer_at_the_last_item_is_raised_at_the_end():
    def consume(item):
        if item == 2:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        put_all(range(3), consume, 5)


def test_error_of_the_block_drops_what_waits():
    consumed, is_at_work = [], threading.Event()

    def run():
        with write_behind(lambda item: consume(item, put), 2) as put:
            put(0)
            assert is_at_work.wait(TIMEOUT_S)
            raise KeyError

    def consume(item, put):
        consumed.append(item)
        is_at_work.set()
        while True:  # once two wait, this hangs until the block has given up
            put(item + 1)

    with pytest.raises(KeyError):
        run()
    assert consumed == [0]
    assert not our_threads()
