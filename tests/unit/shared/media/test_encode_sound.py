import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from shared.media.encode import VideoEncoder
from shared.media.source import open_source

SIZE = (64, 48)


def with_sound(path, codec, rate=48_000):
    """A clip of 25 frames with a second of tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(audio.format.name, "mono", rate)
        samples = np.sin(np.arange(rate) / 20).astype(np.float32) * 0.5
        for start in range(0, rate, 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            for resampled in resampler.resample(frame):
                container.mux(audio.encode(resampled))
        container.mux(audio.encode())
        for index in range(25):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "bgr24")
            picture.pts, picture.time_base = index, Fraction(1, 25)
            container.mux(video.encode(picture))
        container.mux(video.encode())
    return path


def encode_again(clip, path, shift_s=Fraction(0)):
    """Write a clip's own frames and sound, its frames moved by `shift_s`."""
    with open_source(clip) as source:
        base = source.info.time_base
        with VideoEncoder(path, SIZE, base, audio_from=clip) as encoder:
            for frame in source.frames():
                encoder.write(frame.image, frame.pts + round(shift_s / base))


def packets(path):
    with av.open(str(path)) as container:
        found = [p for p in container.demux(audio=0) if p.size]
        return container.streams.audio[0], hashlib.sha256(b"".join(map(bytes, found))).digest()


def seconds(path):
    with av.open(str(path)) as container:
        return sum(f.samples / f.sample_rate for f in container.decode(audio=0))


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp4", "aac", 44_100),
        ("a.mp4", "libmp3lame", 48_000),  # its decoder is called mp3float
        ("a.avi", "libmp3lame", 22_050),
        ("a.mkv", "ac3", 48_000),
        ("a.mkv", "libopus", 48_000),
    ],
)
def test_sound_that_mp4_can_hold_is_copied_bit_for_bit(tmp_path, name, codec, rate):
    clip = with_sound(tmp_path / name, codec, rate)
    encode_again(clip, tmp_path / "o.mp4")
    (before, sound), (after, copy) = packets(clip), packets(tmp_path / "o.mp4")
    assert copy == sound
    assert after.codec_context.name == before.codec_context.name


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mov", "pcm_s16le", 192_000),  # above what AAC can hold
        ("a.mov", "pcm_s16le", 10_000),  # between AAC's rates
        ("a.mov", "pcm_s16le", 8_000),  # AAC's own
        ("a.mkv", "libmp3lame", 8_000),  # MP4 does not take it
    ],
)
def test_any_other_sound_becomes_aac(tmp_path, name, codec, rate):
    clip = with_sound(tmp_path / name, codec, rate)
    encode_again(clip, tmp_path / "o.mp4")
    stream, _ = packets(tmp_path / "o.mp4")
    assert stream.codec_context.name == "aac"
    assert seconds(tmp_path / "o.mp4") == pytest.approx(1.0, abs=0.2)


def test_sound_of_an_unknown_kind_is_left_out_and_the_picture_stays(tmp_path):
    clip = with_sound(tmp_path / "a.mov", "pcm_s16le")
    clip.write_bytes(clip.read_bytes().replace(b"sowt", b"xyzw"))
    encode_again(clip, tmp_path / "o.mp4")
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert not container.streams.audio
        assert len(list(container.decode(video=0))) == 25


def test_a_picture_that_begins_before_0_keeps_all_frames_and_its_offset_to_the_sound(tmp_path):
    clip = with_sound(tmp_path / "a.mov", "pcm_s16le")
    encode_again(clip, tmp_path / "o.mp4", shift_s=Fraction(-2, 5))
    with av.open(str(tmp_path / "o.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    with av.open(str(tmp_path / "o.mp4")) as container:
        sound = next(container.decode(audio=0)).time
    assert len(times) == 25
    # AAC begins with 1,024 samples of run-up, 21 ms.
    assert sound - times[0] == pytest.approx(0.4, abs=0.03)
