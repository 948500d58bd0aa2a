"""Tasks that somebody else has put into the queue: nothing that they name is run."""

import json
import pickle
import subprocess
import threading
import zlib
from pathlib import Path

import pytest
from rq import Queue, SimpleWorker

from shared.data.job_options import JobOptions
from shared.queue import tasks
from shared.queue.job import new_job
from shared.queue.pausing import Requests
from shared.queue.task_class import Task
from shared.settings import Settings


@pytest.fixture
def mark(tmp_path):
    """A file that exists once foreign code has run."""
    return tmp_path / "executed"


class Exploit:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def call(function, *arguments, instance=None, **named):
    return json.dumps([function, instance, arguments, named]).encode()


def foreign(client, data, **fields):
    """Put a task into the decoders' queue by hand."""
    name = f"foreign-{client.incr('test:foreign')}"
    origin = tasks.queue(client, "decode").name
    record = {"data": data, "origin": origin, "status": "queued", "timeout": "60"}
    client.hset(f"rq:job:{name}", mapping={**record, **fields})
    client.rpush(f"rq:queue:{origin}", name)


def work_off(client):
    requests = Requests(client, "decoder")
    tasks.run_worker(client, "decode", True, Settings(), threading.Event(), requests)


def test_rq_itself_runs_whatever_a_task_names(client, mark):
    """Why there is a class of our own; if RQ changes, it may go."""
    queue = Queue("coach-decode", connection=client, serializer="json")
    foreign(client, call("pathlib.Path.touch", str(mark)))
    foreign(client, call("subprocess.call", ["touch", str(mark)]))
    SimpleWorker([queue], connection=client, serializer="json").work(burst=True, logging_level=None)
    assert mark.exists()


@pytest.mark.parametrize("is_compressed", [True, False])
def test_foreign_tasks_are_not_run_and_coachs_own_are(client, store, mark, is_compressed):
    touch = ["touch", str(mark)]
    for data in (
        call("subprocess.call", touch),
        call("os.system", f"touch {mark}"),
        call("services.decoder.task.decode", "a", "b"),
        call("services.decoder.task.decode", "../../etc"),
        call("services.decoder.task.decode", "a", other=1),
        call("services.decoder.task.decode", ["a"]),
        call("services.decoder.task.decode.__globals__", "a"),
        call("call", touch, instance="subprocess"),
        pickle.dumps(Exploit(mark)),
        pickle.dumps((subprocess.call, None, (touch,), {})),
        b"\xff damaged",
        b"[" * 100_000,
        b"null",
        b"",
    ):
        foreign(client, zlib.compress(data) if is_compressed else data)
    own = new_job(Path("/v/none.mp4"), "ab" * 32, Path("/o"), JobOptions("movenet"))
    store.create(own)
    tasks.enqueue(client, "decode", own.id, timeout_s=60)
    work_off(client)
    assert not mark.exists()
    assert "none.mp4 does not exist" in store.get(own.id).error


def test_callbacks_of_a_stored_task_are_not_called(client, store, mark):
    good = zlib.compress(call("services.decoder.task.decode", "none"))
    hook = json.dumps([{"url": "http://127.0.0.1:1/", "job_status": "finished", "method": "GET"}])
    foreign(client, good, success_callback_name="subprocess.check_call")
    foreign(client, good, failure_callback_name="subprocess.check_call", webhooks=hook)
    fetched = [Task.fetch(f"foreign-{n}", client, serializer="json") for n in (1, 2)]
    assert [(t.success_callback, t.failure_callback, t.webhooks) for t in fetched] == [
        (None, None, []), (None, None, []),
    ]  # fmt: skip
    work_off(client)


def test_damaged_records_do_not_end_the_worker(client, store):
    good = zlib.compress(call("services.decoder.task.decode", "none"))
    for fields in (
        {"timeout": "many"},
        {"created_at": "yesterday"},
        {"status": "odd"},
        {"retries_left": "x"},
        {"retry_intervals": "["},
        {"worker_name": b"\xff"},
        {"exc_info": zlib.compress(bytes(50_000_000))},
        {"meta": "{"},
        {"origin": b"\xff"},
    ):
        foreign(client, good, **fields)
    own = new_job(Path("/v/none.mp4"), "ab" * 32, Path("/o"), JobOptions("movenet"))
    store.create(own)
    tasks.enqueue(client, "decode", own.id, timeout_s=60)
    work_off(client)
    assert store.state(own.id) == "failed"


def test_a_call_that_unpacks_to_gigabytes_is_not_unpacked(client):
    foreign(client, zlib.compress(b"[" + b" " * 100_000_000))
    assert Task.fetch("foreign-1", client, serializer="json").data == b""


def test_coachs_own_functions_may_be_named(client):
    for name in tasks._FUNCTIONS:
        tasks.enqueue(client, name, "0123abcd", timeout_s=60)
        [task] = tasks.queue(client, name).jobs
        assert (task.func_name, task.args) == (tasks._FUNCTIONS[name], ["0123abcd"])
