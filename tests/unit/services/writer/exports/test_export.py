"""The front of the exports: formats by ending, tables of frames and reps, and files replaced."""

import csv
import os
import sys

import numpy as np
import pytest
from analyses import IN_TRUNKS, analysis, lifter_set, nobody

from services.writer.exports import Format, Rows, export, files_of
from shared.data.tables import frames_csv
from shared.errors import OutputError, UsageError


def test_csv_of_frames_is_the_results_own_table(tmp_path):
    export(analysis(), tmp_path / "frames.csv")
    assert (tmp_path / "frames.csv").read_text("utf-8") == frames_csv(analysis().frames)


def test_csv_of_reps_has_a_row_a_rep(tmp_path):
    export(analysis(lifter_set(reps=2, bar=IN_TRUNKS)), tmp_path / "reps.csv", rows="reps")
    with (tmp_path / "reps.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["index"], first["unit"], first["rom"], first["rom_m"]) == (
        "1",
        "trunk",
        "0.6",
        "",
    )
    assert second["faults"] == "hips_shoot_up"


@pytest.mark.parametrize("rows", list(Rows))
def test_parquet_holds_the_table_with_nulls_for_nan(rows, tmp_path):
    pyarrow = pytest.importorskip("pyarrow.parquet")
    one = analysis(lifter_set(reps=2), nobody())
    export(one, tmp_path / "table.PARQUET", rows=rows)
    table = pyarrow.read_table(tmp_path / "table.PARQUET")
    expected = one.frames_table() if rows is Rows.FRAMES else one.reps_table()
    assert table.column_names == list(expected)
    for name, values in expected.items():
        column = table[name].to_pylist()
        if isinstance(values, list):
            assert column == values
        else:
            assert [np.nan if value is None else value for value in column] == pytest.approx(
                values.tolist(), nan_ok=True
            )
            assert table[name].null_count == np.isnan(values).sum()


def test_parquet_without_its_library_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'weightlifting-coach\[parquet\]'"):
        export(analysis(), tmp_path / "frames.parquet")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["lift.c3d", "lift", ".trc", "lift.trc.bak"])
def test_an_unknown_ending_is_refused_with_those_that_are_known(name, tmp_path):
    with pytest.raises(UsageError, match=r"\.trc, \.mot, \.csv, \.parquet"):
        export(analysis(), tmp_path / name)


def test_unknown_rows_are_refused(tmp_path):
    with pytest.raises(UsageError, match="frames or reps"):
        export(analysis(), tmp_path / "a.csv", rows="sets")


@pytest.mark.parametrize("ending", ["trc", "mot", "csv"])
def test_an_older_file_is_replaced_and_nothing_else_is_left(ending, tmp_path):
    path = tmp_path / f"lift.{ending}"
    path.write_text("old")
    export(analysis(), str(path))
    assert "old" not in path.read_text().splitlines()
    assert os.listdir(tmp_path) == [path.name]


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    for folder in ("missing", "file"):
        with pytest.raises(OutputError, match="cannot write"):
            export(analysis(), tmp_path / folder / "lift.csv")


def test_tables_take_two_files_and_motions_one():
    assert files_of("lift", Format.TRC) == {"lift.trc": Rows.FRAMES}
    assert files_of("lift", Format.CSV) == {
        "lift_frames.csv": Rows.FRAMES, "lift_reps.csv": Rows.REPS,
    }  # fmt: skip
