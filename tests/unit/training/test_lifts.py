"""Labelled lifts are read from clips and tables, and observed as an analysis observes them."""

import json

import numpy as np
import pytest
from lifted import lift_of

from shared.data.skeleton import HEAD, L_ANKLE, L_HIP, NECK, R_HIP, R_SHOULDER
from shared.errors import UsageError
from synthetic import Lift
from training.athletes import Athletes
from training.lifts import read_lifts
from training.skeleton_tables import project, skeleton_recordings

LIFT = lift_of(Lift(reps=1, fps=15))


def nobody(_):
    return None


def test_clips_are_labelled_by_their_table(tmp_path):
    rows = ["a.mp4,good,anna", "b.mp4,bad:hips,ben", "c.mp4,,nobody", "gone.mp4,good,x"]
    (tmp_path / "CLIPS.csv").write_text("\n".join(["file,video_label,lifter_group", *rows]))
    for name in "abc":
        (tmp_path / f"{name}.mp4").touch()
    lifts = read_lifts(tmp_path, lambda clip: LIFT, Athletes())
    assert [(lift.athlete, lift.label, lift.condition) for lift in lifts] == [
        ("anna", 1, "good"), ("ben", 0, "bad:hips"),
    ]  # fmt: skip


def test_tables_of_both_kinds_are_read_once(tmp_path):
    coco = np.random.default_rng(0).random((18, 2)) * 100
    for place, folder in enumerate(("good_side", "bad_front", "test")):
        (tmp_path / folder).mkdir()
        frames = [(coco + place).tolist(), [None, *coco[1:].tolist()], [None] * 18]
        (tmp_path / folder / "1.json").write_text(json.dumps(frames))
    twin = (tmp_path / "good_side" / "1.json").read_text()
    (tmp_path / "good_side" / "2.json").write_text(twin)  # would be on both sides of a split
    points = (coco.ravel().tolist() * 3)[:75]
    for condition in ("correct", "grip_too_wide", "mixed_different_movement"):
        content = {
            "subject": "A", "condition": condition,
            "frames": [{"people": [points]}, {"people": []}],
        }  # fmt: skip
        (tmp_path / f"A__front__{condition}.json").write_text(json.dumps(content))
    lifts = read_lifts(tmp_path, nobody, Athletes())
    assert {(lift.file, lift.label) for lift in lifts} == {
        ("bad_front/1.json", 0), ("good_side/1.json", 1),
        ("A__front__correct.json", 1), ("A__front__grip_too_wide.json", 0),
    }  # fmt: skip
    assert {lift.athlete for lift in lifts if "__" in lift.file} == {f"{tmp_path.name}: A"}
    assert [len(lift.lift.motion) for lift in lifts] == [3, 3, 2, 2]


@pytest.mark.parametrize("content", ["{", "[[1]]", '[["x", "y"]]', "{}", "[7]"])
def test_a_damaged_table_is_refused_by_name(tmp_path, content):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "x.json").write_text(content)
    with pytest.raises(UsageError, match=r"x\.json"):
        read_lifts(tmp_path, nobody, Athletes())


def test_a_sequence_without_frames_is_refused_by_name(tmp_path):
    (tmp_path / "A__x.json").write_text('{"condition": "correct", "subject": "A"}')
    with pytest.raises(UsageError, match=r"A__x\.json lacks 'frames'"):
        read_lifts(tmp_path, nobody, Athletes())


def standing(yaw_deg):
    """16 joints of one who stands and bends the head, turned about the vertical, (1, 16, 3)."""
    heights = [1.7, 1.5, 1.1, 1.45, 1.45, 0.9, 0.9, 1.0, 0.95, 0.95, 0.5, 0.5, 0.1, 0.1, 0.0, 0.0]
    lateral = np.array([0, 0, 0, -2, 2, -2.5, 2.5, 0, *[-1.5, 1.5] * 4]) / 10
    ahead = [0.2, 0.05, 0.0, 0.05, 0.05, 0.1, 0.1, 0, 0, 0, 0, 0, 0, 0, 0.15, 0.15]
    yaw = np.radians(yaw_deg)
    ahead = np.array(ahead)
    x = np.cos(yaw) * lateral - np.sin(yaw) * ahead
    z = np.sin(yaw) * lateral + np.cos(yaw) * ahead
    return np.stack([x, heights, z], axis=-1)[None]


@pytest.mark.parametrize("yaw_deg", [0, 30, 90, 200])
def test_the_bodys_own_turn_is_taken_out_of_a_3d_skeleton(yaw_deg):
    xy = project(standing(yaw_deg), turn_deg=0)[0]
    assert xy[R_HIP, 0] == pytest.approx(xy[L_HIP, 0])  # seen from the side
    assert xy[HEAD, 0] - xy[L_HIP, 0] == pytest.approx(0.2 * 300)  # faces right
    assert xy[L_ANKLE, 1] - xy[NECK, 1] == pytest.approx(1.4 * 300)  # y points down


def test_a_3d_skeleton_is_filmed_from_any_turn():
    xy = project(standing(0), turn_deg=90)[0]
    assert abs(xy[R_HIP, 0] - xy[L_HIP, 0]) == pytest.approx(0.3 * 300)
    assert xy[HEAD, 0] == pytest.approx((xy[R_HIP, 0] + xy[L_HIP, 0]) / 2)


def body(lean_deg: float, yaw_deg: float) -> np.ndarray:
    """A 3D body of the data's 16 points that leans, turned against the sensor, (2, 16, 3)."""
    lean = np.radians(lean_deg)
    ahead_up = np.zeros((16, 2))
    ahead_up[1] = 0.5 * np.array([np.sin(lean), np.cos(lean)])
    ahead_up[0] = 1.4 * ahead_up[1]
    aside = np.zeros(16)
    aside[[3, 5, 8, 10, 12]], aside[[4, 6, 9, 11, 13]] = -0.15, 0.15
    yaw = np.radians(yaw_deg)
    x = np.cos(yaw) * aside - np.sin(yaw) * ahead_up[:, 0]
    z = np.sin(yaw) * aside + np.cos(yaw) * ahead_up[:, 0]
    return np.repeat(np.stack([x, ahead_up[:, 1], z], axis=-1)[None], 2, axis=0)


@pytest.mark.parametrize("yaw_deg", [-50.0, 0.0, 50.0])
@pytest.mark.parametrize("turn_deg", [0.0, 45.0])
def test_lifter_in_3d_is_seen_from_the_wanted_side(yaw_deg, turn_deg):
    xy = project(body(40.0, yaw_deg), turn_deg)[0]
    trunk = xy[NECK] - (xy[L_HIP] + xy[R_HIP]) / 2
    seen = np.tan(np.radians(40.0)) * np.cos(np.radians(turn_deg))
    assert trunk[0] / -trunk[1] == pytest.approx(seen, rel=1e-3)


def line(points):
    return ";".join(",".join(f"{x:.4f}" for x in point) for point in points)


def test_damaged_lines_of_a_3d_table_are_left_out(tmp_path):
    whole = line(standing(10)[0])
    (tmp_path / "g_1.txt").write_text("\n".join([whole, whole[:50], "x;y", whole + ";"]))
    (tmp_path / "b_2.txt").write_text(whole)
    (tmp_path / "b_3.txt").write_text("")
    (tmp_path / "SOURCE_x.txt").write_text("about")
    found = list(skeleton_recordings(tmp_path))
    assert [(one.file, one.label, len(one.seen.people)) for one in found] == [
        ("b_2.txt", 0, 1), ("g_1.txt", 1, 2),
    ]  # fmt: skip
    lifts = read_lifts(tmp_path, nobody, Athletes(), turns_deg=(0, 30))
    assert {lift.source for lift in lifts} == {tmp_path.name, f"{tmp_path.name} at 30°"}
    assert lifts[-1].lift.motion.turn_deg == 30
    assert found[0].seen.people[0].xy_px[R_SHOULDER, 0] > 400
