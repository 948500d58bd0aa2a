"""Clips to train on are observed as scoring observes them, and tracked once."""

import numpy as np
import pytest
from builders import analysis_of, poses_of

from shared.errors import OutputError
from synthetic import Lift
from training.clips import observe_clip, with_cache

LIFT = Lift(reps=2, fps=30)


def frames_of_lift(_):
    return poses_of(LIFT).frames


def test_training_sees_the_repetitions_that_scoring_sees(tmp_path):
    lift = observe_clip(tmp_path / "lift.mp4", frames_of_lift)
    judged = analysis_of(LIFT)
    times = [tuple(lift.motion.time_s[[rep.start, rep.top, rep.end]]) for rep in lift.reps]
    assert times == [(rep.start_s, rep.top_s, rep.end_s) for rep in judged.reps]
    seen = np.array([frame.keypoints.xy_px for frame in judged.frames])
    np.testing.assert_array_equal(lift.motion.xy_px.astype(np.float32), seen)


def test_a_clip_without_people_gives_no_lift(tmp_path):
    assert observe_clip(tmp_path / "empty.mp4", lambda clip: ()) is None


def test_cached_poses_are_computed_once_and_found_after_a_rename(tmp_path):
    tracked = []

    def track(clip):
        tracked.append(clip.name)
        return frames_of_lift(clip)

    clip, renamed = tmp_path / "a.mp4", tmp_path / "b.mp4"
    clip.write_bytes(b"a clip")
    cached = with_cache(track, tmp_path / "cache", "blazepose-full")
    first = cached(clip)
    clip.rename(renamed)
    again = with_cache(track, tmp_path / "cache", "blazepose-full")(renamed)
    assert tracked == ["a.mp4"]
    before, after = (observe_clip(renamed, lambda _, f=frames: f) for frames in (first, again))
    np.testing.assert_array_equal(before.motion.xy_px, after.motion.xy_px)
    assert before.reps == after.reps
    with_cache(track, tmp_path / "cache", "openpose-mpi")(renamed)
    assert tracked == ["a.mp4", "b.mp4"]


def test_a_damaged_cache_file_is_computed_anew(tmp_path):
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"a clip")
    cached = with_cache(frames_of_lift, tmp_path / "cache", "any")
    whole = cached(clip)
    [kept] = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert len(cached(clip)) == len(whole)


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path):
    clip, folder = tmp_path / "a.mp4", tmp_path / "file"
    clip.write_bytes(b"a clip")
    folder.write_text("not a folder")
    with pytest.raises(OutputError, match="cannot write .*/file/"):
        with_cache(frames_of_lift, folder, "any")(clip)
