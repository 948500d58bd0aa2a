"""The benchmark against the original's recording: measuring the distances to its dots."""

import cv2
import numpy as np
import pattern
from builders import load_script

original = load_script("benchmarks/openpose_original.py")


def recorded(joints):
    """A frame with yellow limbs and red dots, compressed as the recording is."""
    image = np.full((300, 300, 3), 200, np.uint8)
    places = [tuple(map(int, joint)) for joint in joints]
    for one, other in zip(places, places[1:], strict=False):
        cv2.line(image, one, other, (0, 255, 255), 4)
    for place in places:
        cv2.circle(image, place, 8, (0, 0, 255), -1)
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 75])[1], 1)


def test_distances_of_joints_and_dots_are_measured_both_ways():
    joints = (pattern.FIGURE + (60, 20)).astype(np.float32)
    to_dot, to_joint = original.distances_px(recorded(joints), joints)
    assert (len(to_dot), len(to_joint)) == (15, 15)
    assert to_dot.max() < 2
    assert to_joint.max() < 3
    moved = joints.copy()
    moved[0] -= (0, 15)
    to_dot, to_joint = original.distances_px(recorded(joints), moved)
    assert 11 < to_dot[0] < 16
    assert to_dot[1:].max() < 2
    assert 13 < to_joint.max() < 17


def test_overlapping_dots_are_two_and_unseen_joints_are_left_out():
    joints = np.array([(100, 100), (114, 100), (200, 200), (np.nan, np.nan)], np.float32)
    to_dot, to_joint = original.distances_px(recorded(joints[:3]), joints)
    assert (len(to_dot), len(to_joint)) == (3, 3)


def test_missing_weights_or_recording_are_reported(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COACH_MODELS_DIR", str(tmp_path))
    original.main(folder=tmp_path)
    assert "skipped: no sravb_e.mp4" in capsys.readouterr().out
    for name in (original.CLIP, original.RECORDING):
        (tmp_path / name).touch()
    original.main(folder=tmp_path)
    assert "models pull openpose-mpi" in capsys.readouterr().out
