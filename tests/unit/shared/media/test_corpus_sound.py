"""The sound comes along, whatever its kind, in step with the picture."""

from fractions import Fraction

import pytest
from corpus import sound
from corpus.muxing import Coding, scenes, write_film

#: Frames a second; beep k belongs to frame 10 k.
FPS = 10
BEEPS = {0: 0, 1: 10, 2: 20, 3: 30}


def write(path, track, coding=None):
    pictures = scenes(range(40), (96, 64))
    # Else AVI would put off the second frame, for the sake of sound that begins before 0.
    options = {"avoid_negative_ts": "disabled"} if path.suffix == ".avi" else {}
    return write_film(path, pictures, coding or Coding(), FPS, options=options, sound=track)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "layout"),
    [
        ("a.mp4", "aac", 48_000, "mono"),
        ("a.mp4", "aac", 44_100, "stereo"),
        ("a.mov", "aac", 48_000, "5.1"),
        ("a.mp4", "alac", 48_000, "stereo"),
        ("a.mov", "pcm_s16le", 48_000, "stereo"),  # screen recordings of a Mac
        ("a.mov", "pcm_s24le", 48_000, "4.0"),  # field recorders
        ("a.mov", "pcm_f32le", 48_000, "stereo"),
        ("a.mov", "pcm_s16be", 44_100, "5.1"),
        ("a.mov", "pcm_alaw", 8_000, "mono"),
        ("a.avi", "pcm_s16le", 8_000, "mono"),  # cheap cameras
        ("a.avi", "pcm_alaw", 8_000, "mono"),
        ("a.avi", "adpcm_ima_wav", 22_050, "mono"),
        ("a.avi", "libmp3lame", 44_100, "stereo"),
        ("a.mkv", "libopus", 48_000, "stereo"),
        ("a.mkv", "flac", 48_000, "stereo"),
        ("a.mkv", "flac", 96_000, "mono"),
        ("a.mkv", "pcm_s16le", 11_025, "mono"),
        ("a.mkv", "ac3", 48_000, "5.1"),
        ("a.ts", "mp2", 48_000, "stereo"),
        ("a.ts", "aac", 48_000, "stereo"),
        ("a.ts", "ac3", 48_000, "stereo"),
        ("a.flv", "aac", 44_100, "stereo"),
        ("a.asf", "wmav2", 44_100, "stereo"),
    ],
)
def test_sound_of_any_kind_stays_in_step(tmp_path, name, codec, rate_hz, layout):
    coding = Coding("mpeg4") if name.endswith(("avi", "asf")) else Coding()
    track = sound.track(codec, 4, rate_hz, layout, options={"b": "128k"})
    path = write(tmp_path / name, track, coding)
    # AVI cannot say that MP3 begins with 25 ms of the encoder's delay, in which nothing is heard.
    tolerance_s = 0.045 if (codec, name) == ("libmp3lame", "a.avi") else 0.02
    written = sound.write_through(path, tmp_path / "o.mp4")
    sound.check_in_step(written, BEEPS, tolerance_s)


@pytest.mark.parametrize("codec", ["libopus", "vorbis"])
def test_sound_of_webm_stays_in_step(tmp_path, codec):
    options = {"strict": "experimental"} if codec == "vorbis" else {}
    track = sound.track(codec, 4, 48_000, "stereo", options=options)
    path = write(tmp_path / "a.webm", track, Coding("libvpx"))
    sound.check_in_step(sound.write_through(path, tmp_path / "o.mp4"), BEEPS)


@pytest.mark.parametrize(
    ("name", "tracks"),
    [
        # Screen recorders: the system's silent sound first, the microphone second.
        ("a.mp4", [{"level": 0}, {}]),
        ("a.mkv", [{"level": 0}, {"codec": "libopus"}]),
        ("a.mov", [{"codec": "pcm_s16le", "level": 0}, {"codec": "pcm_s16le"}]),
        # The first is empty but for a hiss of one unit of 16 bits.
        ("a.mov", [{"codec": "pcm_s16le", "level": 1 / 32768}, {"codec": "pcm_s16le"}]),
        # Both are loud: the first is taken.
        ("a.mp4", [{}, {"first": 9}]),
        ("a.mp4", [{}, {"level": 0}]),
    ],
)
def test_the_first_sound_track_that_is_not_silent_is_heard(tmp_path, name, tracks):
    path = write(tmp_path / name, sound.tracks(*(sound.track(**kind) for kind in tracks)))
    sound.check_in_step(sound.write_through(path, tmp_path / "o.mp4"), BEEPS)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.mov"])
@pytest.mark.parametrize("late_s", [Fraction(1, 2), Fraction(-1, 2)])
def test_late_sound_and_late_picture_stay_in_step(tmp_path, name, late_s):
    """Sound or picture begins half a second before the other."""
    track = sound.track("aac", 4, start_s=max(late_s, Fraction(0)))
    first = 0 if late_s > 0 else 5
    path = tmp_path / name
    pictures = scenes(range(first, 40), (96, 64))
    write_film(path, pictures, Coding(), FPS, pts=range(first, 40), sound=track)
    written = sound.write_through(path, tmp_path / "o.mp4")
    times_s = sound.written_times_s(written)
    onsets_s = [onset_s for onset_s, _ in sound.heard(written)]
    expected_s = [
        times_s[10 * k + 5] - 0.5 + sound.BEEP_AT_S + float(max(late_s, 0)) for k in range(4)
    ]
    assert onsets_s == pytest.approx(expected_s, abs=0.02)


def test_clip_of_silent_tracks_keeps_its_pictures(tmp_path):
    path = write(tmp_path / "a.mp4", sound.tracks(sound.track(level=0), sound.track(level=0)))
    written = sound.write_through(path, tmp_path / "o.mp4")
    assert list(sound.written_times_s(written)) == list(range(40))
