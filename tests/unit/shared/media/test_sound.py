import hashlib
from fractions import Fraction

import av
import numpy as np
import pytest

from shared.media.encode import VideoEncoder
from shared.media.source import open_source

SIZE_PX = (64, 48)


def write_with_sound(path, codec, rate_hz=48_000, late_s=Fraction(0)):
    """Write a clip of 25 frames with a second of tone; the picture starts `late_s` later."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = *SIZE_PX, "yuv420p"
        audio = container.add_stream(codec, rate=rate_hz, layout="mono")
        resampler = av.AudioResampler(audio.format.name, "mono", rate_hz)
        samples = np.sin(np.arange(rate_hz) / 20).astype(np.float32) * 0.5
        for start in range(0, rate_hz, 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], "fltp", "mono")
            frame.sample_rate, frame.pts = rate_hz, start
            frame.time_base = Fraction(1, rate_hz)
            for resampled in resampler.resample(frame):
                container.mux(audio.encode(resampled))
        container.mux(audio.encode())
        for index in range(25):
            picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "bgr24")
            picture.pts, picture.time_base = index + round(late_s * 25), Fraction(1, 25)
            container.mux(video.encode(picture))
        container.mux(video.encode())
    return path


def encode_again(clip, path, shift_s=Fraction(0)):
    """Write a clip's own frames and sound, with the frames moved by `shift_s`."""
    with open_source(clip) as source:
        base = source.info.time_base
        with VideoEncoder(path, SIZE_PX, base, source.info.sound) as encoder:
            for frame in source.frames():
                encoder.write(frame.image, frame.pts + round(shift_s / base))


def sound_of(path):
    """Codec and hash of a file's compressed sound."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
        data = hashlib.sha256(b"".join(map(bytes, packets))).digest()
        return container.streams.audio[0].codec_context.name, data


def length_s(path):
    with av.open(str(path)) as container:
        return sum(f.samples / f.sample_rate for f in container.decode(audio=0))


def start_times_s(path):
    """Time of the first frame, and of the first sample."""
    with av.open(str(path)) as container:
        picture_s = next(container.decode(video=0)).time
    with av.open(str(path)) as container:
        return picture_s, next(container.decode(audio=0)).time


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.mp4", "aac", 44_100),
        ("a.mp4", "libmp3lame", 48_000),  # its decoder is called mp3float
        ("a.avi", "libmp3lame", 22_050),
        ("a.mkv", "libopus", 48_000),
        ("a.mkv", "flac", 48_000),
    ],
)
def test_sound_that_mp4_holds_is_copied_bit_for_bit(tmp_path, name, codec, rate_hz):
    clip = write_with_sound(tmp_path / name, codec, rate_hz)
    encode_again(clip, tmp_path / "o.mp4")
    assert sound_of(tmp_path / "o.mp4") == sound_of(clip)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.avi", "pcm_s16le", 48_000),  # MP4 players cannot play it
        ("a.mov", "pcm_s16le", 192_000),  # above what AAC can hold
        ("a.mov", "pcm_s16le", 10_000),  # between AAC's rates
        ("a.mov", "pcm_s16le", 8_000),  # AAC's own
        ("a.mkv", "libmp3lame", 8_000),  # MP4 does not take it
        ("a.mkv", "ac3", 48_000),  # browsers do not play it
    ],
)
def test_other_sound_becomes_aac(tmp_path, name, codec, rate_hz):
    clip = write_with_sound(tmp_path / name, codec, rate_hz)
    encode_again(clip, tmp_path / "o.mp4")
    assert sound_of(tmp_path / "o.mp4")[0] == "aac"
    assert length_s(tmp_path / "o.mp4") == pytest.approx(1.0, abs=0.2)


def test_unknown_sound_is_left_out_and_the_picture_stays(tmp_path):
    clip = write_with_sound(tmp_path / "a.mov", "pcm_s16le")
    clip.write_bytes(clip.read_bytes().replace(b"sowt", b"xyzw"))
    encode_again(clip, tmp_path / "o.mp4")
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert not container.streams.audio
        assert len(list(container.decode(video=0))) == 25


def test_late_picture_stays_in_step_with_the_sound(tmp_path):
    clip = write_with_sound(tmp_path / "late.mkv", "flac", late_s=Fraction(2, 5))
    encode_again(clip, tmp_path / "o.mp4")
    picture_s, sound_s = start_times_s(tmp_path / "o.mp4")
    assert picture_s - sound_s == pytest.approx(0.4, abs=0.03)


def test_picture_before_0_keeps_its_frames_and_its_offset(tmp_path):
    clip = write_with_sound(tmp_path / "a.mov", "pcm_s16le")
    encode_again(clip, tmp_path / "o.mp4", shift_s=Fraction(-2, 5))
    with av.open(str(tmp_path / "o.mp4")) as container:
        assert len(list(container.decode(video=0))) == 25
    picture_s, sound_s = start_times_s(tmp_path / "o.mp4")
    # AAC starts with 1,024 samples of padding, 21 ms.
    assert sound_s - picture_s == pytest.approx(0.4, abs=0.03)
