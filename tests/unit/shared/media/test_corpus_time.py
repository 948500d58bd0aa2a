"""Times are those of the file: rising, from the start of picture and sound."""

from fractions import Fraction

import pytest
from corpus import boxes, joining, sound
from corpus.checks import check_film, watch
from corpus.muxing import H264_B, HEVC, MJPEG, MPEG2, MPEG4, Coding, scenes, write_film

from shared.data.messages import EndReason

SIZE_PX = (96, 64)
UNEVEN = [0, 1, 5, 6, 20, 21, 22, 40]


def codec_of(value):
    return value.codec if isinstance(value, Coding) else None


def write(path, frames=20, coding=H264_B, **options):
    return write_film(path, scenes(range(frames), SIZE_PX), coding, **options)


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", H264_B),
        ("a.mp4", HEVC),
        ("a.mkv", H264_B),
        ("a.ts", H264_B),
        ("a.ts", Coding("mpeg2video", options={"bf": "2"})),
        ("a.mpg", Coding("mpeg2video", options={"bf": "2"})),
        ("a.flv", H264_B),
        ("a.avi", Coding("mpeg4", options={"bf": "2"})),
        ("a.avi", H264_B),  # AVI has times of decoding only
        ("a.mxf", Coding("mpeg2video", options={"bf": "2"})),
    ],
    ids=codec_of,
)
def test_b_frames_come_in_order_of_display(tmp_path, name, coding):
    film = watch(write(tmp_path / name, coding=coding))
    assert film.numbers == list(range(20))
    assert [t - film.times_s[0] for t in film.times_s] == pytest.approx(
        [index / 25 for index in range(20)], abs=0.0015
    )
    assert film.times_s[0] < 0.001
    assert film.end_reason is EndReason.COMPLETE


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.flv", "a.ts", "a.webm"])
def test_uneven_times_are_kept(tmp_path, name):
    coding = Coding("libvpx") if name == "a.webm" else H264_B
    path = write(
        tmp_path / name, len(UNEVEN), coding, fps=10, pts=UNEVEN, time_base=Fraction(1, 10)
    )
    film = check_film(path, range(len(UNEVEN)), [pts / 10 for pts in UNEVEN])
    assert film.info.fps == pytest.approx(7 / 4, rel=0.15)


@pytest.mark.parametrize("gap_s", [3, 4, 12, 90])
@pytest.mark.parametrize(
    ("name", "coding"),
    [("a.mp4", H264_B), ("a.mkv", H264_B), ("a.mp4", HEVC), ("a.mov", MJPEG)],
    ids=codec_of,
)
def test_long_pauses_between_frames_are_kept(tmp_path, name, coding, gap_s):
    """Slides, and screens on which nothing moves; these containers' clock never begins anew."""
    path = write(tmp_path / name, 20, coding, pts=range(0, 20 * gap_s, gap_s), time_base=1)
    check_film(path, range(20), [index * gap_s for index in range(20)])


@pytest.mark.parametrize("coding", [MJPEG, MPEG4, Coding("libx264"), Coding("ffv1")], ids=codec_of)
def test_empty_packets_of_avi_leave_gaps(tmp_path, coding):
    """Where no frame came in time, AVI has a packet of no bytes."""
    pts = [0, 1, 4, 5, 6, 10, 11]
    if coding.codec == "libx264":
        coding = Coding(options={"bf": "0"})
    path = write(tmp_path / "a.avi", len(pts), coding, fps=10, pts=pts, time_base=Fraction(1, 10))
    assert path.read_bytes().count(b"00dc\0\0\0\0") >= 5
    film = watch(path)
    shown = {}
    for number, time_s in zip(film.numbers, film.times_s, strict=True):
        shown.setdefault(number, time_s)  # a frame may be repeated in the gap after it
    assert list(shown) == list(range(len(pts)))
    assert list(shown.values()) == pytest.approx([p / 10 for p in pts], abs=0.001)


@pytest.mark.parametrize("fps", [24, Fraction(30_000, 1001), 50])
@pytest.mark.parametrize(
    ("name", "container", "coding"),
    [
        ("a.264", "h264", H264_B),
        ("a.h264", "h264", Coding(options={"bf": "0"})),
        ("a.265", "hevc", HEVC),
        ("a.m2v", "mpeg2video", MPEG2),
        ("a.ivf", "ivf", Coding("libvpx")),
        ("a.m4v", "m4v", MPEG4),
    ],
    ids=codec_of,
)
def test_streams_without_times_have_those_of_their_rate(tmp_path, name, container, coding, fps):
    path = write(tmp_path / name, 20, coding, fps=fps, container_format=container)
    film = check_film(path, range(20), [float(index / Fraction(fps)) for index in range(20)])
    assert film.info.fps == pytest.approx(float(fps), rel=0.01)


@pytest.mark.parametrize(
    "fps", [Fraction(24_000, 1001), 25, Fraction(30_000, 1001), Fraction(60_000, 1001), 120, 240]
)
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.avi", "a.flv"])
def test_rate_is_the_real_average(tmp_path, name, fps):
    coding = MPEG4 if name == "a.avi" else H264_B
    film = watch(write(tmp_path / name, 40, coding, fps=fps))
    assert film.numbers == list(range(40))
    assert film.info.fps == pytest.approx(float(fps), rel=0.02)
    length_s = film.times_s[-1] - film.times_s[0]
    assert length_s == pytest.approx(float(39 / Fraction(fps)), abs=0.002)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_frames_before_the_start_of_an_mp4_are_hidden(tmp_path, name):
    """They are there for decoding only; the muxer trims them by an edit list."""
    options = {"avoid_negative_ts": "disabled"}
    path = write(tmp_path / name, 20, Coding(), pts=range(-5, 15), options=options)
    check_film(path, range(5, 20), [index / 25 for index in range(15)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_negative_offsets_without_edit_list_start_at_the_first_frame(tmp_path, name):
    options = {"movflags": "negative_cts_offsets", "use_editlist": "0"}
    path = write(tmp_path / name, 20, H264_B, options=options)
    check_film(path, range(20), [index / 25 for index in range(20)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.mpg", "a.flv"])
def test_late_start_counts_from_the_first_frame(tmp_path, name):
    """A silent film whose clock begins at an hour starts at 0, as in players."""
    coding = MPEG2 if name == "a.mpg" else H264_B
    path = write(tmp_path / name, 20, coding, pts=range(90_000, 90_020))
    check_film(path, range(20), [index / 25 for index in range(20)])


#: Units of a frame in the clock of PyAV's MP4 tracks at 25 frames a second, and in milliseconds.
UNIT, MS = 512, 40


@pytest.mark.parametrize(
    ("edits", "numbers", "times"),
    [
        ([(20 * MS, 0)], range(20), range(20)),  # everything
        ([(12 * MS, 8 * UNIT)], range(8, 20), range(12)),  # the start is trimmed
        ([(9 * MS, 0)], range(9), range(9)),  # the end is trimmed
        ([(5 * MS, 3 * UNIT)], range(3, 8), range(5)),  # both
        ([(5 * MS, 0), (5 * MS, 15 * UNIT)], [*range(5), *range(15, 20)], range(10)),  # a cut
        ([(10 * MS, -1), (20 * MS, 0)], range(20), range(20)),  # a pause, which nothing fills
    ],
)
@pytest.mark.parametrize("key_every", ["1", "12"], ids=["all-intra", "predicted"])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_edit_list_of_a_silent_film_is_followed(tmp_path, suffix, key_every, edits, numbers, times):
    coding = Coding(options={"g": key_every, "bf": "0"})
    path = boxes.set_edits(write(tmp_path / f"a.{suffix}", 20, coding), edits)
    check_film(path, numbers, [index / 25 for index in times])


@pytest.mark.parametrize(
    ("edits", "numbers", "times"),
    [
        ([(10 * MS, -1), (20 * MS, 0)], range(20), range(10, 30)),  # the picture comes later
        ([(12 * MS, 8 * UNIT)], range(8, 20), range(12)),
    ],
)
def test_edit_list_of_the_picture_moves_it_against_the_sound(tmp_path, edits, numbers, times):
    coding, track = Coding(options={"bf": "0"}), sound.track("pcm_s16le", 2)
    path = write(tmp_path / "a.mov", 20, coding, sound=track)
    boxes.set_edits(path, edits)
    check_film(path, numbers, [index / 25 for index in times])
    written = sound.write_through(path, tmp_path / "o.mp4")
    times_s = sound.written_times_s(written)
    (onset_s, _), *_ = sound.heard(written)
    begins_s = times_s[numbers[0]] - times[0] / 25
    assert onset_s - begins_s == pytest.approx(sound.BEEP_AT_S, abs=0.02)


def check_broken(path, of):
    """The frames before the break are shown in order, and the film says that it breaks off."""
    film = watch(path)
    count = len(film.frames)
    assert 0.1 * of < count < 0.95 * of
    # The last ones may be damaged, or miss what they are predicted from.
    assert film.numbers[:-4] == list(range(count - 4))
    assert film.end_reason is EndReason.TRUNCATED


@pytest.mark.parametrize("fraction", [0.5, 0.61, 0.7])
@pytest.mark.parametrize(
    ("name", "coding", "options"),
    [
        ("a.mp4", Coding(), {"movflags": "faststart"}),  # progressive, half downloaded
        ("a.mp4", Coding(), {"movflags": "frag_keyframe+empty_moov"}),  # Android's, OBS'
        ("a.mov", MJPEG, {"movflags": "faststart"}),
        ("a.avi", MJPEG, {}),
        ("a.mkv", Coding(), {}),
        ("a.webm", Coding("libvpx"), {}),
        ("a.ts", Coding(), {}),
        ("a.ts", MPEG2, {}),
        ("a.m2ts", Coding(), {}),
        ("a.flv", Coding(), {}),
        ("a.mpg", MPEG2, {}),
        ("a.mxf", MPEG2, {}),
        ("a.asf", MPEG4, {}),
    ],
    ids=codec_of,
)
def test_file_that_breaks_off_says_so(tmp_path, name, coding, options, fraction):
    coding = Coding(coding.codec, coding.pixels, {**coding.options, "g": "8"})
    path = write(tmp_path / name, 60, coding, options=options)
    check_broken(joining.cut(path, fraction), 60)


@pytest.mark.parametrize("fraction", [1, 0.6])
@pytest.mark.parametrize("coding", [MJPEG, MPEG4, Coding(options={"bf": "0"})], ids=codec_of)
def test_avi_of_a_recorder_without_power_is_read(tmp_path, coding, fraction):
    path = joining.unfinish_avi(write(tmp_path / "a.avi", 60, coding))
    if fraction < 1:
        check_broken(joining.cut(path, fraction), 60)
        return
    film = watch(path)
    assert film.numbers == list(range(60))
    assert film.times_s == pytest.approx([index / 25 for index in range(60)], abs=0.001)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_film_in_fragments_or_live_is_complete(tmp_path, name):
    """What is written without knowing the end does not break off for that."""
    movflags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    options = {"a.mp4": movflags, "a.mkv": {"live": "1"}}.get(name, {})
    path = write(tmp_path / name, 40, Coding(options={"g": "8"}), options=options)
    check_film(path, range(40), [index / 25 for index in range(40)])
