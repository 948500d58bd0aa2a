"""What `coach batch` says before it begins."""

import pytest

from coach.cli import batch
from coach.cli.batch_request import Request
from shared.data.job_options import JobOptions
from shared.errors import UsageError
from shared.settings import Settings


@pytest.fixture
def dry_run(tmp_path, monkeypatch):
    """Looks at the folder `archive` with a folder for results; the exit status."""
    (tmp_path / "archive").mkdir()
    monkeypatch.chdir(tmp_path)

    def run(out="out"):
        request = Request(
            sources=["archive"], out=out, root=None, where=[], priority="low", jobs=None,
            pose_workers=None, servers=None, spool=tmp_path / "spool", spool_bytes=10**9,
            timeout_s=0.0, settle_s=0.0, poll_s=1.0, watch=False, dry_run=True, force=False,
            as_json=False,
        )  # fmt: skip
        return batch.run(request, JobOptions("movenet", video=False), Settings())

    return run


def write(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")


def test_videos_in_the_folder_for_results_are_told(dry_run, tmp_path, capsys):
    write(tmp_path / "archive" / "c" / "a.mp4")
    with pytest.raises(UsageError, match="1 in the folder for results, archive/c.; choose another"):
        dry_run("archive/c")
    write(tmp_path / "archive" / "d" / "b.mp4")
    assert dry_run("archive/c") == 0
    said = capsys.readouterr().err
    assert "note: passed over in the folder for results, archive/c: 1 of your videos" in said


def test_every_recording_has_one_line_whatever_its_name(dry_run, tmp_path, capsys):
    write(tmp_path / "archive" / "dead\nlift.mp4")
    (tmp_path / "archive" / "link\n.mp4").symlink_to(tmp_path)
    assert dry_run() == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first == r"would analyse dead\x0alift.mp4"
    assert second.startswith(r"cannot take link\x0a.mp4: ")
