"""The rendered set, with known joints, through the whole pipeline."""

import numpy as np
import pytest
from builders import run_coach

import coach
from coach.cli.demo import fraction_found
from shared.data.skeleton import L_HEEL, L_TOE, R_HEEL, R_TOE, trunk_length_px
from synthetic import Lift, write_video


@pytest.mark.slow
@pytest.mark.parametrize("facing", ["right", pytest.param("left", marks=pytest.mark.thorough)])
def test_joints_are_found_where_they_are(models, tmp_path, facing):
    clip = tmp_path / "set.mp4"
    truth = write_video(Lift(reps=1, facing=facing), clip)
    done = run_coach("analyze", str(clip), "--out", str(tmp_path), "--no-video")
    assert done.returncode == 0, done.stderr
    frames = coach.load(tmp_path / "set").frames
    assert all(np.isfinite(frame.xy_px).any() for frame in frames)
    found = fraction_found(truth, frames)
    print(f"\nfacing {facing}: {found:.1%} of visible joints within 0.2 trunk lengths")
    assert found >= 0.93
    distances = sole_distances(truth, frames)
    looks = sum(is_looked_at(frame) for frame in frames)
    print(f"{len(distances)} soles in {looks} looks at {len(frames)} frames")
    print(f"{np.mean(distances < 0.1):.1%} of the soles on a shoe")
    assert looks >= 0.25 * len(frames)  # 7.5 a second, of 30 frames
    assert len(distances) >= 0.75 * looks
    assert np.mean(distances < 0.1) >= 0.95


def is_looked_at(frame):
    """Whether the second network, which sees the soles, looked at the lifter in this frame."""
    return frame.person is not None and np.isfinite(frame.person.disagreement)


def sole_distances(truth, frames):
    """Distance of the middle of each seen sole from the nearest true foot, in trunk lengths."""
    distances = []
    for true, frame in zip(truth, frames, strict=True):
        if frame.person is not None and np.isfinite(frame.person.sole_px).all():
            heel, toe = true.feet_px[[L_HEEL, R_HEEL]], true.feet_px[[L_TOE, R_TOE]]
            feet = heel + np.linspace(0, 1, 9)[:, None, None] * (toe - heel)
            to_feet_px = np.linalg.norm(feet - frame.person.sole_px.mean(0), axis=-1)
            distances.append(to_feet_px.min() / trunk_length_px(true.joints_px))
    return np.array(distances)
