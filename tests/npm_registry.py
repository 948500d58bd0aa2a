"""An npm registry on this machine, with one package whose scripts would leave a trace."""

import base64
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: The package, and where npm asks for it.
NAME, VERSION = "@someone/nets", "1.2.3"
_DESCRIPTION, _ARCHIVE = "/@someone%2fnets", "/nets-1.2.3.tgz"


def package(members: dict[str, bytes], trace: Path) -> bytes:
    """The archive; each of npm's scripts would make the file `trace`.

    It also has what a careful reader must not follow: paths that lead out of the folder and links.
    """
    script = f"node -e \"require('fs').writeFileSync('{trace}', '')\""
    steps = ("preinstall", "install", "postinstall", "prepare", "prepack", "postpack")
    description = {"name": NAME, "version": VERSION, "scripts": dict.fromkeys(steps, script)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in {"package.json": json.dumps(description).encode(), **members}.items():
            if name in members:
                link = tarfile.TarInfo(f"package/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(link)
            _add(archive, f"package/{name}", data)
        _add(archive, "package/../../../escaped", b"")
        _add(archive, str(trace.with_name("absolute")), b"")
    return gzip.compress(packed.getvalue(), mtime=0)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


class Registry(http.server.ThreadingHTTPServer):
    """Serves the package.

    Attributes:
        archive: what is served as the package's archive.
        is_endless: the archive is served again and again, in one answer.
        token: credentials that a request must have, if not empty.
    """

    archive = b""
    is_endless = False
    token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        if self.server.token and self.headers["Authorization"] != f"Bearer {self.server.token}":
            self._answer(401, b"{}")
        elif self.path == _DESCRIPTION:
            self._answer(200, json.dumps(self._description()).encode())
        elif self.path == _ARCHIVE and self.server.is_endless:
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(self.server.archive)
            except OSError:
                return  # the reader has seen enough
        elif self.path == _ARCHIVE:
            self._answer(200, self.server.archive)
        else:
            self._answer(404, b"{}")

    def _description(self) -> dict:
        digest = base64.b64encode(hashlib.sha512(self.server.archive).digest()).decode()
        where = {"tarball": self.server.url[:-1] + _ARCHIVE, "integrity": f"sha512-{digest}"}
        version = {"name": NAME, "version": VERSION, "dist": where}
        return {"name": NAME, "dist-tags": {"latest": VERSION}, "versions": {VERSION: version}}

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Registry]:
    """A registry that runs."""
    with Registry(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
