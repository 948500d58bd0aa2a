"""`coach up`: a whole deployment on this machine, supervised until it is stopped."""

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from coach.local.supervisor import CHECK_S, Plan, Supervisor
from services.pose import engines
from services.pose.backends import networks_of
from services.pose.runtime import Runtime
from services.scorer.score import lift_model
from shared.errors import OutputError, UsageError
from shared.queue.connection import without_password
from shared.settings import Settings

#: Longest path of a Unix socket, in bytes (Linux's sockaddr_un).
_SOCKET_BYTES = 107


def run(plan: Plan, settings: Settings) -> int:
    """Run a deployment until Ctrl-C, SIGTERM or `coach drain` of this machine; its exit status.

    Args:
        plan: what runs.
        settings: settings of the services.

    Raises:
        UsageError: the services cannot run with these settings, or the folder is in use.
        QueueError: the server cannot be reached, or the deployment's own does not start.
    """
    if not any(plan.numbers.values()) and not plan.most_pose:
        raise UsageError("nothing to run: give a number of workers above 0")
    runtime = Runtime.of(settings)
    if plan.numbers["pose"] or plan.most_pose:
        engines.check(runtime, networks_of(settings.backend, runtime))  # the user sees the download
    if settings.posture_model is not None:
        lift_model.chosen(settings.posture_model)
    with _alone_in(plan.folder):
        names = ", ".join(map(without_password, plan.urls)) or "its own"
        _tell(f"the servers are {names}" if len(plan.urls) > 1 else f"the server is {names}")
        numbers = [f"{n} × {name}" for name, n in plan.numbers.items() if n]
        each = " for each server" if len(plan.urls) > 1 else ""
        _tell(f"starting {', '.join(numbers) or 'nothing yet'}{each}")
        if plan.most_pose:
            _tell(f"pose workers start when chunks wait, up to {plan.most_pose}")
        with Supervisor(plan, settings, _tell) as supervisor:
            _tell(f"logs are in {plan.folder / 'logs'}")
            _print_how_to_use(supervisor.urls)
            try:
                _supervise(supervisor)
                supervisor.wait_for_others()
                _tell("this machine is drained: all its workers have finished")
            except KeyboardInterrupt:
                for request in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(request, signal.SIG_IGN)  # it takes less than 15 s
                _tell("stopping: workers finish their chunk or give it back")
    _tell("stopped; jobs that have not ended go on with the next `coach up`")
    return 0


def _supervise(supervisor: Supervisor) -> None:
    pause = threading.Event()
    is_complete = False
    while supervisor.supervise():
        if not is_complete and supervisor.all_are_there():
            is_complete = True
            _tell("all workers are there")
        pause.wait(CHECK_S)


def _print_how_to_use(urls: Sequence[str]) -> None:
    _tell("use it from another terminal, and end it with Ctrl-C:")
    shown = [without_password(url) for url in urls]
    name = f"SHARDS='{json.dumps(shown)}'" if len(shown) > 1 else f"REDIS_URL={shown[0]}"
    for line in (
        f"export COACH_{name}",
        "coach submit CLIP --out results",
        "coach status",
    ):
        print(f"    {line}", file=sys.stderr, flush=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make and lock a deployment's folder, which only its owner can read.

    Raises:
        UsageError: another deployment runs in it, or its path is too long for a socket.
        OutputError: it cannot be made or written.
    """
    if len(os.fsencode(folder / "valkey.sock")) > _SOCKET_BYTES:
        raise UsageError(f"the path of {folder} is too long for a socket; choose another --data")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise OutputError(
            f"cannot write to {folder} ({error.strerror}); choose another --data"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise UsageError(
            f"another `coach up` runs in {folder}; stop it, or choose another --data"
        ) from error
    finally:
        os.close(lock)


def _tell(line: str) -> None:
    at = datetime.now().isoformat(timespec="seconds")
    print(f"{at} {line}", file=sys.stderr, flush=True)
