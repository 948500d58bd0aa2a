import csv
import io
import json
import resource
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from builders import grey_of

from coach.rendering.lift import joints_m
from services.writer import report
from services.writer.encode import VideoEncoder
from services.writer.interpolation import Interpolation
from services.writer.overlay import Overlay
from services.writer.publish import is_published, publish, staging
from services.writer.tables import (
    PoseRecord,
    SourceRecord,
    analysis_document,
    analysis_json,
    frames_csv,
)
from shared.errors import OutputError
from shared.messages import Analysis, LifterFrame, empty_skeleton
from shared.source import open_source


def lifter(index, time_s, share=0.5, score=0.7):
    joints = joints_m(share)
    xy = np.stack([160 + 80 * joints[:, 0], 220 - 80 * joints[:, 1]], -1).astype(np.float32)
    box = np.concatenate([xy.min(0), xy.max(0)])
    return LifterFrame(index, time_s, xy, np.ones(15, np.float32), box, score, 12.0)


def unseen(index, time_s):
    nothing = np.full(4, np.nan, np.float32)
    return LifterFrame(index, time_s, *empty_skeleton(), nothing, float("nan"), 3.0)


ANALYSIS = Analysis(
    "job",
    (lifter(0, 0.0, 0.0, 0.2), unseen(2, 0.2), lifter(4, 0.4, 1.0, 0.9), lifter(6, 0.6, 0.9, 0.5)),
    score=0.53,
    view="side",
    warnings=("a <warning>",),
)
SOURCE = SourceRecord("/v/<b>&lift.mp4", "ab" * 32, 320, 240, 0.7, 7, 10.0)


# Interpolation


def test_between_two_frames_joints_move_in_a_straight_line():
    frame, guessed = Interpolation(ANALYSIS.frames).at(5, 0.5)
    assert guessed
    middle = (ANALYSIS.frames[2].xy_px + ANALYSIS.frames[3].xy_px) / 2
    np.testing.assert_allclose(frame.xy_px, middle, rtol=1e-5)


@pytest.mark.parametrize(
    ("index", "time_s", "seen", "guessed"),
    [
        (4, 0.4, True, False),  # was looked at
        (1, 0.1, False, True),  # a neighbour sees nobody
        (9, 0.9, False, True),  # beyond the end nothing is made up
    ],
)
def test_where_nothing_is_known_nothing_is_made_up(index, time_s, seen, guessed):
    frame, was_guessed = Interpolation(ANALYSIS.frames).at(index, time_s)
    assert np.isfinite(frame.xy_px).any() == seen
    assert was_guessed == guessed


def test_a_long_gap_is_not_bridged():
    frames = (lifter(0, 0.0), lifter(10, 1.0))
    assert np.isnan(Interpolation(frames).at(5, 0.5)[0].xy_px).all()
    assert Interpolation(frames[1:]).at(0, 0.0)[0] is None


# Overlay


@pytest.mark.parametrize("size", [(320, 240), (240, 426), (3840, 2160), (33, 21)])
def test_drawing_touches_only_what_it_draws_on(size):
    overlay = Overlay(ANALYSIS, *size, duration_s=0.7)
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    overlay.draw(image, 0.4, ANALYSIS.frames[2], guessed=False)
    assert (image != 128).any()
    if size == (320, 240):
        right = image[40:200, 260:]  # no lifter, panel or curve there
        assert (right == 128).all()


def test_an_interpolated_skeleton_is_lighter():
    overlay = Overlay(ANALYSIS, 320, 240, duration_s=0.7)
    plain, sure, guessed = (np.full((240, 320, 3), 128, np.uint8) for _ in range(3))
    nobody = unseen(0, 0.4)
    for image, frame, guess in (
        (plain, nobody, False),
        (sure, ANALYSIS.frames[2], False),
        (guessed, ANALYSIS.frames[2], True),
    ):
        overlay.draw(image, 0.4, frame, guess)
    body = (slice(80, 200), slice(120, 200))
    change = [np.abs(im[body].astype(int) - plain[body]).sum() for im in (sure, guessed)]
    assert 0 < change[1] < 0.7 * change[0]


# Tables


def test_the_document_is_strict_json_with_null_for_the_unknown():
    document = analysis_document(ANALYSIS, SOURCE, PoseRecord("blazepose-full", 2))
    back = json.loads(analysis_json(document))
    assert back == document
    assert [f["index"] for f in back["frames"]] == [0, 2, 4, 6]
    assert back["frames"][1]["score"] is None
    assert back["frames"][1]["keypoints"] == [None] * 15
    assert len(back["frames"][0]["keypoints"][0]) == 3
    assert set(back) == {"schema", "source", "pose", "frames", "reps", "faults", "summary"}
    assert back["summary"]["score"] == 0.53
    nothing = Analysis("job", (), float("nan"), "unknown")
    empty = analysis_document(nothing, SOURCE, PoseRecord("b", 1))
    assert json.loads(analysis_json(empty))["frames"] == []


def test_the_table_has_a_row_a_frame():
    rows = list(csv.DictReader(io.StringIO(frames_csv(ANALYSIS))))
    assert len(rows) == 4
    assert float(rows[2]["LWrist_x_px"]) == pytest.approx(ANALYSIS.frames[2].xy_px[7, 0], abs=0.01)
    assert rows[1]["Head_x_px"] == ""


# Report


def test_the_report_stands_alone_and_escapes_what_comes_from_outside():
    document = analysis_document(ANALYSIS, SOURCE, PoseRecord("blazepose-full", 1))
    shown = report.extremes(ANALYSIS)
    assert {index: title for index, (title, _) in shown.items()} == {
        0: "Worst moment", 4: "Best moment",
    }  # fmt: skip
    image = np.full((240, 320, 3), 90, np.uint8)
    pictures = [report.picture(title, frame, image) for title, frame in shown.values()]
    page = report.render(document, ANALYSIS, SOURCE, pictures)
    assert "&lt;b&gt;&amp;lift.mp4" in page
    assert "a &lt;warning&gt;" in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<polyline") == 2  # the curve is broken where nobody was seen


# Encoding


def encode(path, images, pts, time_base=Fraction(1, 1000), **options):
    size = images[0].shape[1::-1]
    with VideoEncoder(path, size, time_base, **options) as encoder:
        for image, at in zip(images, pts, strict=True):
            encoder.write(image, at)
    with open_source(path) as source:
        return source, [(f.pts * source.info.time_base, f.image.copy()) for f in source.frames()]


def greys(count, size=(64, 48)):
    return [np.full((size[1], size[0], 3), grey_of(i), np.uint8) for i in range(count)]


@pytest.mark.parametrize(
    ("pts", "time_base"),
    [
        (list(range(0, 400, 40)), Fraction(1, 1000)),  # constant
        ([0, 33, 67, 100, 400, 433, 1000, 1001, 1002, 5000], Fraction(1, 1000)),  # variable
        ([1001 * i for i in range(10)], Fraction(1, 30000)),  # NTSC
        ([50 + i for i in range(10)], Fraction(1, 240)),  # 240 fps, a late start
        (list(range(10)), Fraction(1, 1)),  # 1 fps
    ],
)
def test_every_frame_keeps_its_place_and_time(tmp_path, pts, time_base):
    _, back = encode(tmp_path / "o.mp4", greys(10), pts, time_base)
    shift = back[0][0] - pts[0] * time_base
    assert [t - shift for t, _ in back] == [p * time_base for p in pts]
    assert all(abs(image.mean() - grey_of(i)) < 3 for i, (_, image) in enumerate(back))


def test_odd_sizes_are_padded_and_colours_survive(tmp_path):
    colours = np.zeros((31, 33, 3), np.uint8)
    colours[:, :16], colours[:, 16:] = (200, 60, 40), (30, 160, 220)
    source, back = encode(tmp_path / "o.mp4", [colours] * 3, [0, 40, 80])
    assert (source.info.width_px, source.info.height_px) == (34, 32)
    image = back[1][1].astype(int)
    assert np.abs(image[4:28, 3:13] - (200, 60, 40)).mean() < 4
    assert np.abs(image[4:28, 20:30] - (30, 160, 220)).mean() < 4


def with_sound(path, codec, rate=48_000, late_s=Fraction(0)):
    """A clip of 25 frames with a second of tone, its picture beginning late."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream(codec, rate=rate)
        samples = np.sin(np.arange(rate) / 20).astype(np.float32) * 0.5
        for start in range(0, rate, 1024):
            block = samples[start : start + 1024][None]
            frame = av.AudioFrame.from_ndarray(block, "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            for resampled in av.AudioResampler(audio.format.name, "mono", rate).resample(frame):
                container.mux(audio.encode(resampled))
        container.mux(audio.encode())
        for index, image in enumerate(greys(25)):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = index + round(late_s * 25), Fraction(1, 25)
            container.mux(video.encode(picture))
        container.mux(video.encode())
    return path


@pytest.mark.parametrize(
    ("name", "codec", "kept"),
    [
        ("a.mp4", "aac", "aac"),  # copied
        ("a.mkv", "flac", "flac"),  # copied
        ("a.avi", "pcm_s16le", "aac"),  # MP4 players cannot play it
    ],
)
def test_the_sound_comes_along(tmp_path, name, codec, kept):
    clip = with_sound(tmp_path / name, codec)
    encode(tmp_path / "o.mp4", greys(25), range(0, 1000, 40), audio_from=clip)
    with av.open(str(tmp_path / "o.mp4")) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == kept
        seconds = sum(f.samples for f in container.decode(audio=0)) / stream.rate
    assert seconds == pytest.approx(1.0, abs=0.06)


def test_picture_and_sound_stay_in_step(tmp_path):
    clip = with_sound(tmp_path / "late.mkv", "flac", late_s=Fraction(2, 5))
    with open_source(clip) as source:
        info = source.info
        with VideoEncoder(tmp_path / "o.mp4", (64, 48), info.time_base, audio_from=clip) as encoder:
            for frame in source.frames():
                encoder.write(frame.image, frame.pts)
    with av.open(str(tmp_path / "o.mp4")) as container:
        first = next(container.decode(video=0)).time
    with av.open(str(tmp_path / "o.mp4")) as container:
        sound = next(container.decode(audio=0)).time
    assert first - sound == pytest.approx(0.4, abs=0.03)


def test_a_full_disk_is_told(tmp_path):
    script = """
import resource, signal, sys, numpy as np
from fractions import Fraction
from pathlib import Path
from services.writer.encode import VideoEncoder
from shared.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
try:
    with VideoEncoder(Path(sys.argv[1]), (320, 240), Fraction(1, 25)) as encoder:
        for pts in range(60):
            encoder.write(np.roll(noise, pts * 7, 1), pts)
except OutputError as error:
    print(error)
    sys.exit(error.exit_status)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "o.mp4")], capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert "o.mp4" in done.stdout
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 50_000


# Publishing


def stage(folder, text="x"):
    for name in ("analysis.json", "report.html"):
        (folder / name).write_text(text)


def test_a_result_appears_whole_with_its_manifest_last(tmp_path):
    out = tmp_path / "clip"
    with staging(out, "job") as folder:
        stage(folder)
        assert not out.exists()
        publish(folder, out, {"job": "job", "created_s": 1.0})
    assert is_published(out, "job", 1.0)
    assert not is_published(out, "job", 2.0)  # an earlier run of the same job
    assert not is_published(out, "other", 1.0)
    assert [p.name for p in tmp_path.iterdir()] == ["clip"]
    (out / "report.html").unlink()
    assert not is_published(out, "job", 1.0)


def test_a_failure_leaves_the_old_result_and_no_leftovers(tmp_path):
    out = tmp_path / "clip"
    with staging(out, "job") as folder:
        stage(folder, "old")
        publish(folder, out, {"job": "job", "created_s": 1.0})

    def dies():
        with staging(out, "job") as folder:
            stage(folder, "new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies()
    assert (out / "report.html").read_text() == "old"
    assert is_published(out, "job", 1.0)
    assert [p.name for p in tmp_path.iterdir()] == ["clip"]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"), staging(tmp_path / "file" / "clip", "job"):
        pass
