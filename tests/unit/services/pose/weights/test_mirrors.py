"""Downloads from mirrors that work, break off, lie or mean harm: a real server on this machine."""

import hashlib
import http.server
import itertools
import re
import threading

import pytest

from services.pose.weights import files, mirrors
from services.pose.weights.files import File
from services.pose.weights.mirrors import Mirrors
from shared.errors import ModelError

CONTENT = bytes(range(256)) * 4000
FILE = File(
    "net.caffemodel", hashlib.sha256(CONTENT).hexdigest(), md5=hashlib.md5(CONTENT).hexdigest()
)
HALF = len(CONTENT) // 2


class Mirror(http.server.BaseHTTPRequestHandler):
    """Behaves as the first part of the path says; the server keeps the ranges asked for."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begin = int(asked[1]) if asked else 0
        behaviour = self.path.split("/")[1]
        self.server.asked.append((behaviour, begin))
        getattr(self, behaviour.replace("-", "_"))(begin)

    def good(self, begin, content=CONTENT):
        if begin >= len(content):
            return self._head(416)
        self._head(206 if begin else 200, content[begin:], begin)
        self.wfile.write(content[begin:])

    def without_ranges(self, begin):
        self.good(0)

    def dying(self, begin):
        """Gives half of what is missing, then breaks the line; gives all at the fourth time."""
        count = sum(behaviour == "dying" for behaviour, _ in self.server.asked)
        if count > 3:
            return self.good(begin)
        self._head(206 if begin else 200, CONTENT[begin:], begin)
        self.wfile.write(CONTENT[begin : begin + (len(CONTENT) - begin) // 2])
        self.close_connection = True

    def dying_at_once(self, begin):
        """Gives half of the file, then nothing more."""
        self._head(206 if begin else 200, CONTENT[begin:], begin)
        self.wfile.write(CONTENT[begin:HALF])
        self.close_connection = True

    def dead(self, begin):
        self.close_connection = True

    def absent(self, begin):
        self._head(404)

    def wrong(self, begin):
        self.good(begin, CONTENT[:-1] + b"?")

    def another_part(self, begin):
        self._head(206, CONTENT, 7)
        self.wfile.write(CONTENT)

    def huge(self, begin):
        self.send_response(200)
        self.send_header("Content-Length", str(10**12))
        self.end_headers()

    def endless(self, begin):
        self.send_response(200)
        self.end_headers()
        for _ in itertools.takewhile(lambda _: self._write(bytes(100_000)), range(10_000)):
            self.server.written += 100_000

    def dripping(self, begin):
        self.send_response(200)
        self.end_headers()
        while self._write(b"."):
            self.server.pause.wait(0.05)

    def silent(self, begin):
        self._head(200, CONTENT)
        self.server.pause.wait(20)

    def moved(self, begin):
        self._send_to("/good/net.caffemodel")

    def to_a_file(self, begin):
        self._send_to("file:///etc/passwd")

    def to_ftp(self, begin):
        self._send_to("ftp://127.0.0.1/net.caffemodel")

    def round_and_round(self, begin):
        self._send_to("/round-and-round/net.caffemodel")

    def _send_to(self, target):
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def _head(self, status, body=b"", begin=0):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 206:
            self.send_header("Content-Range", f"bytes {begin}-{begin + len(body) - 1}/*")
        self.end_headers()

    def _write(self, raw):
        try:
            self.wfile.write(raw)
        except OSError:
            return False
        return not self.server.pause.is_set()

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Mirror)
        self.asked, self.written, self.pause = [], 0, threading.Event()

    def mirrors(self, *behaviours):
        """Mirrors that behave so."""
        root = f"http://127.0.0.1:{self.server_port}"
        return Mirrors(tuple(f"{root}/{behaviour}/{{file}}" for behaviour in behaviours))


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.pause.set()
        running.shutdown()
        thread.join()


def fetched(folder):
    assert [path.name for path in folder.iterdir()] == ["net.caffemodel"]
    return (folder / "net.caffemodel").read_bytes() == CONTENT


def refused(server, folder, *behaviours):
    """What is told when none of the mirrors gives the file."""
    with pytest.raises(ModelError, match=r"no mirror delivered net\.caffemodel") as refusal:
        server.mirrors(*behaviours).fetch([FILE], folder)
    assert not (folder / "net.caffemodel").exists()
    return str(refusal.value)


@pytest.mark.parametrize("behaviour", ["good", "without-ranges", "moved"])
def test_a_file_is_fetched_and_checked(server, tmp_path, behaviour):
    server.mirrors(behaviour).fetch([FILE], tmp_path)
    assert fetched(tmp_path)


def test_a_broken_download_is_resumed(server, tmp_path):
    server.mirrors("dying").fetch([FILE], tmp_path)
    assert fetched(tmp_path)
    begins = [begin for _, begin in server.asked]
    assert begins == [0, HALF, HALF + HALF // 2, HALF + HALF // 2 + HALF // 4]


def test_a_partial_download_is_kept(server, tmp_path):
    refused(server, tmp_path, "dying-at-once")
    assert (tmp_path / "net.caffemodel.part").read_bytes() == CONTENT[:HALF]
    server.asked.clear()
    server.mirrors("good").fetch([FILE], tmp_path)
    assert fetched(tmp_path)
    assert server.asked == [("good", HALF)]


def test_a_mirror_without_ranges_starts_again(server, tmp_path):
    (tmp_path / "net.caffemodel.part").write_bytes(b"?" * HALF)
    server.mirrors("without-ranges").fetch([FILE], tmp_path)
    assert fetched(tmp_path)


def test_a_complete_partial_download_is_not_fetched_again(server, tmp_path):
    (tmp_path / "net.caffemodel.part").write_bytes(CONTENT)
    server.mirrors("good").fetch([FILE], tmp_path)
    assert fetched(tmp_path)
    assert server.asked == [("good", len(CONTENT))]


@pytest.mark.parametrize("part", [b"?" * HALF, b"?" * len(CONTENT), CONTENT + b"?"])
def test_a_partial_download_of_another_file_is_discarded(server, tmp_path, part):
    (tmp_path / "net.caffemodel.part").write_bytes(part)
    server.mirrors("good").fetch([FILE], tmp_path)
    assert fetched(tmp_path)
    assert server.asked == [("good", len(part)), ("good", 0)]


@pytest.mark.parametrize(
    "first", ["dead", "absent", "wrong", "another-part", "huge", "to-ftp", "dying-at-once"]
)
def test_the_next_mirror_is_tried(server, tmp_path, first):
    server.mirrors(first, "good").fetch([FILE], tmp_path)
    assert fetched(tmp_path)


def test_an_unreachable_mirror_is_given_up(server, tmp_path):
    good = server.mirrors("good").addresses
    Mirrors(("http://127.0.0.1:9/{file}", *good)).fetch([FILE], tmp_path)
    assert fetched(tmp_path)


def test_a_wrong_file_is_neither_accepted_nor_kept(server, tmp_path):
    told = refused(server, tmp_path, "wrong")
    assert FILE.sha256 in told
    assert list(tmp_path.iterdir()) == []


def test_both_hashes_have_to_match(server, tmp_path):
    file = File(FILE.name, FILE.sha256, md5="ab" * 16)
    with pytest.raises(ModelError, match="MD5"):
        server.mirrors("good").fetch([file], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_download_is_cut_and_not_kept(server, tmp_path, monkeypatch):
    monkeypatch.setattr(mirrors, "MAX_FILE_BYTES", 2_000_000)
    assert "more than 2000000 bytes" in refused(server, tmp_path, "endless")
    assert (tmp_path / "net.caffemodel.part").stat().st_size == 0
    assert server.written < 100_000_000


def test_an_announced_size_above_the_limit_is_refused(server, tmp_path):
    assert "offers 1000000000000 bytes" in refused(server, tmp_path, "huge")
    assert files.MAX_FILE_BYTES < 10**12


def test_a_mirror_that_is_too_slow_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(mirrors, "_PERIOD_S", 0.3)
    assert "it sent only" in refused(server, tmp_path, "dripping")


def test_a_silent_mirror_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(mirrors, "_TIMEOUT_S", 0.3)
    assert "silent" in refused(server, tmp_path, "silent")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("to-a-file", "/etc/passwd, which is not followed"),
        ("to-ftp", "ftp://127.0.0.1"),
        ("round-and-round", "more than 5 times"),
        ("absent", "404"),
        ("another-part", "another part"),
    ],
)
def test_the_reason_for_giving_up_a_mirror_is_reported(server, tmp_path, behaviour, told):
    (tmp_path / "net.caffemodel.part").write_bytes(CONTENT[:HALF])
    assert told in refused(server, tmp_path, behaviour)
    assert (tmp_path / "net.caffemodel.part").read_bytes() == CONTENT[:HALF]


def test_nothing_is_printed_on_stdout(server, tmp_path, capsys):
    server.mirrors("good").fetch([FILE], tmp_path)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "net.caffemodel" in shown.err
