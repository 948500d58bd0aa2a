from pathlib import Path

import pytest

from coach.cli.submission import prepare, result_names
from shared.data.job_options import JobOptions
from shared.errors import OutputError


@pytest.mark.parametrize(
    ("clips", "names"),
    [
        (["a/lift.mp4"], ["lift"]),  # the clip's name
        (["a/lift.mp4", "a/lift.avi"], ["lift", "lift.avi"]),  # told apart by kind
        (["a/x.mp4", "b/x.mp4", "c/x.mp4"], ["x", "x.mp4", "x-2.mp4"]),  # then by number
        (["a.b.mp4"], ["a.b"]),  # dots stay
        (["folder/"], ["folder"]),  # pictures
    ],
)
def test_results_of_clips_with_one_name_do_not_meet(clips, names):
    assert result_names(Path(clip) for clip in clips) == names


def test_bad_clips_do_not_hold_up_good_ones(clip, tmp_path):
    options = JobOptions("blazepose-full")
    jobs, refused = prepare([tmp_path / "none.mp4", clip], tmp_path / "out", options)
    assert [Path(job.out).name for job in jobs] == ["clip"]
    assert "none.mp4" in str(refused[0])


def test_a_place_that_cannot_be_written_is_told_before_any_work(clip, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"):
        prepare([clip], tmp_path / "file" / "out", JobOptions("blazepose-full"))
