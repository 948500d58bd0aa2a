"""Films that show no deadlift, through the whole pipeline: pose stage, scorer, video and report."""

import json
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from builders import run_coach

import coach
from shared.media.encode import VideoEncoder
from shared.media.source import open_source
from synthetic import Lift, render
from synthetic.camera import camera_of
from synthetic.scene import draw_gym

pytestmark = pytest.mark.slow

#: A set whose film takes little time; joints that jump are only noticed above 12 frames a second.
SHORT = Lift(reps=1, fps=15, width_px=480, height_px=360, view="side")

#: Films by name → exercise, and how each picture is turned.
FILMS = {
    "upright": ("deadlift", lambda image: image),
    "flipped": ("deadlift", lambda image: image[::-1]),
    "half_turn": ("deadlift", lambda image: image[::-1, ::-1]),
    "quarter_turn": ("deadlift", np.rot90),
    "walking": ("walking", lambda image: image),
    "bench_press": ("bench_press", lambda image: image),
    "squat": ("squat", lambda image: image),
}


#: Films that `make test` leaves out: one more turn of the picture, and one more exercise.
LEFT_OUT = ("half_turn", "bench_press")


def write_film(path, images, turn):
    turned = [np.ascontiguousarray(turn(image)) for image in images]
    height, width = turned[0].shape[:2]
    with VideoEncoder(path, (width, height), Fraction(1, 15)) as encoder:
        for pts, image in enumerate(turned):
            encoder.write(image, pts)


@pytest.fixture(scope="module")
def done(models, tmp_path_factory, request):
    """What one command prints about all films, and the folder of their results."""
    folder = tmp_path_factory.mktemp("films")
    is_thorough = request.config.getoption("--thorough")
    films = {name: FILMS[name] for name in FILMS if is_thorough or name not in LEFT_OUT}
    rendered = {
        exercise: [frame.image for frame in render(replace(SHORT, exercise=exercise))]
        for exercise in {exercise for exercise, _ in films.values()}
    }
    for name, (exercise, turn) in films.items():
        write_film(folder / f"{name}.mp4", rendered[exercise], turn)
    paths = [str(folder / f"{name}.mp4") for name in films]
    out = folder / "out"
    return run_coach("analyze", *paths, "--out", str(out), timeout_s=300), out


def document_of(done, name):
    return json.loads((done[1] / name / "analysis.json").read_text())


def test_the_same_film_upright_keeps_its_score(done):
    document = document_of(done, "upright")
    assert 0 < document["summary"]["score"] < 1
    assert document["summary"]["reps"] == 1


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.thorough if name in LEFT_OUT else ())
        for name in sorted(FILMS.keys() - {"upright"})
    ],
)
def test_a_film_without_a_deadlift_gets_a_sentence_instead_of_a_score(done, name):
    printed, out = done
    assert printed.returncode == 0, printed.stderr
    document = document_of(done, name)
    [sentence] = document["summary"]["warnings"]
    assert "nothing was scored" in sentence
    assert document["summary"]["score"] is None
    assert not any(frame["score"] for frame in document["frames"])
    assert document["reps"] == document["faults"] == document["others"] == []
    assert f"{name}.mp4: {sentence[:1].upper()}{sentence[1:]} → " in printed.stderr
    page = (out / name / "report.html").read_text()
    assert sentence[1:] in page
    assert '<svg class="range"' not in page
    with open_source(out / name / "annotated.mp4") as drawn:
        image = next(drawn.frames()).image
    text = image[:40].min(-1)
    assert (text < 90).mean() > 0.5  # the shade behind the sentence, from edge to edge
    assert (text > 200).mean() > 0.02


def test_noise_and_an_empty_room_show_nobody(models, tmp_path):
    chance = np.random.default_rng(0)
    room = draw_gym(480, 360, camera_of(SHORT))
    pictures = {"noise": chance.integers(0, 255, (360, 480, 3)).astype(np.uint8), "room": room}
    for name, image in pictures.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
        analysis = coach.analyze(tmp_path / f"{name}.png")
        assert np.isnan(analysis.score)
        assert analysis.refusal.startswith("nobody was found"), name
