"""The turns in which `coach batch` submits jobs and looks at those that run."""

import sys
from collections.abc import Callable
from threading import Event

from coach.archive.batch import Batch
from coach.cli.missing_workers import tell_missing
from shared.errors import QueueError
from shared.names import readable
from shared.queue.connection import queue_errors
from shared.queue.servers import Servers

#: Pause before a server that did not answer is asked again, in seconds. Chosen: a restart takes a
#: few seconds.
_AWAY_S = 2.0


def say(text: str) -> None:
    """Tell the user something while a batch runs."""
    print(readable(text), file=sys.stderr)


class Turns:
    """Takes one turn after the other, also beyond a restart of the deployment's server.

    Args:
        batch: the batch.
        servers: the deployment's servers.
        is_deployment: whether it is a running one; one of this process ends with its server.
        show: shows the progress; what it raises ends the batch.
    """

    def __init__(
        self, batch: Batch, servers: Servers, is_deployment: bool, show: Callable[[], None]
    ) -> None:
        self._batch = batch
        self._servers = servers
        self._is_deployment = is_deployment
        self._show = show
        self._has_begun = self._has_submitted = self._is_away = False

    def take(self) -> None:
        """Submit what may be submitted, and look at what runs.

        Raises:
            QueueError: a server has never answered, or it belongs to this process.
        """
        try:
            with queue_errors():
                self._batch.submit_next(self._servers)
                self._batch.poll(self._servers)
                self._show()
                self._tell_missing_once()
        except QueueError as error:
            if not self._is_deployment or not self._has_begun:
                raise
            if not self._is_away:
                say(f"{error}. The batch waits until it answers.")
            self._is_away = True
            Event().wait(_AWAY_S)
            return
        if self._is_away:
            say("the server answers again")
        self._has_begun, self._is_away = True, False

    def _tell_missing_once(self) -> None:
        """Say which workers the first jobs lack."""
        if self._has_submitted or not self._is_deployment or not self._batch.running:
            return
        self._has_submitted = True
        jobs = [running.job for running in self._batch.running.values()]
        for server in self._servers:
            here = [job for job in jobs if self._servers.url_of_new(job.id) == server.url]
            tell_missing(server, here, self._servers.are_several)
