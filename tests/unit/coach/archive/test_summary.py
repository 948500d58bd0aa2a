"""The rows of the summary, and the files that they are written to."""

import csv
import io
import json
from pathlib import Path, PurePosixPath

import polars
import pytest
from analyses import NAN, analysis, lifter_set, nobody

from coach.archive.recordings import Recording
from coach.archive.rows import Row, row_without_result, rows_of_result, sets_in
from coach.archive.summary import COLUMNS, FILES, Summary, csv_of, page_of
from shared.errors import UsageError


def result(folder, one):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "analysis.json").write_text(one.to_json())
    return folder


def recording(relative="cam1/2026-01-01/clip.mp4"):
    return Recording(Path("/a") / relative, PurePosixPath(relative), 12)


def rows(folder):
    return rows_of_result(recording(), folder, PurePosixPath("cam1/2026-01-01/clip"))


def test_row_says_what_the_report_says(tmp_path):
    one = analysis(lifter_set())
    [row] = rows(result(tmp_path, one))
    assert (row.camera, row.recorded, row.state) == ("cam1", "2026-01-01", "done")
    assert row.reps == len(one.reps) > 0
    assert row.score == pytest.approx(one.score, abs=1e-4)
    assert row.said
    assert row.report == "cam1/2026-01-01/clip/report.html"


@pytest.mark.parametrize(
    "one",
    [
        analysis(nobody(frames=0), warnings=("nobody was found",)),
        analysis(lifter_set(score=NAN, score_interval=None, unscored="no score: too dark")),
        analysis(lifter_set(unscored="no score: filmed from the front")),
    ],
    ids=["nobody", "no score", "cannot be judged"],
)
def test_what_cannot_be_judged_has_no_score(tmp_path, one):
    [row] = rows(result(tmp_path, one))
    assert (row.score, row.score_low, row.verdict) == (None, None, "")
    [cells] = csv.DictReader(io.StringIO(csv_of([row])))
    assert cells["score"] == ""


def test_long_recording_has_a_row_for_each_set(tmp_path):
    for name in ("set-01", "set-02"):
        result(tmp_path / name, analysis(lifter_set()))
    sets = [
        {"folder": "set-01", "lifter": "A", "starts_at": "2026-01-01T18:30:05.250+01:00"},
        {"folder": "set-02", "lifter": "B", "starts_at": ""},
    ]
    (tmp_path / "sets.json").write_text(json.dumps({"sets": sets}))
    first, second = rows(tmp_path)
    assert (first.set, first.lifter, first.recorded) == ("set-01", "A", "2026-01-01 18:30:05")
    assert (second.set, second.lifter, second.recorded) == ("set-02", "B", "2026-01-01")
    assert first.report == "cam1/2026-01-01/clip/set-01/report.html"


def test_recording_without_a_set_has_a_row(tmp_path):
    (tmp_path / "sets.json").write_text('{"sets": []}')
    [row] = rows(tmp_path)
    assert (row.reps, row.score, row.said) == (0, None, "No set in this recording")
    assert row.report == "cam1/2026-01-01/clip/report.html"


@pytest.mark.parametrize("text", ["{}", "x", '{"sets": [{"folder": "../other"}]}', '{"sets": 3}'])
def test_damaged_list_of_sets_is_refused(tmp_path, text):
    (tmp_path / "sets.json").write_text(text)
    with pytest.raises(UsageError, match=r"sets\.json"):
        sets_in(tmp_path)


def test_summary_can_be_read_by_other_tools(tmp_path):
    good = Row(recording="a/b.mp4", state="done", reps=3, score=0.5, faults=("bar drifts", "x"))
    bad = row_without_result(recording("=cmd()/<b>.mp4"), "unreadable", "d\udce9ad")
    Summary(tmp_path, "archive").write([good, bad])
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    table = polars.read_parquet(tmp_path / "summary.parquet")
    assert tuple(table.columns) == COLUMNS
    assert table["score"].to_list() == [None, 0.5]
    assert table["size_bytes"].dtype == polars.Int64
    [first, second] = csv.DictReader((tmp_path / "summary.csv").read_text("utf-8").splitlines())
    assert first["recording"] == "./=cmd()/<b>.mp4"  # the same path, but no formula
    assert first["error"] == r"d\xe9ad"
    assert second["faults"] == "bar drifts; x"
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "<b>.mp4" not in page


def test_link_of_a_folder_called_like_a_scheme_is_a_link_to_a_folder(tmp_path):
    place = PurePosixPath("javascript:alert(1)/caf\udce9 #1")
    [row] = rows_of_result(recording(), result(tmp_path, analysis(lifter_set())), place)
    assert row.href == "./javascript%3Aalert%281%29/caf%E9%20%231/report.html"
    assert page_of([row], "archive")
