"""Which recordings are taken: their times, `--where`, and whether they are complete."""

import os
import time
from pathlib import Path, PurePosixPath

import pytest

from coach.archive.complete import Settling, is_held_open
from coach.archive.filters import read_conditions
from coach.archive.recorded import recorded_at
from coach.archive.recordings import Recording
from shared.errors import UsageError


def recording(relative, size_bytes=2_000_000, modified_s=0.0):
    return Recording(Path("/a") / relative, PurePosixPath(relative), size_bytes, modified_s)


@pytest.mark.parametrize(
    ("relative", "expected"),
    [
        ("cam1/2026-01-31/clip.mp4", "2026-01-31"),
        ("cam1/2026/01/31/18-30-05.mp4", "2026-01-31 18:30:05"),
        ("cam1/20260131_183005.dav", "2026-01-31 18:30:05"),
        ("cam1/2026-01-31T18.30.mp4", "2026-01-31 18:30:00"),
        ("NVR_ch1_20260131183005_20260131190000.mp4", "2026-01-31 18:30:05"),
        ("cam1/2026-02-31/clip.mp4", ""),  # no such day
        ("cam1/clip_2026.mp4", ""),
    ],
)
def test_recorders_names_say_when(relative, expected):
    assert recorded_at(recording(relative)) == expected


def test_without_a_day_in_the_path_the_last_change_counts():
    assert recorded_at(recording("clip.mp4", modified_s=86400 * 365)).startswith("1971-01-01")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("camera=cam1", True), ("camera=cam*", True), ("camera!=cam1", False),
        ("size>1MB", True), ("size<=1.5 MB", False), ("size>2000000", False),
        ("age<7d", True), ("age>36h", True), ("age>1w", False),
    ],
)  # fmt: skip
def test_conditions_hold_for_what_they_say(condition, holds):
    [read] = read_conditions([condition])
    now_s = time.time()
    assert read.holds(recording("cam1/a.mp4", modified_s=now_s - 2 * 86400), now_s) == holds


@pytest.mark.parametrize("text", ["age<7", "size>1d", "colour=red", "camera<3", "age", "size>-1MB"])
def test_condition_that_says_nothing_is_refused(text):
    with pytest.raises(UsageError, match="--where"):
        read_conditions([text])


def test_file_that_somebody_writes_to_is_noticed(tmp_path):
    file = tmp_path / "clip.mp4"
    with file.open("wb") as writing:
        writing.write(b"x")
        writing.flush()
        assert is_held_open(file)
    assert not is_held_open(file)
    with file.open("rb"):
        assert not is_held_open(file)


def test_recording_settles_once_it_stops_to_change(tmp_path):
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"x")
    settling = Settling(settle_s=100.0)
    os.utime(file, (time.time() - 200,) * 2)  # complete before anybody looked
    one = Recording(file, PurePosixPath("clip.mp4"), 1, time.time() - 200)
    assert settling.has_settled(one)
    grown = Recording(file, PurePosixPath("clip.mp4"), 2, time.time() - 200)
    assert not settling.has_settled(grown)
