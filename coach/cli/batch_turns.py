"""The turns in which `coach batch` submits jobs and looks at those that run."""

import sys
from collections.abc import Callable
from threading import Event

from coach.archive.batch import Batch
from coach.cli.missing_workers import tell_missing
from shared.errors import QueueError
from shared.names import readable
from shared.queue.connection import Client, queue_errors
from shared.queue.job_store import JobStore

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
        server: connection to the server.
        store: the jobs on it.
        url: the server's URL, for messages; "" for a deployment of this process, which ends with
            its server.
        show: shows the progress; what it raises ends the batch.
    """

    def __init__(
        self, batch: Batch, server: Client, store: JobStore, url: str, show: Callable[[], None]
    ) -> None:
        self._batch = batch
        self._server = server
        self._store = store
        self._url = url
        self._show = show
        self._has_begun = self._has_submitted = self._is_away = False

    def take(self) -> None:
        """Submit what may be submitted, and look at what runs.

        Raises:
            QueueError: the server has never answered, or it belongs to this process.
        """
        try:
            with queue_errors(self._url):
                self._batch.submit_next(self._server, self._store)
                self._batch.poll(self._server, self._store)
                self._show()
        except QueueError as error:
            if not self._url or not self._has_begun:
                raise
            if not self._is_away:
                say(f"{error}. The batch waits until it answers.")
            self._is_away = True
            Event().wait(_AWAY_S)
            return
        if self._is_away:
            say("the server answers again")
        self._has_begun, self._is_away = True, False
        if self._url and self._batch.running and not self._has_submitted:
            self._has_submitted = True
            tell_missing(self._server, [running.job for running in self._batch.running.values()])
