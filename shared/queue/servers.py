"""The servers of a deployment, for its commands: usually one, several where jobs are shared.

A job is at the server that follows from its id. If the list of servers has changed since it was
submitted, it is still where it was: then the others are asked, too. The job of a recording's set is
at the server of the recording.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from shared.errors import QueueError, UsageError
from shared.queue import shards
from shared.queue.connection import Client, connect, queue_errors, without_password
from shared.queue.job import Job
from shared.queue.job_store import JobStore
from shared.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class JobServer:
    """One server of a deployment.

    Attributes:
        url: Its URL.
        client: The connection to it.
        store: The jobs on it.
    """

    url: str
    client: Client
    store: JobStore

    def errors(self) -> AbstractContextManager[None]:
        """Turn the client's errors into QueueError, which names the server, within the block."""
        return queue_errors(self.url)

    @property
    def shown_url(self) -> str:
        """Its URL without its password."""
        return without_password(self.url)

    @property
    def name(self) -> str:
        """Its host, port and database, or its socket: what tells it from others in a table."""
        parts = urlsplit(self.url)
        database = parts.path.strip("/")
        if parts.scheme == "unix":
            return parts.path
        host = f"{parts.hostname}:{parts.port or 6379}"
        return host if database in ("", "0") else f"{host}/{database}"


class Servers:
    """All servers of a deployment; each is connected to when it is first needed.

    Args:
        urls: their URLs, at least one.
        keep_jobs_s: how long ended jobs stay there, in seconds.
    """

    def __init__(self, urls: Sequence[str], keep_jobs_s: int) -> None:
        self.urls = list(urls)
        self._keep_jobs_s = keep_jobs_s
        self._connected: dict[str, JobServer] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Servers":
        """The servers that the settings name."""
        return cls(shards.urls(settings), settings.keep_jobs_s)

    @property
    def are_several(self) -> bool:
        """Whether jobs are shared among servers, so that it matters at which one a job is."""
        return len(self.urls) > 1

    def at(self, url: str) -> JobServer:
        """The server at a URL.

        Raises:
            QueueError: it cannot be reached.
        """
        if url not in self._connected:
            client = connect(url)
            self._connected[url] = JobServer(url, client, JobStore(client, self._keep_jobs_s))
        return self._connected[url]

    def url_of_new(self, job_id: str) -> str:
        """URL of the server that a job is submitted to."""
        return shards.url_of(job_id, self.urls)

    def of_new(self, job_id: str) -> JobServer:
        """The server that a job is submitted to.

        Raises:
            QueueError: it cannot be reached.
        """
        return self.at(self.url_of_new(job_id))

    def __iter__(self) -> Iterator[JobServer]:
        """All servers.

        Raises:
            QueueError: one cannot be reached.
        """
        return iter([self.at(url) for url in self.urls])

    def find(self, job_id: str) -> tuple[JobServer, Job]:
        """The server that has a job, and the job's record.

        Raises:
            UsageError: there is no such job.
            QueueError: it may be at a server that cannot be reached.
        """
        first = shards.url_of(job_id, self.urls)
        failures: list[QueueError] = []
        for url in (first, *(url for url in self.urls if url != first)):
            try:
                with queue_errors(url):
                    job = self.at(url).store.get(job_id)
            except QueueError as error:
                failures.append(QueueError(str(error)))  # without its frames: no cycle
                continue
            if job is not None:
                return self.at(url), job
        if failures:
            raise failures[0]
        raise UsageError(f"there is no job {job_id!r}; `coach status` lists all jobs")

    def on_each(self, action: Callable[[JobServer], T]) -> tuple[list[T], list[QueueError]]:
        """Do something on every server, also if others fail.

        Returns:
            What it returned on each server, and the errors of those that failed.

        Raises:
            QueueError: all have failed.
        """
        done: list[T] = []
        failures: list[QueueError] = []
        for url in self.urls:
            try:
                with queue_errors(url):
                    done.append(action(self.at(url)))
            except QueueError as error:
                failures.append(QueueError(str(error)))  # without its frames: no cycle
        if not done:
            raise failures[0]
        return done, failures
