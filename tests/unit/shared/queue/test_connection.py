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


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis://127.0.0.1:1/0?x=y", "unknown option 'x'"),
        ("redis://127.0.0.1:1/0?x=", "unknown option 'x'"),
        ("redis://127.0.0.1:1/0?decode_responses=true", "unknown option"),  # answers as text
        ("redis://127.0.0.1:1/0?retry=5", "unknown option"),
        ("redis://127.0.0.1:1/0?db=x", "db"),
        ("redis://127.0.0.1:1/0?protocol=9", "protocol"),
        ("redis://127.0.0.1:1/0?max_connections=-1", "max_connections"),
        ("redis://127.0.0.1:1/0?ssl_ca_certs=/x", "ssl_ca_certs"),  # without TLS
        ("rediss://127.0.0.1:1/0?ssl_cert_reqs=odd", "odd"),
        ("redis://user:secret@127.0.0.1:99999", "Port"),
        ("redis://user:secret@127.0.0.1:x/", "Port"),
        ("redis://:secret@127.0.0.1:1/0?password=secret&x=y", "unknown option"),
        ("redis://:secret@[::1", "IPv6"),
        ("", "no Redis URL"),
    ],
)
def test_wrong_urls_are_refused_without_their_password(url, reason):
    with pytest.raises(UsageError, match="is no Redis URL") as refusal:
        connect(url)
    assert reason in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_options_of_a_url_are_used(valkey_url):
    client = connect(f"{valkey_url}?db=3&client_name=gym&protocol=3&health_check_interval=30")
    assert client.client_info()["name"] == "gym"
    assert client.client_info()["db"] == 3


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
