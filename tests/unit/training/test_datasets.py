import json

import cv2
import numpy as np
import pytest
from builders import person

from services.scorer.observe import observe_lift, observe_lifters
from shared.errors import UsageError
from synthetic import Lift, render_poses
from training.datasets import read


def nobody(_):
    return None


def test_tables_of_both_kinds_are_read(tmp_path):
    coco = np.random.default_rng(0).random((18, 2)) * 100
    for place, label in enumerate(("good_side", "bad_front", "test")):
        (tmp_path / label).mkdir()
        frames = [(coco + place).tolist(), [None, *coco[1:].tolist()]]
        (tmp_path / label / f"{label}.json").write_text(json.dumps(frames))
    twin = (tmp_path / "good_side" / "good_side.json").read_text()
    (tmp_path / "good_side" / "once_more.json").write_text(
        twin
    )  # would be on both sides of a split
    (tmp_path / "A__front__correct.json").write_text(
        json.dumps(
            {"subject": "A", "condition": "correct", "frames": [{"people": [[1.0] * 75]}] * 11}
        )
    )
    poses = read(tmp_path, nobody, nobody)
    assert poses.xy_px.shape == (6, 15, 2)
    assert sorted(poses.label) == [0, 0, 1, 1, 1, 1]
    assert set(poses.group) == {
        "good_side/good_side.json", "bad_front/bad_front.json", "lifter A",
    }  # fmt: skip
    assert set(poses.clip) == {*poses.group[:4], "A__front__correct.json"}


@pytest.mark.parametrize("content", ["{", "[[1]]", '[["x", "y"]]', "{}"])
def test_a_damaged_table_is_refused_by_name(tmp_path, content):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "x.json").write_text(content)
    with pytest.raises(UsageError, match=r"x\.json"):
        read(tmp_path, nobody, nobody)


def lift(_):
    return observe_lift(observe_lifters(render_poses(Lift(reps=1, fps=30)))[0])


def test_clips_give_the_postures_of_their_reps_by_lifter(tmp_path):
    rows = ["a.mp4,good,anna", "b.mp4,bad:hips,ben", "c.mp4,,nobody", "gone.mp4,good,x"]
    (tmp_path / "CLIPS.csv").write_text("\n".join(["file,video_label,lifter_group", *rows]))
    for name in "abc":
        (tmp_path / f"{name}.mp4").touch()
    poses = read(tmp_path, nobody, lift)
    assert set(poses.group) == {"anna", "ben"}
    assert {(g, float(good)) for g, good in zip(poses.group, poses.label, strict=True)} == {
        ("anna", 1.0), ("ben", 0.0),
    }  # fmt: skip
    assert 20 < (poses.group == "anna").sum() < 45  # about 3 s at 10 a second


def test_a_mediapipe_table_is_one_group_scaled_to_human_proportions(tmp_path):
    names = [f"{part}{n}" for n in range(1, 34) for part in "xyzv"]
    wide = np.zeros((33, 4))
    wide[:, 3] = 0.9
    wide[11, :2], wide[12, :2] = (0.55, 0.2), (0.45, 0.2)  # shoulders
    wide[23, :2], wide[24, :2] = (0.53, 0.43), (0.47, 0.43)  # hips, in a picture of 16:9
    values = ",".join(str(v) for v in wide.ravel())
    kinds = ["d_correct_up", "d_correct_down", "d_arms_narrow_up", "d_correct_up", "s_correct_up"]
    table = tmp_path / "rows.csv"
    table.write_text("\n".join([",".join(["class", *names]), *(f"{k},{values}" for k in kinds)]))
    poses = read(table, nobody, nobody)
    assert poses.label.tolist() == [1, 1, 0, 1]
    assert len(set(poses.group)) == 1  # one person at a desk
    assert [str(clip) for clip in poses.clip] == [f"stretch {n}" for n in (1, 1, 2, 3)]
    shoulders = np.linalg.norm(poses.xy_px[0, 2] - poses.xy_px[0, 5])
    assert shoulders == pytest.approx(100 * 16 / 9, rel=0.01)


def test_a_table_without_its_columns_is_refused_by_name(tmp_path):
    (tmp_path / "rows.csv").write_text("class,x1\nd_correct_up,0.1")
    with pytest.raises(UsageError, match=r"rows\.csv lacks"):
        read(tmp_path / "rows.csv", nobody, nobody)


def test_a_picture_is_looked_at_in_three_sizes_and_mirrored(tmp_path):
    image = np.zeros((200, 100, 3), np.uint8)
    image[:, :10] = 255
    for label in ("good", "bad"):
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "1.png"), image)
    seen = []

    def look(picture):
        seen.append((picture.shape, bool(picture[0, 0, 0] > picture[0, -1, 0])))
        return person()

    poses = read(tmp_path, look, nobody)
    assert seen[:6] == [
        ((height, height // 2, 3), left) for height in (200, 160, 120) for left in (True, False)
    ]
    assert sorted(set(poses.clip)) == ["bad/1.png", "good/1.png"]
    assert len(poses.label) == 12
