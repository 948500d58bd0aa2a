"""A redis-server with the users of deploy/coach.acl, as an operator sets it up."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import wait_for

ACL = Path(__file__).resolve().parents[1] / "deploy" / "coach.acl"

#: Options of a server that speaks TLS only, on certificates in its folder.
TLS = ("--tls-auth-clients", "no", "--tls-cert-file", "server.pem", "--tls-key-file", "server.key",
       "--tls-ca-cert-file", "ca.pem")  # fmt: skip


@dataclass(frozen=True)
class SecuredServer:
    """A running server.

    Attributes:
        folder: Its folder, with its socket and certificates.
        port: Port on which it speaks TLS; 0 if it does not.
    """

    folder: Path
    port: int = 0

    def url(self, user: str) -> str:
        """URL for a service, submitter, operator or admin, whose name is its password."""
        name = user if user == "admin" else f"coach-{user}"
        if self.port:
            ca = self.folder / "ca.pem"
            return f"rediss://{name}:{user}@127.0.0.1:{self.port}/0?ssl_ca_certs={ca}"
        return f"unix://{name}:{user}@{self.folder / 's'}"


@contextmanager
def secured_server(tls: bool = False) -> Iterator[SecuredServer]:
    """Run a server with those users and an administrator, on a Unix socket or with TLS."""
    needed = ["redis-server", "openssl"] if tls else ["redis-server"]
    for tool in needed:
        if shutil.which(tool) is None:
            assert not os.environ.get("CI"), f"CI must have {tool}"
            pytest.skip(f"no {tool} on this machine")
    folder = Path(tempfile.mkdtemp(prefix="coach-test-"))
    users = ACL.read_text().replace("CHANGE-ME-", "")
    (folder / "users.acl").write_text(users + "user admin on >admin ~* &* +@all\n")
    port, options = 0, ()
    if tls:
        make_certificates(folder)
        port, options = free_port(), TLS
    command = ["redis-server", "--port", "0", "--unixsocket", "s", "--save", "", "--dir", ".",
               "--bind", "127.0.0.1", "--tls-port", str(port), *options,
               "--aclfile", "users.acl"]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
    try:
        wait_for((folder / "s").exists, 30)
        yield SecuredServer(folder, port)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def make_certificates(folder: Path) -> None:
    """Make a certificate authority, and a server's certificate for 127.0.0.1."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Test CA")  # fmt: skip
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=redis")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "names")  # fmt: skip


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def denied(client: object) -> list[tuple[str, ...]]:
    """What was refused, apart from what the client library asks on the side."""
    return [
        (entry["username"], entry["reason"], entry["object"], entry["context"])
        for entry in client.acl_log()
        if entry["object"] != "client|setinfo"
    ]
