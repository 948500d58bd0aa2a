"""`coach dead …`: the messages of a deployment that no worker could handle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coach.cli.options import AsJson, Redis, required_url

if TYPE_CHECKING:  # Redis's client is slow to import
    from shared.queue.connection import Client
    from shared.queue.dead_letters import DeadLetter

dead_app = typer.Typer(help="Show, retry or drop messages that no worker could handle.")

LetterId = Annotated[str, typer.Argument(metavar="ID", help="Its id in `coach dead list`.")]


@dead_app.command("list")
def dead_list(redis: Redis = None, as_json: AsJson = False) -> None:
    """List the messages that no worker could handle, newest first, and why."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from shared.queue import dead_letters

    with _server(redis) as client:
        letters = list(dead_letters.letters(client))
    if as_json:
        print(json.dumps([_shown(letter) for letter in letters], indent=2))
        return
    whole = Column("id", no_wrap=True)  # it is copied into the other commands
    table = Table(whole, "since", "job", "chunk", "deliveries", "cause")
    for letter in letters:
        cells = (
            letter.id,
            _time(letter),
            letter.job,
            letter.chunk,
            letter.deliveries,
            letter.cause,
        )
        table.add_row(
            *(Text(str(cell)) for cell in cells)
        )  # a cause may hold what looks like markup
    Console().print(table)


@dead_app.command("show")
def dead_show(letter_id: LetterId, redis: Redis = None) -> None:
    """Print what is known of one message, as JSON."""
    from shared.queue import dead_letters

    with _server(redis) as client:
        letter = dead_letters.letter(client, letter_id)
    print(json.dumps(_shown(letter), indent=2))


@dead_app.command("retry")
def dead_retry(letter_id: LetterId, redis: Redis = None) -> None:
    """Have one message delivered again, while its job runs."""
    from shared.queue import dead_letters

    with _server(redis) as client:
        dead_letters.send_again(client, dead_letters.letter(client, letter_id))


@dead_app.command("drop")
def dead_drop(letter_id: LetterId, redis: Redis = None) -> None:
    """Delete one message."""
    from shared.queue import dead_letters

    with _server(redis) as client:
        dead_letters.drop(client, dead_letters.letter(client, letter_id))


@contextmanager
def _server(redis: str | None) -> Iterator[Client]:
    """A connection to the deployment's server; its errors become QueueError."""
    from shared.queue.connection import connect, queue_errors

    url = required_url(redis)
    with queue_errors(url):
        yield connect(url)


def _shown(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter for scripts; of the message itself, its size."""
    return {
        "id": letter.id,
        "since": _time(letter),
        "stream": letter.stream,
        "job": letter.job or None,
        "chunk": int(letter.chunk) if letter.chunk.isdecimal() else None,
        "deliveries": letter.deliveries,
        "cause": letter.cause,
        "bytes": None if letter.payload is None else len(letter.payload),
    }


def _time(letter: DeadLetter) -> str:
    return datetime.fromtimestamp(letter.at_s).isoformat(" ", "seconds")
