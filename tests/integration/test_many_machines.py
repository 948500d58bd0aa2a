"""Three machines on one server, as one Linux can have them.

Each has a name, processes and a file system of its own (namespaces), and reaches the server at an
address of its own. Two of them, without the videos, look at frames; one of these loses its power.
"""

import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import frames_of, run_coach, wait_for

from coach.cli.submission import prepare, submit
from shared.data.defaults import BACKEND
from shared.data.job_options import JobOptions
from shared.queue.connection import connect
from shared.queue.job_store import JobStore
from shared.queue.worker_register import workers

pytestmark = pytest.mark.slow

#: Runs a command as the machine $0, on which the folder $1 is empty, if it is not "".
MACHINE = (
    'hostname "$0" && mount --make-rprivate / && mount -t proc proc /proc'
    ' && if [ "$1" ]; then mount -t tmpfs none "$1"; fi && shift && exec "$@"'
)
UNSHARED = ("unshare", "--uts", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", MACHINE)

#: Name of a machine → the address at which it reaches the server, and what it runs.
MACHINES = {
    "archive": ("127.0.0.1", {"decoders": 1, "pose": 0, "scorers": 1, "writers": 1}),
    "lookout": ("127.0.0.2", {"decoders": 0, "pose": 1, "scorers": 0, "writers": 0}),
    "helper": ("127.0.0.3", {"decoders": 0, "pose": 1, "scorers": 0, "writers": 0}),
}


@dataclass
class Machines:
    """The machines by name, with a connection to their server."""

    folder: Path
    port: int
    running: dict[str, subprocess.Popen]

    def start(self, name, hidden):
        address, counts = MACHINES[name]
        options = [part for kind, count in counts.items() for part in (f"--{kind}", str(count))]
        url = f"redis://{address}:{self.port}/0"
        command = [sys.executable, "-m", "coach", "up", *options, "--redis", url]
        command += ["--data", str(self.folder / name)]
        environment = {**os.environ, "COACH_CLAIM_IDLE_S": "2", "COACH_STALL_S": "4"}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [*UNSHARED, name, hidden, *command], stderr=log, env=environment
            )

    def client(self):
        return connect(f"redis://127.0.0.1:{self.port}/0")


@pytest.fixture
def machines(models, tmp_path):
    if shutil.which("redis-server") is None:
        assert not os.environ.get("CI"), "CI must have a redis-server"
        pytest.skip("no redis-server on this machine")
    if subprocess.run([*UNSHARED, "a", "", "true"], capture_output=True).returncode:
        pytest.skip("this user may not make namespaces")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    addresses = [address for address, _ in MACHINES.values()]
    command = ["redis-server", "--port", str(port), "--bind", *addresses, "--save", ""]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    started = Machines(tmp_path, port, {})
    yield started
    for machine in started.running.values():
        machine.kill()
        machine.wait()
    server.terminate()
    server.wait()


def test_a_machine_may_die_and_another_be_drained(machines, film, analysed_film, tmp_path):
    """Processes of two machines may have the same id: a machine's name tells them apart."""
    for name in MACHINES:
        machines.start(name, "" if name == "archive" else str(film.parent))
    client = machines.client()
    store = JobStore(client, keep_s=3600)

    def there():
        return {(one.host, one.service) for one in workers(client)}

    wait_for(lambda: {("lookout", "pose"), ("helper", "pose")} <= there(), 120)
    [job], _ = prepare([film], tmp_path / "out", JobOptions(BACKEND, video=False))
    submit(client, store, [job], timeout_s=600)
    wait_for(lambda: store.stored_chunks(job.id) > 0, 120)
    machines.running["helper"].kill()
    wait_for(lambda: store.state(job.id) == "done", 150)
    assert frames_of(tmp_path / "out" / "set") == frames_of(analysed_film)
    done = run_coach("drain", "lookout", "--redis", f"redis://127.0.0.1:{machines.port}/0")
    assert done.returncode == 0, done.stderr
    wait_for(lambda: "lookout" not in {host for host, _ in there()}, 60)
    assert ("archive", "decoder") in there()
    client.close()
