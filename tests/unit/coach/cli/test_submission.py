from pathlib import Path

import pytest

from coach.cli.submission import prepare, result_names, submit
from shared.data.job_options import JobOptions
from shared.errors import OutputError, UsageError
from shared.media.limits import SourceLimits
from shared.queue import tasks

OPTIONS = JobOptions("blazepose-full")


@pytest.mark.parametrize(
    ("clips", "names"),
    [
        (["a/lift.mp4"], ["lift"]),  # the clip's name
        (["a/lift.mp4", "a/lift.avi"], ["lift", "lift.avi"]),  # distinguished by kind
        (["a/x.mp4", "b/x.mp4", "c/x.mp4"], ["x", "x.mp4", "x-2.mp4"]),  # then by number
        (["a.b.mp4"], ["a.b"]),  # dots stay
        (["folder/"], ["folder"]),  # pictures
    ],
)
def test_clips_with_the_same_name_get_different_folders(clips, names):
    assert result_names(Path(clip) for clip in clips) == names


def test_unreadable_clip_does_not_hold_up_the_others(clip, tmp_path):
    jobs, refused = prepare([tmp_path / "none.mp4", clip], tmp_path / "out", OPTIONS)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert "none.mp4" in str(refused[0])


def test_output_folder_is_checked_before_any_work(clip, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        prepare([clip], tmp_path / "file" / "out", OPTIONS)


def test_clip_outside_the_roots_is_refused(clip, tmp_path):
    limits = SourceLimits(roots=(tmp_path / "elsewhere",))
    with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
        prepare([clip], tmp_path / "out", OPTIONS, limits)


def test_job_submitted_twice_is_enqueued_once(client, store, clip, tmp_path):
    jobs, _ = prepare([clip], tmp_path / "out", OPTIONS)
    for _ in range(2):
        submit(client, store, jobs, timeout_s=60)
    assert store.state(jobs[0].id) == "queued"
    assert tasks.queue(client, "decode").count == 1
