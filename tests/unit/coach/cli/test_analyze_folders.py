"""Which result folders `coach analyze` gives up on a running deployment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import wait_for

from coach.cli import analyze
from coach.cli.submission import prepare
from shared.data.job_options import JobOptions
from shared.errors import QueueError, SourceError
from shared.queue.servers import Servers
from shared.settings import Settings

OPTIONS = JobOptions("blazepose-full")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def running(clip, out, store, valkey_url):
    """A command that waits for its job, as a future; nobody works on the job."""
    with ThreadPoolExecutor(1) as pool:
        given = (OPTIONS, Settings(), Servers([valkey_url], 60), None, True)
        future = pool.submit(analyze.run, [clip], out, *given)
        wait_for(lambda: bool(store.active_ids() or future.done()), 20)
        yield future


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_job_that_ends_without_a_result_gives_up_its_folder(store, out, running, ending):
    assert (out / ".coach" / "clip").is_dir()
    [job_id] = store.active_ids()
    if ending == "failed":
        store.fail(job_id, SourceError("it is damaged"))
    else:
        store.cancel(job_id)
    status, [job] = running.result(20)
    assert (status, job.state) == (2 if ending == "failed" else 1, ending)
    assert list(out.iterdir()) == []


def test_job_that_may_still_run_keeps_its_folder(client, out, running):
    client.shutdown(nosave=True)
    with pytest.raises(QueueError):
        running.result(60)
    assert (out / ".coach" / "clip").is_dir()


def test_unreachable_server_leaves_the_folders_of_earlier_jobs(clip, out):
    prepare([clip], out, OPTIONS)
    away = Servers(["redis://127.0.0.1:1"], 60)
    with pytest.raises(QueueError):
        analyze.run([clip], out, OPTIONS, Settings(), away, as_json=True)
    assert (out / ".coach" / "clip").is_dir()
