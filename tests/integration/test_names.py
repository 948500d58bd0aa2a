"""Names of clips and result folders, through the commands as a person uses them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builders import run_coach, write_clip

pytestmark = pytest.mark.slow

#: Names of clips, and of their result folders: as they are, where a folder can have them.
NAMES = {
    os.fsdecode(b"d\xe9adlift.mp4"): "d_adlift",  # Latin-1
    "挙" * 78 + ".mp4": "挙" * 78,
    "x" * 251 + ".mp4": "x" * 251,
    "link.mp4": "link",  # a symbolic link to a clip of another name
    "two\nlines.mp4": "two_lines",
    "..mp4": "clip",
    "-- [b] <i>.mp4": "-- [b] <i>",
}


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("tiny") / "tiny.mp4", frames=3)


@pytest.fixture(scope="module")
def analysed(models, tiny, tmp_path_factory):
    """One command with clips of all names and some that cannot be read; its JSON, as bytes."""
    folder = tmp_path_factory.mktemp("names")
    for place in ("in", "a", "b"):
        (folder / place).mkdir()
    for name in NAMES:
        if name == "link.mp4":
            (folder / "in" / name).symlink_to(tiny)
        else:
            shutil.copy(tiny, folder / "in" / name)
    for place in ("a", "b"):
        shutil.copy(tiny, folder / place / "IMG_0001.MOV")
    clips = [*sorted((folder / "in").iterdir()), *[folder / "a" / "IMG_0001.MOV"] * 2]
    bad = [folder / "none.mp4", folder / ("y" * 256 + ".mp4")]
    command = ["analyze", *bad, *clips, "--out", folder / "out", "--no-video", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "coach", *command], capture_output=True, timeout=150, check=False
    )
    return folder, done


def test_clips_of_any_name_are_analysed_beside_those_that_cannot_be(analysed):
    folder, done = analysed
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert "none.mp4" in said
    assert "y" * 256 in said
    assert "Traceback" not in said
    outcomes = json.loads(done.stdout.decode())
    found = {Path(outcome["out"]).name: outcome["source"] for outcome in outcomes}
    assert set(found) == {*NAMES.values(), "IMG_0001"}
    assert all(outcome["state"] == "done" for outcome in outcomes)
    assert found["link"] == str(folder / "in" / "link.mp4")
    assert found["d_adlift"] == str(folder / "in" / r"d\xe9adlift.mp4")
    assert sorted(path.name for path in (folder / "out").iterdir()) == sorted(found)
    for path in (folder / "out").rglob("*.*"):
        path.read_bytes().decode()


def test_one_name_from_two_folders_in_two_commands_gives_two_results(analysed):
    folder, _ = analysed
    first = folder / "out" / "IMG_0001"
    before = snapshot(first)
    options = ("--out", str(folder / "out"), "--no-video", "--json")
    done = run_coach("analyze", str(folder / "b" / "IMG_0001.MOV"), *options)
    assert done.returncode == 0, done.stderr
    [outcome] = json.loads(done.stdout)
    assert Path(outcome["out"]) == folder / "out" / "IMG_0001.MOV"
    assert f"{first} holds the result of {folder / 'a' / 'IMG_0001.MOV'}" in done.stderr
    assert snapshot(first) == before


def test_results_that_wait_for_workers_have_folders_of_their_own(valkey_url, tiny, tmp_path):
    clips = [tmp_path / place / "IMG_0001.MOV" for place in ("a", "b", "a")]
    given = ("--redis", valkey_url, "--out", str(tmp_path / "out"), "--json")
    submitted = []
    for clip in clips:
        clip.parent.mkdir(exist_ok=True)
        shutil.copy(tiny, clip)
        done = run_coach("submit", str(clip), *given)
        assert done.returncode == 0, done.stderr
        submitted += json.loads(done.stdout)
    assert [Path(job["out"]).name for job in submitted] == ["IMG_0001", "IMG_0001.MOV", "IMG_0001"]
    assert submitted[0] == submitted[2]


def test_names_are_printed_where_stdout_knows_ascii_only(valkey_url, tiny, tmp_path):
    clip = tmp_path / "挙上 [/b].mp4".replace("/", "")
    shutil.copy(tiny, clip)
    given = ("--redis", valkey_url)
    for command in (("submit", str(clip), "--out", str(tmp_path / "挙")), ("status",)):
        done = run_coach(*command, *given, PYTHONIOENCODING="ascii")
        assert done.returncode == 0, done.stderr
        assert r"\u6319" in done.stdout or command == ("status",)
