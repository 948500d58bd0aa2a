"""Takes joined byte by byte are one film: times go on, and the sound stays with its picture."""

import pytest
from corpus import joining, sound
from corpus.checks import watch
from corpus.joining import FPS, TAKE_FRAMES
from corpus.muxing import H264_B, Coding, scenes, write_film

MPEG2 = Coding("mpeg2video", options={"qmin": "2", "qmax": "3", "bf": "2"})
H264 = Coding(options={"bf": "0"})

KINDS = [
    ("ts", H264, "aac"),
    ("m2ts", H264_B, "ac3"),  # AVCHD: packets of 192 bytes
    ("ts", MPEG2, "mp2"),  # HDV
    ("mpg", MPEG2, "mp2"),
    ("vob", MPEG2, "ac3"),  # DVD
]

CLOCKS = [
    [0, 0],  # each take begins anew
    [0, 0, 0],
    [100, 0],  # back to an earlier time than the first take's
    [0, 10_800],  # three hours ahead
    [5, 1],  # back, but not before the first take's start
    [0, 3600, 7],
]


def kind_of(value):
    return f"{value.codec}{value.options.get('bf', '')}" if isinstance(value, Coding) else None


def check_takes(film, takes):
    """All frames, evenly spaced within takes, and with less than two frames more between them."""
    assert film.numbers == list(range(takes * TAKE_FRAMES))
    for number in range(takes):
        times = film.times_s[number * TAKE_FRAMES : (number + 1) * TAKE_FRAMES]
        expected = [times[0] + index / FPS for index in range(TAKE_FRAMES)]
        assert times == pytest.approx(expected, abs=0.002)
        if number:
            gap_s = times[0] - film.times_s[number * TAKE_FRAMES - 1]
            assert 0.5 / FPS < gap_s < 3 / FPS, f"{gap_s} s between takes"
    assert film.info.fps == pytest.approx(FPS, rel=0.1)


@pytest.mark.parametrize("starts_s", CLOCKS, ids=str)
@pytest.mark.parametrize(("suffix", "coding", "sound_codec"), KINDS, ids=kind_of)
def test_times_go_on_from_take_to_take(tmp_path, suffix, coding, sound_codec, starts_s):
    path = joining.joined_takes(tmp_path / f"film.{suffix}", coding, sound_codec, starts_s)
    check_takes(watch(path), len(starts_s))


@pytest.mark.parametrize("starts_s", [[0, 0], [100, 0], [0, 10_800]], ids=str)
@pytest.mark.parametrize(("suffix", "coding"), [("ts", H264), ("mpg", MPEG2)], ids=kind_of)
def test_times_of_silent_takes_go_on(tmp_path, suffix, coding, starts_s):
    path = joining.joined_takes(tmp_path / f"film.{suffix}", coding, None, starts_s)
    check_takes(watch(path), len(starts_s))


@pytest.mark.parametrize("starts_s", [[0, 0, 0], [100, 0], [0, 10_800]], ids=str)
@pytest.mark.parametrize(("suffix", "coding", "sound_codec"), KINDS, ids=kind_of)
def test_sound_of_joined_takes_stays_in_step(tmp_path, suffix, coding, sound_codec, starts_s):
    path = joining.joined_takes(tmp_path / f"film.{suffix}", coding, sound_codec, starts_s)
    written = sound.write_through(path, tmp_path / "o.mp4")
    seconds = len(starts_s) * TAKE_FRAMES // FPS
    sound.check_in_step(written, {beep: beep * FPS for beep in range(seconds)})


#: Where MPEG's clock of 33 bits and 90 kHz returns to 0, in seconds.
WRAP_S = 2**33 / 90_000


@pytest.mark.parametrize("before_s", [3.4])
@pytest.mark.parametrize(("suffix", "coding", "sound_codec"), KINDS[1:4], ids=kind_of)
def test_clock_that_wraps_goes_on(tmp_path, suffix, coding, sound_codec, before_s):
    path = tmp_path / f"film.{suffix}"
    joining.take(path, 0, coding, sound_codec, WRAP_S - before_s, frames=40)
    film = watch(path)
    assert film.numbers == list(range(40))
    expected = [film.times_s[0] + index / FPS for index in range(40)]
    assert film.times_s == pytest.approx(expected, abs=0.002)
    written = sound.write_through(path, tmp_path / "o.mp4")
    sound.check_in_step(written, {beep: beep * FPS for beep in range(4)})


def test_clock_that_wraps_long_after_the_start_goes_on(tmp_path):
    """FFmpeg looks for a wrap in the first minute alone; this one comes after two."""
    path = tmp_path / "film.ts"
    options = {"output_ts_offset": str(WRAP_S - 122)}
    write_film(path, scenes(range(60), (64, 64)), H264, "1/4", options=options)
    film = watch(path)
    assert film.numbers == list(range(60))
    assert film.times_s == pytest.approx([4.0 * index for index in range(60)], abs=0.03)
