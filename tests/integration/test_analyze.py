"""`coach analyze` as a person uses it: one command, nothing else running."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from builders import frames_of, grey_of, run_coach, wait_for, write_clip

from shared.media.source import open_source

pytestmark = pytest.mark.slow


def start(film, out, *options):
    command = [sys.executable, "-m", "coach", "analyze", str(film), "--out", str(out), *options]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def workers_of(process, service):
    found = []
    with suppress(psutil.NoSuchProcess):  # one may end while we look
        for child in psutil.Process(process.pid).children(recursive=True):
            if child.name() == f"coach-{service}":
                found.append(child)
    return found


@pytest.fixture(scope="module")
def expected(analysed_film):
    """The frames as one undisturbed pose worker finds them."""
    return frames_of(analysed_film)


def test_three_pose_workers_find_what_one_finds(film, expected, tmp_path):
    options = ("--pose-workers", "3", "--no-video", "--json")
    done = run_coach("analyze", str(film), "--out", str(tmp_path), *options)
    assert done.returncode == 0, done.stderr
    assert frames_of(tmp_path / "set") == expected
    [outcome] = json.loads(done.stdout)
    assert outcome["state"] == "done"
    assert Path(outcome["out"]) == tmp_path / "set"


def test_killed_pose_workers_change_no_result(film, expected, tmp_path):
    process = start(film, tmp_path, "--pose-workers", "2", "--no-video")
    killed = set()

    def kill_two():
        for worker in workers_of(process, "pose"):
            with suppress(psutil.NoSuchProcess):
                if worker.pid not in killed and worker.cpu_times().user > 1.2 and len(killed) < 2:
                    worker.send_signal(signal.SIGKILL)
                    killed.add(worker.pid)
        return len(killed) == 2 or process.poll() is not None

    wait_for(kill_two, 60)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert len(killed) == 2
    assert frames_of(tmp_path / "set") == expected


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(film, tmp_path, models, ending):
    process = start(film, tmp_path / "out")
    wait_for((tmp_path / "out" / ".coach" / "set" / "claim.json").exists, 60)
    assert workers_of(process, "pose")  # they are started before the clip is checked
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(ending)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == (130 if ending != signal.SIGKILL else -signal.SIGKILL), errors
    assert ("interrupted" in errors) == (ending != signal.SIGKILL)
    wait_for(lambda: not psutil.wait_procs(family, timeout=0)[1], 30, f"{family} to end")
    assert not (tmp_path / "out" / "set").exists()
    left = [path.name for path in (tmp_path / "out").rglob("*")]
    assert left == ([] if ending != signal.SIGKILL else [".coach", "set", "claim.json"])


def test_annotated_video_has_every_frame_of_the_source(models, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", frames=50, size_px=(321, 241), pixel_format="yuv444p")
    done = run_coach("analyze", str(clip), "--out", str(tmp_path / "out"), "--every", "4")
    assert done.returncode == 0, done.stderr
    assert "Nobody was found" in done.stderr
    out = tmp_path / "out" / "clip"
    with open_source(out / "annotated.mp4") as drawn:
        frames = [(f.time_s, f.image.copy()) for f in drawn.frames()]
    assert [t for t, _ in frames] == pytest.approx([i / 20 for i in range(50)])
    for index, (_, image) in enumerate(frames):
        clear = image[80:200, 150:320].astype(int)  # neither panel nor curve is drawn there
        assert abs(clear.mean() - grey_of(index)) < 3, index
    document = json.loads((out / "analysis.json").read_text())
    assert [f["index"] for f in document["frames"]] == list(range(0, 50, 4))
    assert document["source"]["frames"] == 50
    assert document["summary"]["score"] is None


@pytest.fixture(scope="module")
def annotated(models, tmp_path_factory):
    """Annotated videos of sources of other kinds, by kind; all from one command."""
    folder = tmp_path_factory.mktemp("kinds")
    pictures = folder / "pictures"
    pictures.mkdir()
    for i in range(5):
        cv2.imwrite(str(pictures / f"{i}.png"), np.full((48, 64, 3), grey_of(i), np.uint8))
    sources = {
        "gif": write_clip(folder / "moving.gif", frames=5, codec="gif", pixel_format="rgb8"),
        "folder": pictures,
        "one frame": write_clip(folder / "one.mp4", frames=1),
        "1 fps": write_clip(folder / "slow.mp4", frames=5, time_base=Fraction(1)),
        "240 fps": write_clip(folder / "fast.mp4", frames=5, time_base=Fraction(1, 240)),
    }
    done = run_coach("analyze", *map(str, sources.values()), "--out", str(folder / "out"))
    assert done.returncode == 0, done.stderr
    return {kind: folder / "out" / at.stem / "annotated.mp4" for kind, at in sources.items()}


@pytest.mark.parametrize("kind", ["gif", "folder", "one frame", "1 fps", "240 fps"])
def test_other_kinds_of_sources_are_analysed(annotated, kind):
    with open_source(annotated[kind]) as drawn:
        assert len(list(drawn.frames())) == (1 if kind == "one frame" else 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.mp4"], "none.mp4 does not exist"),
        (["text.mp4"], "text.mp4 cannot be read"),
        (["clip.mp4", "--every", "0"], "--every"),
        (["clip.mp4", "--backend", "nonsense"], "blazepose-full"),
        (["clip.mp4", "--out", "text.mp4/x"], "--out"),
        (["clip.mp4", "--redis", "redis://127.0.0.1:1"], "cannot be reached"),
        (["clip.mp4", "--engine", "cuda"], "weightlifting-coach[nvidia]"),
        (["clip.mp4", "--engine", "onnxruntime"], "reads ONNX networks only"),
        (["clip.mp4", "--precision", "int8"], "coach models quantize"),
        (["clip.mp4", "--precision", "f16"], "weightlifting-coach[nvidia]"),
        (["clip.mp4", "--precision", "bf16", "--redis", "redis://127.0.0.1:1"], "coach worker"),
    ],
)
def test_wrong_input_ends_with_one_clear_line(clip, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.mp4").write_text("no video")
    before = sorted(tmp_path.rglob("*"))
    out = [] if "--out" in arguments else ["--out", "."]
    done = run_coach("analyze", *arguments, *out, "--json")
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_weights_are_refused(clip, models, tmp_path):
    folder = tmp_path / "models" / "movenet"
    folder.mkdir(parents=True)
    for name, path in models.items():
        if path.parent.name == folder.name:
            (folder / name).write_bytes(b"no network")
    done = run_coach(
        "analyze", str(clip), "--out", str(tmp_path), COACH_MODELS_DIR=str(folder.parent)
    )
    assert done.returncode == 2
    assert "coach models pull" in done.stderr
    assert os.listdir(tmp_path / "models") == ["movenet"]
