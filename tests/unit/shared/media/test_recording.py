"""Looking into a recording, and cutting parts out of it."""

import av
import numpy as np
import pytest

from shared.media.clock import began
from shared.media.cut import cut, suffix_of
from shared.media.limits import DEFAULT_LIMITS
from shared.media.recording import Recording
from shared.media.source import open_source

#: Frames of the recording, their rate, and frames from key frame to key frame.
FRAMES, FPS, GOP = 200, 20, 40

#: Time by which the first picture may be late by the container's clock, in seconds (AVI's are).
_LATE_S = 0.21


@pytest.fixture(scope="module", params=["mp4", "mkv", "ts", "mov", "avi"])
def path(request, tmp_path_factory):
    """A film whose pictures differ, with reordered frames where the container can say so."""
    path = tmp_path_factory.mktemp("recording") / f"day.{request.param}"
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (FRAMES, 6, 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    reordered = "0" if request.param == "avi" else "2"
    options = {"g": str(GOP), "bf": reordered, "sc_threshold": "0", "preset": "veryfast"}
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options=options)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=8000, layout="mono")
        for index, picture in enumerate(pictures):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
            samples = np.full((1, 400), (index % 20) / 40, np.float32)
            sound = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            sound.sample_rate, sound.pts = 8000, 400 * index
            container.mux(audio.encode(sound))
        container.mux(video.encode())
        container.mux(audio.encode())
    return path


def pictures(path):
    with open_source(path) as source:
        return [frame.image.copy() for frame in source.frames()]


def test_key_frames_and_no_others_are_seen(path):
    with Recording(path, DEFAULT_LIMITS) as recording:
        times_s = [frame.time_s for frame in recording.key_frames(0.0, 60.0, 0.0)]
        some = [frame.time_s for frame in recording.key_frames(2.0, 4.0, 0.0)]
        few = [frame.time_s for frame in recording.key_frames(0.0, 60.0, 3.0)]
    assert times_s == pytest.approx([0, 2, 4, 6, 8], abs=_LATE_S)
    assert some == pytest.approx([2, 4], abs=_LATE_S)
    assert few == pytest.approx([0, 4, 8], abs=_LATE_S)


def test_frames_are_a_step_apart_within_their_part(path):
    with Recording(path, DEFAULT_LIMITS) as recording:
        seen = list(recording.frames(3.0, 7.0, 1.0))
    times_s = [frame.time_s for frame, _ in seen]
    assert times_s == pytest.approx([3, 4, 5, 6], abs=0.25)
    assert {size for _, size in seen} == {(64, 48)}


@pytest.mark.parametrize("from_s", [0.0, 2.0, 4.5])
def test_a_part_has_the_recordings_own_pictures(path, from_s, tmp_path):
    with Recording(path, DEFAULT_LIMITS) as recording:
        clip = tmp_path / f"clip{suffix_of(recording)}"
        start_s = cut(recording, DEFAULT_LIMITS, clip, from_s, from_s + 3)
        assert start_s == pytest.approx(from_s, abs=_LATE_S)
        cut(recording, DEFAULT_LIMITS, tmp_path / f"again{clip.suffix}", from_s, from_s + 3)
    assert (tmp_path / f"again{clip.suffix}").read_bytes() == clip.read_bytes()
    known = {picture.tobytes(): index for index, picture in enumerate(pictures(path))}
    indices = [known[picture.tobytes()] for picture in pictures(clip)]
    first = indices[0]
    assert first == pytest.approx(from_s * FPS, abs=_LATE_S * FPS)
    # What is decoded by the end may be shown a little after it.
    assert indices[: 3 * FPS - 4] == list(range(first, first + 3 * FPS - 4))
    assert len(indices) <= 3 * FPS + 4
    with open_source(clip) as source:
        assert source.info.sound is not None


def test_time_of_day_comes_from_the_best_that_is_there(tmp_path):
    named = tmp_path / "cam2_20261127_181500.mp4"
    when, clock = began(named, "2020-01-01T00:00:00.000000Z", 60)
    assert (when.isoformat(), clock) == ("2026-11-27T18:15:00", "file name")
    plain = tmp_path / "day.mp4"
    when, clock = began(plain, "2020-01-01T10:00:00.000000Z", 60)
    assert (when.isoformat(), clock) == ("2020-01-01T10:00:00+00:00", "creation time")
    assert began(plain, "1904-01-01T00:00:00.000000Z", 60) == (None, "unknown")
    plain.touch()
    when, clock = began(plain, "", 60)
    assert clock == "last change"
    assert plain.stat().st_mtime - when.timestamp() == pytest.approx(60)
    assert began(tmp_path / "20269999_999999.mp4", "", 60) == (None, "unknown")
