"""A few schedules of the fault harness; `make soak` runs fifty, see docs/reliability.md."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from faults.harness import aof, clocks, plans
from faults.harness.clips import recordings
from faults.harness.running import prepare, run_in_a_process

#: Seeds whose schedules are run: one on Redis with a recording, real clips and twelve faults. The
#: other one, on Valkey with real networks, has a third of the work of this module.
SEEDS = (21, 5)
THOROUGH = SEEDS[1:]

#: Schedules side by side: they wait most of their time.
_SIDE_BY_SIDE = 3

#: Deliberate bug → the schedule that must show it, and what the ledger must say.
BUGS = {
    "ack-before-publish": ("deaths of pose workers", "never ended"),
    "no-pause": ("crash loop", "no progress after"),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def ran(models, tmp_path_factory, request):
    """Exit status and output of all schedules of this module, by seed and bug."""
    if not os.environ.get("CI") and shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    assert clocks.library(recordings()) is not None or not os.environ.get("CI"), "no C compiler"
    seeds = SEEDS if request.config.getoption("--thorough") else SEEDS[:1]
    prepare([*map(plans.draw, seeds), *plans.PLANS.values()])
    out = tmp_path_factory.mktemp("soak")
    runs = {bug: ("--plan", plan, "--bug", bug) for bug, (plan, _) in BUGS.items()}
    runs |= {seed: ("--seed", str(seed)) for seed in seeds}
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        ended = pool.map(lambda run: run_in_a_process(out, *run), runs.values())
        return dict(zip(runs, ended, strict=True))


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=pytest.mark.thorough if s in THOROUGH else ()) for s in SEEDS]
)
def test_every_promise_is_kept_in_a_schedule_of_faults(ran, seed):
    status, text = ran[seed]
    assert status == 0, text


@pytest.mark.parametrize("bug", BUGS)
def test_deliberate_bug_is_caught(ran, bug):
    status, text = ran[bug]
    assert status == 1, text
    assert any(BUGS[bug][1] in line for line in text.splitlines() if "VIOLATION" in line), text


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def test_file_of_a_server_is_cut_at_the_beginning_of_a_transaction(tmp_path):
    kept = b"#TS:100\r\n" + command(b"SELECT", b"0") + b"#TS:108\r\n" + command(b"SET", b"a", b"1")
    lost = command(b"MULTI") + command(b"SET", b"b", b"\r\n*1") + command(b"EXEC")
    file = tmp_path / "file.aof"
    file.write_bytes(kept + lost + b"*2\r\n$3\r\nSE")

    def last(units):
        assert [unit.commands[0][0] for unit in units] == [b"SET", b"MULTI"]
        return units[-1]

    assert len(aof.cut_back(file, last)) == 1
    assert file.read_bytes() == kept


def test_a_seed_always_draws_the_same_schedule(models):
    assert str(plans.draw(7)) == str(plans.draw(7)) != str(plans.draw(8))
