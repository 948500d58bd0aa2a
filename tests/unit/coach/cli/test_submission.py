import shutil
from pathlib import Path

import pytest

from coach.cli import submission
from coach.cli.submission import prepare, submit
from shared.data.job_options import JobOptions
from shared.errors import OutputError, SourceError
from shared.media.limits import SourceLimits
from shared.names import readable
from shared.queue import tasks

OPTIONS = JobOptions("blazepose-full")


def test_unreadable_clip_does_not_hold_up_the_others(clip, tmp_path):
    jobs, refused = prepare([tmp_path / "none.mp4", clip], tmp_path / "out", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert "none.mp4" in str(refused[0])


def test_output_folder_is_checked_before_any_work(clip, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        prepare([clip], tmp_path / "file" / "out", OPTIONS)


def test_clip_outside_the_roots_does_not_hold_up_the_others(clip, tmp_path):
    (tmp_path / "inside").mkdir()
    inside = shutil.copy(clip, tmp_path / "inside" / "good.mp4")
    limits = SourceLimits(roots=(tmp_path / "inside",))
    jobs, [error] = prepare([clip, Path(inside)], tmp_path / "out", OPTIONS, limits)
    assert [Path(job.out).name for job in jobs] == ["good"]
    assert "COACH_SOURCE_ROOTS" in str(error)
    assert str(clip) in str(error)


@pytest.mark.parametrize("name", ["a\0b.mp4", "x" * 300 + ".mp4", "circle.mp4"])
def test_name_that_cannot_be_opened_does_not_hold_up_the_others(clip, tmp_path, name):
    (tmp_path / "circle.mp4").symlink_to("circle.mp4")
    jobs, [error] = prepare([tmp_path / name, clip], tmp_path / "out", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert isinstance(error, SourceError)
    assert readable(name) in str(error)


def test_clip_given_twice_has_one_job(clip, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    jobs, _ = prepare([clip, Path(clip.name), Path("./x/..") / clip.name], tmp_path / "o", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]


def test_interruption_gives_up_the_folders_that_were_claimed(clip, tmp_path, monkeypatch):
    def interrupt(path):
        if path.name == "b.mp4":
            raise KeyboardInterrupt
        return "ab" * 32

    monkeypatch.setattr(submission, "fingerprint", interrupt)
    other = Path(shutil.copy(clip, tmp_path / "b.mp4"))
    with pytest.raises(KeyboardInterrupt):
        prepare([clip, other], tmp_path / "out", OPTIONS)
    assert list((tmp_path / "out").iterdir()) == []


def test_interruption_leaves_the_claims_of_earlier_commands(clip, tmp_path, monkeypatch):
    [job], _ = prepare([clip], tmp_path / "out", OPTIONS)  # it waits for a worker

    def interrupt(path):
        if path.name == "b.mp4":
            raise KeyboardInterrupt
        return job.sha256

    monkeypatch.setattr(submission, "fingerprint", interrupt)
    other = Path(shutil.copy(clip, tmp_path / "b.mp4"))
    with pytest.raises(KeyboardInterrupt):
        prepare([clip, other], tmp_path / "out", OPTIONS)
    assert [path.name for path in (tmp_path / "out" / ".coach").iterdir()] == ["clip"]


def test_job_submitted_twice_is_enqueued_once(client, store, clip, tmp_path):
    jobs, _ = prepare([clip], tmp_path / "out", OPTIONS)
    for _ in range(2):
        submit(client, store, jobs, timeout_s=60)
    assert store.state(jobs[0].id) == "queued"
    assert tasks.queue(client, "decode").count == 1
