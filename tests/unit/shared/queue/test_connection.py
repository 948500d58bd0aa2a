import pytest

from shared.errors import QueueError, UsageError
from shared.queue.connection import Server, connect, server_of, without_password


def test_unreachable_server_is_named_without_its_password():
    with pytest.raises(QueueError, match="cannot be reached") as refusal:
        connect("redis://user:secret@127.0.0.1:1/0")
    assert "user:***@127.0.0.1" in str(refusal.value)
    assert "secret" not in str(refusal.value)
    assert refusal.value.exit_status == 2


def test_url_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="no Redis URL"):
        connect("http://127.0.0.1")


def test_url_without_a_password_stays_as_it_is():
    assert without_password("redis://h:1/0") == "redis://h:1/0"


def test_server_gives_its_name_and_version(any_url):
    server = server_of(connect(any_url))
    assert server.name in ("Valkey", "Redis")
    assert server.supported


@pytest.mark.parametrize(
    ("name", "version", "supported"),
    [
        ("Redis", "7.0.15", True),
        ("Redis", "6.2.14", False),
        ("Valkey", "7.2.5", True),
        ("Valkey", "7.1.0", False),  # there is none, but the oldest is 7.2
    ],
)
def test_oldest_supported_versions(name, version, supported):
    assert Server(name, version, "noeviction").supported is supported
