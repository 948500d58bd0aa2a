from pathlib import PurePosixPath

import pytest

from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder, is_url
from coach.archive.spool import Spool, deliver
from shared.errors import SourceError, UsageError


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def remote(tmp_path):
    for name in ("cam1/a.mp4", "cam1/notes.txt", "out/cam1/a/annotated.mp4",
                 "r/manifest.json", "r/analysis.json", "r/annotated.mp4"):  # fmt: skip
        file = tmp_path / "store" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"12345")
    return RemoteFolder((tmp_path / "store").as_uri())


def spool_of(tmp_path, max_bytes=5):
    return Spool(tmp_path / "spool", "archive", "out", max_bytes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("s3://b/x", True), ("file:///a", True), ("a/b", False), ("C:x", False), ("://x", False)],
)
def test_urls_are_told_from_paths(text, expected):
    assert is_url(text) == expected


@pytest.mark.parametrize("url", ["nowhere://b/x", "ftp://user:secret@host/x", "zip::file:///a.zip"])
def test_url_that_cannot_be_used_is_refused_without_its_password(url):
    with pytest.raises(UsageError) as refused:
        RemoteFolder(url)
    assert "secret" not in str(refused.value)


def test_recordings_are_found_and_results_are_not(remote, tmp_path):
    found = remote.find(tmp_path / "spool", f"{remote.url}/out")
    [one] = found.recordings
    assert (one.relative, one.size_bytes, one.camera) == (PurePosixPath("cam1/a.mp4"), 5, "cam1")
    assert one.path == tmp_path / "spool" / "cam1" / "a.mp4"
    assert one.modified_s > 0
    assert (found.others, found.in_out) == (4, 1)


def test_folder_of_the_archive_named_like_local_results_is_taken(remote, tmp_path):
    found = remote.find(tmp_path / "spool", "cam1")
    assert found.recordings[0].relative == PurePosixPath("cam1/a.mp4")
    assert found.in_out == 0


def test_spool_keeps_its_limit_and_is_removed(remote, tmp_path):
    with spool_of(tmp_path) as spool:
        [one] = remote.find(spool.sources, "").recordings[:1]
        large = Recording(spool.sources / "b.mp4", PurePosixPath("b.mp4"), 6)
        assert spool.has_room(one)
        spool.fetch(remote, one)
        assert one.path.read_bytes() == b"12345"
        assert not spool.has_room(one)
        with pytest.raises(SourceError, match="--spool-gb"):
            spool.has_room(large)
        spool.release(one)
        assert not one.path.exists()
        with pytest.raises(UsageError, match="another batch"):
            spool_of(tmp_path).__enter__()
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_a_killed_run_left_in_the_spool_is_removed(tmp_path):
    with spool_of(tmp_path) as spool:
        left = spool.sources / "left.mp4"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    with spool_of(tmp_path):
        assert not left.exists()


def test_manifest_is_delivered_last(remote, tmp_path):
    folder = tmp_path / "result"
    for name in ("manifest.json", "report.html", "set-01/manifest.json", "set-01/report.html"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("new")
    order = []

    class Watched(RemoteFolder):
        def put(self, file, relative):
            order.append(str(relative))
            assert self.read(PurePosixPath("r/manifest.json"), 9) in (None, b"new")
            super().put(file, relative)

    deliver(Watched(remote.url), folder, PurePosixPath("r"))
    assert order[-2:] == ["r/set-01/manifest.json", "r/manifest.json"]
    assert not folder.exists()
    assert remote.names(PurePosixPath("r")) >= {"manifest.json", "report.html"}


def test_files_are_read_ahead_but_not_what_was_put_since(remote, tmp_path):
    manifest, gone = PurePosixPath("r/manifest.json"), PurePosixPath("r/[1]/manifest.json")
    remote.read_ahead([manifest, gone], max_bytes=3)
    (tmp_path / "store" / manifest).write_bytes(b"other")
    assert remote.read(manifest, 9) == b"123"
    assert remote.read(gone, 9) is None
    (tmp_path / "new").write_bytes(b"new")
    remote.put(tmp_path / "new", manifest)
    assert remote.read(manifest, 9) == b"new"


def test_names_follow_what_is_put_and_removed(remote, tmp_path):
    folder = PurePosixPath("r")
    names = {"manifest.json", "analysis.json", "annotated.mp4"}
    assert remote.names(folder) == names
    remote.put(tmp_path / "store" / "cam1" / "a.mp4", folder / "a.mp4")
    remote.remove(folder / "manifest.json")
    assert remote.names(folder) == names - {"manifest.json"} | {"a.mp4"}
    assert remote.names(PurePosixPath("none")) == set()


def test_file_that_is_gone_is_a_clear_error(remote, tmp_path):
    with pytest.raises(SourceError, match=r"gone\.mp4.*check the address"):
        remote.fetch(PurePosixPath("gone.mp4"), tmp_path / "gone.mp4")
    assert remote.read(PurePosixPath("gone.mp4"), 10) is None
