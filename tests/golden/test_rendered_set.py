"""The rendered set, whose joints are known, through the whole pipeline."""

import json

import numpy as np
import pytest
from builders import run_coach

from coach.cli.demo import share_found
from shared.data.skeleton import L_HEEL, L_TOE, R_HEEL, R_TOE, trunk_length_px
from synthetic import Lift, write_video


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
    print(f"\nfacing {facing}: {share:.1%} of visible joints within 0.2 trunk lengths")
    assert share >= 0.93
    off = soles_off(truth, frames)
    print(f"{len(off)} soles, {np.mean(off < 0.1):.1%} of them on a shoe")
    assert len(off) >= 0.5 * len(frames)
    assert np.mean(off < 0.1) >= 0.95


def soles_off(truth, frames):
    """How far the middle of each sole that was seen lies beside a true foot, trunk lengths."""
    off = []
    for true, frame in zip(truth, frames, strict=True):
        sole = np.array(frame["measured"]["sole"], float)
        if np.isfinite(sole).all():
            heel, toe = true.feet_px[[L_HEEL, R_HEEL]], true.feet_px[[L_TOE, R_TOE]]
            feet = heel + np.linspace(0, 1, 9)[:, None, None] * (toe - heel)
            away = np.linalg.norm(feet - sole.mean(0), axis=-1).min()
            off.append(away / trunk_length_px(true.joints_px))
    return np.array(off)
