import io
import os
import tempfile
from pathlib import Path

import pytest

from coach.archive.recordings import open_local
from shared.errors import UsageError


@pytest.fixture
def archive(tmp_path):
    for name in (
        "cam1/2026-01-01/clip.mp4", "cam1/2026-01-02/clip.MP4", "cam2/clip.mov", "notes.txt",
        "cam1/.hidden.mp4", ".trash/old.mp4", "out/cam1/clip/annotated.mp4",
        "old results/clip/annotated.mp4", "old results/clip/manifest.json",
        "old results/clip/analysis.json",
    ):  # fmt: skip
        file = tmp_path / "archive" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return tmp_path / "archive"


def names(found):
    return [str(one.relative) for one in found.recordings]


def opened(*sources, root=None, out="elsewhere", stdin=""):
    return open_local([str(one) for one in sources], root, Path(out), io.StringIO(stdin))


def test_recordings_are_found_and_results_are_not(archive):
    found = opened(archive, out=archive / "out").find()
    assert names(found) == ["cam1/2026-01-01/clip.mp4", "cam1/2026-01-02/clip.MP4", "cam2/clip.mov"]
    assert [one.camera for one in found.recordings] == ["cam1", "cam1", "cam2"]
    assert found.others == 1


@pytest.mark.parametrize("pattern", ["", "**/*.mp4"])
def test_persons_videos_in_the_folder_for_results_are_counted(archive, pattern):
    for name in ("manifest.json", "analysis.json"):
        (archive / "out" / "cam1" / "clip" / name).write_bytes(b"{}")
    source = archive / pattern if pattern else archive
    assert opened(source, out=archive / "out").find(looks_into_out=True).in_out == 0
    (archive / "out" / "cam1" / "own.mp4").write_bytes(b"x")
    (archive / "out" / "index.html").write_bytes(b"x")
    found = opened(source, out=archive / "out").find(looks_into_out=True)
    assert found.in_out == 1
    assert "own.mp4" not in " ".join(names(found))


def test_link_out_of_the_archive_is_refused(archive, tmp_path):
    (tmp_path / "else.mp4").write_bytes(b"x")
    (archive / "cam2" / "out.mp4").symlink_to(tmp_path / "else.mp4")
    (archive / "cam2" / "up").symlink_to(tmp_path)
    (archive / "cam2" / "again.mp4").symlink_to(archive / "cam2" / "clip.mov")
    (archive / "cam2" / "loop").symlink_to(archive)
    found = {str(one.relative): one.error for one in opened(archive).find().recordings}
    assert "outside the archive" in found["cam2/out.mp4"]
    assert "outside the archive" in found["cam2/up"]
    assert found["cam2/clip.mov"] == ""
    assert not [name for name in found if "again" in name or "loop" in name]


def test_folder_that_cannot_be_read_is_refused_and_the_rest_taken():
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        for name in ("closed/a.mp4", "open/b.mp4"):
            (archive / name).parent.mkdir(parents=True)
            (archive / name).write_bytes(b"x")
        for path in (Path(folder), archive, archive / "open"):
            path.chmod(0o755)
        (archive / "closed").chmod(0)
        before = os.geteuid()
        os.seteuid(65534 if before == 0 else before)  # the superuser may read everything
        try:
            closed, taken = opened(archive).find().recordings
        finally:
            os.seteuid(before)
            (archive / "closed").chmod(0o755)
    assert "cannot read the folder" in closed.error
    assert (str(taken.relative), taken.error) == ("open/b.mp4", "")


def test_pattern_keeps_the_folders_after_its_fixed_part(archive):
    found = opened(archive / "cam*" / "2026-*" / "*.mp4", out=archive / "out").find()
    assert names(found) == ["cam1/2026-01-01/clip.mp4"]
    every = opened(archive / "**" / "*", out=archive / "out").find()
    assert len(every.recordings) == 3


def test_list_is_relative_to_its_folder(archive):
    (archive / "list.txt").write_text("cam1/2026-01-01/clip.mp4\r\n\ncam2/clip.mov\n/etc/x.mp4\n")
    found = opened(archive / "list.txt").find().recordings
    assert [str(one.relative) for one in found if not one.error] == [
        "cam1/2026-01-01/clip.mp4", "cam2/clip.mov",
    ]  # fmt: skip
    assert "--root" in next(one.error for one in found if one.error)


@pytest.mark.parametrize("separator", ["\n", "\0"])
def test_list_on_standard_input_is_relative_to_the_working_folder(archive, monkeypatch, separator):
    monkeypatch.chdir(archive)
    text = separator.join(["cam2/clip.mov", "cam1/none.mp4", ""])
    missing, taken = opened("-", stdin=text).find().recordings
    assert str(taken.relative) == "cam2/clip.mov"
    assert "No such file" in missing.error


def test_archive_in_the_folder_for_results_is_refused(archive):
    with pytest.raises(UsageError, match="inside the folder for results"):
        opened(archive, out=archive.parent)
    with pytest.raises(UsageError, match="check the name"):
        opened(archive / "nothing")
