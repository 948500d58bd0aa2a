"""Where results go, and what is remembered of them."""

import json
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath

import pytest

from coach.archive.ledger import Ledger
from coach.archive.places import Places
from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder
from coach.archive.rows import Row
from shared.data.job_options import JobOptions

OPTIONS = JobOptions("movenet")


def recording(relative, root="/archive"):
    return Recording(Path(root) / relative, PurePosixPath(relative))


def chosen(places, *relatives):
    recordings = [recording(relative) for relative in relatives]
    places.reserve(recordings)
    return [
        str(places.relative(places.choose(one, f"{number:064}")[0]))
        for number, one in enumerate(recordings)
    ]


def finish(places, relative, sha256, options=OPTIONS, root="/archive"):
    """Leave a result as the writer does."""
    folder, _ = places.choose(recording(relative, root), sha256)
    folder.mkdir()
    (folder / "report.html").write_text("x")
    source = {"path": f"{root}/{relative}", "sha256": sha256}
    content = {"source": source, "options": asdict(options), "files": {"report.html": {}}}
    (folder / "manifest.json").write_text(json.dumps(content))
    return places.relative(folder)


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path, None, video=True)


def test_folders_are_mirrored(places):
    names = ("cam1/2026-01-01/clip.mp4", "cam2/2026-01-01/clip.mp4", "clip.mp4")
    assert chosen(places, *names) == ["cam1/2026-01-01/clip", "cam2/2026-01-01/clip", "clip"]


@pytest.mark.parametrize("order", [1, -1])
def test_endings_tell_recordings_apart_in_any_order(places, order):
    names = ("cam1/clip.mov", "cam1/clip.mp4")[::order]
    assert chosen(places, *names) == list(names)


def test_result_does_not_take_the_folder_of_others(places):
    names = ("cam1/day/a.mp4", "cam1/day.mp4", "index.html.mp4")
    assert chosen(places, *names) == ["cam1/day/a", "cam1/day.mp4", "index.html.mp4"]


def test_result_is_found_by_content_and_options(places):
    one = recording("cam1/clip.mp4")
    place = finish(places, "cam1/clip.mp4", "ab" * 32)
    assert places.find_done(one, "ab" * 32, OPTIONS)[0] == place
    assert places.find_done(one, "cd" * 32, OPTIONS) is None
    assert places.find_done(one, "ab" * 32, replace(OPTIONS, every=2)) is None
    moved = recording("cam1/clip.mp4", root="/mnt/elsewhere")
    assert places.find_done(moved, "ab" * 32, OPTIONS)[0] == place
    assert places.find_done(recording("cam2/clip.mp4"), "ab" * 32, OPTIONS) is None
    (places.out / place / "report.html").unlink()
    assert places.find_done(one, "ab" * 32, OPTIONS) is None


def test_result_stays_found_when_a_recording_of_its_name_comes(places):
    place = finish(places, "cam1/clip.mp4", "ab" * 32)
    places.reserve([recording("cam1/clip.mp4"), recording("cam1/clip.mov")])
    assert places.find_done(recording("cam1/clip.mp4"), "ab" * 32, OPTIONS)[0] == place
    folder, in_the_way = places.choose(recording("cam1/clip.mov"), "ef" * 32)
    assert (folder.name, in_the_way) == ("clip.mov", "")


def test_what_is_in_the_way_of_a_remote_result_is_told(tmp_path):
    finish(Places(tmp_path, None, video=True), "cam1/clip.mp4", "ab" * 32)
    places = Places(tmp_path / "spool", RemoteFolder(tmp_path.as_uri()), video=True)
    folder, in_the_way = places.choose(recording("cam1/clip.mp4"), "cd" * 32)
    assert folder.name == "clip.mp4"
    assert in_the_way == "cam1/clip holds the result of another content"


@pytest.mark.parametrize("text", ["", "[]", '{"source": 3}', '{"source": {"path": 1}}'])
def test_damaged_manifest_is_no_result(places, text):
    place = finish(places, "clip.mp4", "ab" * 32)
    (places.out / place / "manifest.json").write_text(text)
    assert places.find_done(recording("clip.mp4"), "ab" * 32, OPTIONS) is None


def test_ledger_forgets_what_has_changed(tmp_path):
    file = tmp_path / "ledger.jsonl"
    row = Row(recording="clip.mp4", state="done", reps=3, faults=("bar drifts",))
    name = "caf\udce9.mp4"  # not UTF-8
    before = Ledger(file)
    before.keep_fingerprint(Path(name), ((1, 2),), "ab")
    before.keep_rows(name, b"manifest", [row])
    after = Ledger(file)
    assert after.fingerprint(Path(name), ((1, 2),)) == "ab"
    assert after.fingerprint(Path(name), ((1, 3),)) == ""
    assert after.rows(name, b"manifest") == [row]
    assert after.rows(name, b"another") == []
    assert after.all_rows() == [row]


def test_ledger_outlives_a_power_cut_and_many_runs(tmp_path):
    file = tmp_path / "ledger.jsonl"
    for number in range(10):
        Ledger(file).keep_fingerprint(Path("clip.mp4"), number, "ab")
    file.write_text(file.read_text() + '{"key": "file b.mp4", "ver')
    after = Ledger(file)
    assert after.fingerprint(Path("clip.mp4"), 9) == "ab"
    assert len(file.read_text().splitlines()) <= 3
    after.keep_fingerprint(Path("b.mp4"), 1, "cd")
    assert Ledger(file).fingerprint(Path("b.mp4"), 1) == "cd"
