"""`coach dead` on a real server."""

import json

import pytest
from builders import run_coach

from coach.cli.dead import dead_list
from shared.queue import dead_letters, keys
from shared.queue.streams import Consumer, publish


@pytest.fixture
def dead_letter(client):
    """The id of a dead letter of an active job."""
    client.sadd(keys.ACTIVE_JOBS, "3f2a")
    publish(client, "s", b"work")
    consumer = Consumer(client, "s", "g", "a", 60)
    delivery = consumer.take(100)
    with consumer.finishing(delivery) as pipe:
        dead_letters.add(pipe, "s", delivery, "[red] cause", "3f2a", "3")
    [letter] = dead_letters.letters(client)
    return letter.id


def dead(valkey_url, *arguments):
    return run_coach("dead", *arguments, "--redis", valkey_url)


def test_letters_are_listed_and_shown(valkey_url, dead_letter):
    table = dead(valkey_url, "list").stdout
    assert "3f2a" in table
    assert "[red]" in table
    [listed] = json.loads(dead(valkey_url, "list", "--json").stdout)
    assert json.loads(dead(valkey_url, "show", dead_letter).stdout) == listed
    assert (listed["id"], listed["chunk"], listed["bytes"]) == (dead_letter, 3, 4)
    assert listed["cause"] == "[red] cause"


def test_letter_is_delivered_again(client, valkey_url, dead_letter):
    assert dead(valkey_url, "retry", dead_letter).returncode == 0
    assert client.xlen("s") == 1
    again = dead(valkey_url, "retry", dead_letter)
    assert again.returncode == 2
    assert "there is no dead letter" in again.stderr


def test_letter_is_dropped(client, valkey_url, dead_letter):
    assert dead(valkey_url, "drop", dead_letter).returncode == 0
    assert client.xlen(keys.DEAD_LETTERS) == client.xlen("s") == 0


@pytest.mark.parametrize("at_s", ["1e300", "-inf", "nan", "9" * 400, "never", ""])
def test_letter_that_anybody_stored_is_listed(client, valkey_url, capsys, at_s):
    fields = {"at_s": at_s, "chunk": "9" * 5000, "deliveries": "often", "cause": "none"}
    client.xadd(keys.DEAD_LETTERS, fields)
    dead_list(valkey_url)
    assert "none" in capsys.readouterr().out
    dead_list(valkey_url, as_json=True)
    [listed] = json.loads(capsys.readouterr().out)
    assert (listed["since"], listed["chunk"], listed["deliveries"]) == (None, None, 0)
