"""A service in a process that is forked from this one: it shares all modules that are loaded here.

Importing them again takes half a second of processor time for each process. A fork copies one
thread only, so that it is safe only while this process has used no threads, images or networks.
"""

import importlib
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired

from shared.memory import share_with_children
from shared.queue import worker
from shared.settings import read_settings

#: Libraries that start threads where they have been used, perhaps by a backend of another package.
_WITH_THREADS = {"openvino", "onnxruntime", "torch", "tensorflow", "jax"}

#: Interval at which a process that is waited for is checked, in seconds.
_CHECK_S = 0.002


class Lifeline:
    """A pipe that nothing is written to: its reading end closes when this process ends."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()

    def close(self) -> None:
        """Close both ends."""
        os.close(self.reading)
        os.close(self._writing)

    def keep_reading_end_as_stdin(self) -> None:
        """In a forked process: hold the reading end only, as stdin."""
        os.dup2(self.reading, 0)
        self.close()
        sys.stdin = os.fdopen(0, closefd=False)


class ForkedProcess:
    """A forked process, with the part of the interface of `subprocess.Popen` that is used here."""

    stdin = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Exit status, or the negative number of the signal that ended it; None if it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs after `timeout` seconds.
        """
        deadline_s = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() >= deadline_s:
                raise TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(_CHECK_S)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def can_fork() -> bool:
    """Whether nothing that is known to start threads is loaded in this process."""
    return threading.active_count() == 1 and not _WITH_THREADS & sys.modules.keys()


def load_before_fork(service: str) -> None:
    """Load the modules of a service, so that no process that is forked from here on has to."""
    importlib.import_module(f"services.{service}.__main__")
    share_with_children()


def fork_service(
    service: str, log: Path, environment: Mapping[str, str], lifeline: Lifeline
) -> ForkedProcess:
    """Run a service in a forked process, in a session of its own.

    Args:
        service: name of the service.
        log: file for what it prints.
        environment: its settings, as environment variables.
        lifeline: becomes its stdin, see `Settings.lifeline`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    this_process = os.getpid()
    try:
        pid = os.fork()
        if not pid:
            os._exit(_serve(service, log, environment, lifeline))
        return ForkedProcess(pid)
    finally:
        if os.getpid() != this_process:  # whatever went wrong, this stack is the parent's
            os._exit(1)


def _serve(service: str, log: Path, environment: Mapping[str, str], lifeline: Lifeline) -> int:
    """Run a service in this process; its exit status."""
    try:
        os.setsid()
        lifeline.keep_reading_end_as_stdin()
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.update(environment)
        main = importlib.import_module(f"services.{service}.__main__").main
        worker.run(lambda: main(read_settings()))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        with suppress(Exception):
            sys.stderr.flush()
    return 0
