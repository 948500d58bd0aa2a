"""The rendered set, whose joints are known, through the whole pipeline."""

import json

import pytest
from builders import run_coach

from coach.demo import share_found
from coach.rendering import Lift, write_video


@pytest.mark.slow
@pytest.mark.parametrize("facing", ["right", "left"])
def test_joints_are_found_where_they_are(models, tmp_path, facing):
    clip = tmp_path / "set.mp4"
    truth = write_video(Lift(facing=facing), clip)
    done = run_coach("analyze", str(clip), "--out", str(tmp_path), "--no-video")
    assert done.returncode == 0, done.stderr
    frames = json.loads((tmp_path / "set" / "analysis.json").read_text())["frames"]
    assert all(any(frame["keypoints"]) for frame in frames)
    share = share_found(truth, frames)
    print(f"\nfacing {facing}: {share:.1%} of visible joints within 0.2 torso lengths")
    assert share >= 0.93
