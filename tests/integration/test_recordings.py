"""A recording with two sets through the whole pipeline, as a person has it analysed."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from builders import run_coach

from coach.files import load, load_sets
from shared.media.encode import VideoEncoder
from synthetic import Lift, render
from synthetic.camera import camera_of
from synthetic.scene import draw_gym

pytestmark = pytest.mark.slow

LIFT = Lift(reps=2, fps=10, width_px=640, height_px=480)

#: Seconds without anybody before each of two sets, and after them.
EMPTY_S = (12, 35, 12)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The recording, and where its sets begin, in seconds."""
    path = tmp_path_factory.mktemp("day") / "cam1_20261127_181500.mp4"
    gym = draw_gym(LIFT.width_px, LIFT.height_px, camera_of(LIFT))
    images = [frame.image for frame in render(LIFT)]
    starts_s, index = [], 0
    with VideoEncoder(path, (LIFT.width_px, LIFT.height_px), Fraction(1, LIFT.fps)) as encoder:
        for number, empty_s in enumerate(EMPTY_S):
            for image in [gym] * (empty_s * LIFT.fps) + (images if number < 2 else []):
                encoder.write(image, index)
                index += 1
            starts_s.append((index - len(images)) / LIFT.fps)
    return path, starts_s[:2]


@pytest.fixture(scope="module")
def analysed(models, day, tmp_path_factory):
    """The command's outcome, and the recording's folder."""
    path, _ = day
    out = tmp_path_factory.mktemp("out")
    options = ("--sets", "on", "--no-video", "--every", "2", "--json")
    done = run_coach("analyze", str(path), "--out", str(out), *options)
    assert done.returncode == 0, done.stderr
    [outcome] = json.loads(done.stdout)
    return outcome, out / path.stem


def test_each_set_has_a_result_with_all_its_repetitions(day, analysed):
    path, starts_s = day
    outcome, folder = analysed
    found = load_sets(folder)
    assert outcome["state"] == "done"
    assert outcome["said"] == "2 sets, 4 reps"
    for one, start_s in zip(found.sets, starts_s, strict=True):
        assert one.from_s <= start_s + 1
        assert one.to_s >= start_s + LIFT.duration_s - 2
        analysis = load(folder / one.folder)
        assert len(analysis.reps) == one.reps == LIFT.reps
        assert Path(analysis.source.path) == folder / one.folder / "clip.mp4"
    assert [one.lifter for one in found.sets] == ["A", "A"]
    assert found.clock == "file name"
    seconds = int(found.sets[0].from_s)
    assert found.sets[0].starts_at == f"2026-11-27T18:15:{seconds:02}"


def test_folder_is_complete_and_nothing_else_is_left(analysed):
    _, folder = analysed
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["files"]) == {"report.html", "sets.json"}
    sets = {one.folder for one in load_sets(folder).sets}
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "report.html", "sets.json", *sets}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    for name in sets:
        assert f'href="{name}/report.html"' in (folder / "report.html").read_text()
        assert (folder / name / "report.html").is_file()
