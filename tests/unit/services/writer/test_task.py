"""Encoding and publishing; tables, overlay and report have their own files in `writer/`."""

import resource
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from builders import grey_of

from services.writer.publish import is_published, publish, staging
from shared.errors import OutputError
from shared.media.encode import VideoEncoder
from shared.media.source import open_source

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
from shared.media.encode import VideoEncoder
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
