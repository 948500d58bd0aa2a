"""`coach dead …`: the messages of a deployment that no worker could handle."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coach.cli.options import AsJson, Redis, is_whole
from coach.cli.which_deployment import deployment_of
from shared.errors import UsageError

if TYPE_CHECKING:  # Redis's client is slow to import
    from shared.queue.dead_letters import DeadLetter
    from shared.queue.servers import JobServer, Servers

dead_app = typer.Typer(help="Show, retry or drop messages that no worker could handle.")

LetterId = Annotated[str, typer.Argument(metavar="ID", help="Its id in `coach dead list`.")]


@dead_app.command("list")
def dead_list(redis: Redis = None, as_json: AsJson = False) -> None:
    """List the messages that no worker could handle, newest first, and why."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from shared.queue import dead_letters

    servers = _servers(redis)
    found, failures = servers.on_each(
        lambda server: [(server, letter) for letter in dead_letters.letters(server.client)]
    )
    letters = sorted((one for there in found for one in there), key=lambda one: -one[1].at_s)
    several = servers.are_several
    if as_json:
        documents = [
            {**_shown(letter), **({"redis": server.shown_url} if several else {})}
            for server, letter in letters
        ]
        print(json.dumps(documents, indent=2))
    else:
        whole = Column("id", no_wrap=True)  # it is copied into the other commands
        columns = ("since", "job", "chunk", "deliveries", "cause")
        table = Table(*("server",) * several, whole, *columns)
        for server, letter in letters:
            cells = [letter.id, _time(letter) or "", letter.job, letter.chunk, letter.deliveries]
            cells = [*(server.name,) * several, *cells, letter.cause]
            table.add_row(*(Text(str(cell)) for cell in cells))  # a cause may look like markup
        Console().print(table)
    if failures:
        raise failures[0]


@dead_app.command("show")
def dead_show(letter_id: LetterId, redis: Redis = None) -> None:
    """Print what is known of one message, as JSON."""
    _, letter = _find(redis, letter_id)
    print(json.dumps(_shown(letter), indent=2))


@dead_app.command("retry")
def dead_retry(letter_id: LetterId, redis: Redis = None) -> None:
    """Have one message delivered again, while its job runs."""
    from shared.queue import dead_letters

    server, letter = _find(redis, letter_id)
    with server.errors():
        dead_letters.send_again(server.client, letter)


@dead_app.command("drop")
def dead_drop(letter_id: LetterId, redis: Redis = None) -> None:
    """Delete one message."""
    from shared.queue import dead_letters

    server, letter = _find(redis, letter_id)
    with server.errors():
        dead_letters.drop(server.client, letter)


def _servers(redis: str | None) -> Servers:
    """The deployment's servers."""
    from shared.queue.servers import Servers

    return Servers.of(deployment_of(redis))


def _find(redis: str | None, letter_id: str) -> tuple[JobServer, DeadLetter]:
    """A dead letter, and the server that keeps it.

    Raises:
        UsageError: there is none with this id, or several servers have one.
        QueueError: it may be at a server that cannot be reached.
    """
    from shared.queue import dead_letters

    there, failures = _servers(redis).on_each(
        lambda server: (server, dead_letters.find(server.client, letter_id))
    )
    found = [(server, letter) for server, letter in there if letter is not None]
    if len(found) > 1:
        urls = " and ".join(server.shown_url for server, _ in found)
        raise UsageError(f"{urls} have a dead letter {letter_id} each: name one with --redis")
    if found:
        return found[0]
    if failures:
        raise failures[0]
    raise UsageError(f"there is no dead letter {letter_id!r}; `coach dead list` lists them")


def _shown(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter for scripts; of the message itself, its size."""
    return {
        "id": letter.id,
        "since": _time(letter),
        "stream": letter.stream,
        "job": letter.job or None,
        "chunk": int(letter.chunk) if is_whole(letter.chunk) else None,
        "deliveries": letter.deliveries,
        "cause": letter.cause,
        "bytes": None if letter.payload is None else len(letter.payload),
    }


def _time(letter: DeadLetter) -> str | None:
    """When it was put aside, in local time; None if unknown."""
    if not letter.at_s:
        return None
    return datetime.fromtimestamp(letter.at_s).isoformat(" ", "seconds")
