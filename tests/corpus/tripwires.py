"""Shows whether reading one file makes anything open another file or an address.

A named pipe stands for the other file: to open it for writing succeeds only while somebody has it
open for reading, FFmpeg included. A listening socket stands for the address.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Tripwires:
    """What may not be opened.

    Attributes:
        file: path of the named pipe.
        url: address of the socket.
        touched: what was opened, in words.
    """

    file: Path
    url: str
    touched: list[str] = field(default_factory=list)


@contextlib.contextmanager
def tripwires(folder: Path, name: str = "secret.mp4") -> Iterator[Tripwires]:
    """Lay the wires; the pipe is called `name`."""
    pipe = folder / name
    os.mkfifo(pipe)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.01)
        wires = Tripwires(pipe, f"http://127.0.0.1:{listener.getsockname()[1]}/secret.mp4")
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    connection.close()
                    wires.touched.append("the address")
                with contextlib.suppress(OSError):  # nobody reads it
                    os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                    wires.touched.append("the file")

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield wires
        finally:
            done.set()
            watcher.join()
