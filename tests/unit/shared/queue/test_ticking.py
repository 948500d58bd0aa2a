"""One thread does something again and again for the blocks that run."""

from builders import wait_for

from shared.queue.ticking import Ticker


def test_item_of_each_block_ticks_while_it_runs():
    ticked = []
    ticker = Ticker(0.01, ticked.append)
    for item in ("first", "second"):
        with ticker.ticking(item):
            wait_for(lambda: item in ticked, 30)  # noqa: B023
        wait_for(lambda: ticker._thread is None, 30)


def test_blocks_that_run_at_once_all_tick():
    ticked = []
    ticker = Ticker(0.01, ticked.append)
    with ticker.ticking("outer"), ticker.ticking("inner"):
        wait_for(lambda: {"outer", "inner"} <= set(ticked), 30)
    ticked.clear()
    with ticker.ticking("next"):
        wait_for(lambda: "next" in ticked, 30)
    assert "inner" not in ticked[1:]
