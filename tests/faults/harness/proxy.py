"""A TCP proxy between the services and their server, which makes the network fail on demand."""

import asyncio
import threading
from contextlib import suppress

_READ_BYTES = 2**16


class Proxy:
    """Forwards connections on a port of 127.0.0.1 to another one, in a thread of its own.

    Attributes:
        port: Where it listens.
        delay_s: Delay of each piece of data, in seconds.
        refuses: Whether new connections are closed at once.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0
        self.delay_s = 0.0
        self.refuses = False
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._flows.set()
        self._connections: set[asyncio.StreamWriter] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Close everything."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self) -> None:
        """Close all connections."""
        self._loop.call_soon_threadsafe(self._close_all)

    def hold(self) -> None:
        """Accept everything and forward nothing, until `release`."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def release(self) -> None:
        """Forward again, with what was held back."""
        self._loop.call_soon_threadsafe(self._flows.set)

    @property
    def connections(self) -> int:
        """Number of connections of clients."""
        return len(self._connections) // 2

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0)
        server = self._loop.run_until_complete(serving)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._close_all()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    def _close_all(self) -> None:
        for writer in list(self._connections):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, upstream[1]}
        self._connections |= both
        try:
            with suppress(asyncio.CancelledError):  # at `stop`
                await asyncio.gather(
                    self._pump(reader, upstream[1]), self._pump(upstream[0], writer)
                )
        finally:
            self._connections -= both
            for end in both:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_READ_BYTES):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
