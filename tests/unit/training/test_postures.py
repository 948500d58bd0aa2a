"""Single postures are read from pictures and MediaPipe tables."""

import cv2
import numpy as np
import pytest
from builders import person

from shared.errors import UsageError
from training.athletes import Athletes
from training.labelled_data import read
from training.postures import read_postures

NAMES = [f"{part}{n}" for n in range(1, 34) for part in "xyzv"]


def nobody(_):
    return None


def table_of(kinds, file):
    wide = np.zeros((33, 4))
    wide[:, 3] = 0.9
    wide[11, :2], wide[12, :2] = (0.55, 0.2), (0.45, 0.2)  # shoulders
    wide[23, :2], wide[24, :2] = (0.53, 0.43), (0.47, 0.43)  # hips, in a picture of 16:9
    values = ",".join(str(v) for v in wide.ravel())
    file.write_text("\n".join([",".join(["class", *NAMES]), *(f"{k},{values}" for k in kinds)]))
    return file


def test_a_mediapipe_table_is_one_lifter_of_human_proportions(tmp_path):
    kinds = ["d_correct_up", "d_correct_down", "d_arms_narrow_up", "d_correct_up", "s_correct_up"]
    rows = read_postures(table_of(kinds, tmp_path / "rows.csv"), nobody, Athletes())
    assert [row.label for row in rows] == [1, 1, 0, 1]
    assert {row.athlete for row in rows} == {"the person of rows.csv"}
    assert [row.clip for row in rows] == [f"rows.csv: run {n}" for n in (1, 1, 2, 3)]
    shoulders = np.linalg.norm(rows[0].xy_px[2] - rows[0].xy_px[5])
    assert shoulders == pytest.approx(100 * 16 / 9, rel=0.01)


def test_a_table_without_its_columns_is_refused_by_name(tmp_path):
    (tmp_path / "rows.csv").write_text("class,x1\nd_correct_up,0.1")
    with pytest.raises(UsageError, match=r"rows\.csv lacks"):
        read_postures(tmp_path / "rows.csv", nobody, Athletes())


def test_pictures_are_labelled_by_folder(tmp_path):
    for label in ("good", "bad"):
        (tmp_path / label).mkdir()
        cv2.imwrite(str(tmp_path / label / "1.png"), np.zeros((20, 10, 3), np.uint8))
    rows = read_postures(tmp_path, lambda image: person(), Athletes())
    assert [(row.label, row.clip) for row in rows] == [
        (1, f"{tmp_path.name}: good/1.png"), (0, f"{tmp_path.name}: bad/1.png"),
    ]  # fmt: skip
    assert read_postures(tmp_path, nobody, Athletes()) == []


def test_a_folder_without_labels_is_refused(tmp_path):
    with pytest.raises(UsageError, match="nothing that is labelled"):
        read(tmp_path, nobody, nobody, Athletes())
