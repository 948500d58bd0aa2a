import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from analyses import IN_TRUNKS, analysis, frame, lifter_set, nobody

from shared.data.analysis import ANGLES
from shared.data.skeleton import MPI_15
from shared.data.tables import FRAME_MEANINGS, frames_csv, frames_table, rep_meanings, table_csv


def rows_of(one):
    return list(csv.DictReader(io.StringIO(frames_csv(one.frames))))


def test_table_has_a_row_per_frame_and_named_columns():
    lifter = lifter_set(reps=1)
    header, *rows = csv.reader(io.StringIO(frames_csv(lifter.frames)))
    assert len(rows) == len(lifter.frames)
    assert {len(row) for row in rows} == {len(header)}
    assert header[:8] == [
        "index", "time_s", "score", "confidence", "phase", "pose_ms", "bar_x_px", "bar_y_px",
    ]  # fmt: skip
    rest = [f"{name}_deg" for name in ANGLES]
    rest += [f"{joint}_{part}" for joint in MPI_15 for part in ("x_px", "y_px", "confidence")]
    assert header[8:] == [*rest, "filled"]


def test_cells_hold_the_frames_values():
    lifter = lifter_set(reps=1)
    row, shown = rows_of(analysis(lifter))[8], lifter.frames[8]
    assert float(row["LWrist_x_px"]) == pytest.approx(shown.xy_px[7, 0], abs=0.01)
    assert float(row["LWrist_confidence"]) == pytest.approx(shown.joint_confidence[7], abs=1e-4)
    assert float(row["bar_y_px"]) == pytest.approx(shown.bar_px[1], abs=0.01)
    assert float(row["hip_deg"]) == pytest.approx(shown.angles.hip, abs=0.06)
    assert float(row["confidence"]) == pytest.approx(shown.confidence, abs=1e-4)
    assert (row["phase"], row["elbow_deg"]) == ("pull", "")


def test_cells_are_empty_where_nothing_was_seen():
    [row] = rows_of(analysis(nobody(frames=1)))
    assert (row["Head_x_px"], row["score"], row["bar_x_px"], row["knee_deg"]) == ("", "", "", "")
    assert (row["phase"], row["Head_confidence"], row["index"]) == ("", "", "0")


def test_filled_column_names_the_interpolated_joints():
    lifter = lifter_set(reps=1)
    filled = replace(lifter.frames[0], filled=("RWrist", "RKnee"))
    first, second, *_ = rows_of(analysis(replace(lifter, frames=(filled, *lifter.frames[1:]))))
    assert first["filled"] == "RWrist RKnee"
    assert second["filled"] == ""


def test_columns_are_numbers_unrounded_and_nan_where_unseen():
    precise = frame(3, 1 / 3, bar_px=np.array([np.nan, np.nan], np.float32))
    columns = analysis(replace(lifter_set(reps=1), frames=(precise,))).frames_table()
    assert columns["index"].dtype == np.int64
    assert columns["time_s"].tolist() == [1 / 3]
    assert math.isnan(columns["bar_x_px"][0])
    assert columns["phase"] == ["pull"]


def test_table_of_no_frames_has_its_columns():
    empty = analysis(nobody(frames=0))
    assert frames_csv(empty.frames).count("\n") == 1
    assert set(frames_table(empty.frames)) == set(analysis().frames_table())


def test_each_column_has_a_documented_meaning():
    for name in analysis().frames_table():
        assert any(
            name == known or known.startswith("…") and name.endswith(known[1:])
            for known in FRAME_MEANINGS
        ), name


def test_table_of_reps_has_a_row_per_rep():
    table = analysis(lifter_set(reps=3)).reps_table()
    assert table["index"].tolist() == [1, 2, 3]
    assert table["faults"] == ["", "hips_shoot_up", ""]
    assert set(table["unit"]) == {"m"}
    assert table["rom_m"].tolist() == [0.6] * 3
    # More pixels in a metre make less metres: 120 of 110 … 125.
    np.testing.assert_allclose(table["rom_m_low"], 0.6 * 120 / 125)
    np.testing.assert_allclose(table["rom_m_high"], 0.6 * 120 / 110)


def test_table_of_reps_has_no_metres_without_a_scale():
    table = analysis(lifter_set(reps=2, bar=IN_TRUNKS)).reps_table()
    assert set(table["unit"]) == {"trunk"}
    assert table["rom"].tolist() == [0.6, 0.6]
    assert np.isnan(table["rom_m"]).all()
    assert np.isnan(table["peak_velocity_m_s_high"]).all()
    [header, first, _] = csv.reader(io.StringIO(table_csv(table)))
    assert dict(zip(header, first, strict=True))["rom_m"] == ""


def test_table_of_no_reps_has_its_columns():
    assert list(analysis(nobody()).reps_table()) == list(analysis().reps_table())
    assert {len(column) for column in analysis(nobody()).reps_table().values()} == {0}


def test_each_column_of_reps_has_a_documented_meaning():
    assert list(analysis().reps_table()) == list(rep_meanings())


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames_take_the_tables_as_they_are(library):
    frames = pytest.importorskip(library).DataFrame(analysis().frames_table())
    assert len(frames) == len(analysis().frames)
    assert list(frames["phase"])[:2] == ["setup", "setup"]
    assert len(pytest.importorskip(library).DataFrame(analysis().reps_table())) == 3


@pytest.mark.parametrize("one", [analysis(), analysis(nobody()), analysis(nobody(frames=0))])
def test_columns_are_plain_and_of_one_length(one):
    for table in (one.frames_table(), one.reps_table()):
        assert len({len(column) for column in table.values()}) == 1
        for column in table.values():
            if isinstance(column, list):
                assert {type(value) for value in column} <= {str}
            else:
                assert column.ndim == 1
                assert column.dtype in (np.int64, np.float64)
