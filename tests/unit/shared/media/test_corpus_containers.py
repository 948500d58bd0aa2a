"""Files of many containers and codecs are read: numbers, times, colours."""

from fractions import Fraction

import pytest
from corpus import recorders
from corpus.checks import check_film, watch
from corpus.muxing import H264, HEVC, MJPEG, Coding, scenes, write_film
from corpus.pictures import write_animation

from shared.errors import SourceError

NUMBERS = range(3, 13)
TIMES_S = [index / 25 for index in range(10)]


def kind_of(value):
    return value.codec if isinstance(value, Coding) else None


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", Coding("libsvtav1")),
        ("a.mp4", Coding("mpeg4")),
        ("a.m4v", H264),
        ("a.mov", Coding("prores_ks", "yuv422p10le")),
        ("a.mov", Coding("mjpeg", "yuvj422p")),
        ("a.mov", Coding("qtrle", "rgb24")),
        ("a.3gp", H264),
        ("a.3gp", Coding("mpeg4")),
        ("a.3g2", Coding("mpeg4")),
        ("a.mkv", HEVC),
        ("a.mkv", MJPEG),
        ("a.mkv", Coding("mpeg2video")),
        ("a.mkv", Coding("ffv1")),
        ("a.webm", Coding("libvpx")),
        ("a.webm", Coding("libvpx-vp9")),
        ("a.webm", Coding("libsvtav1")),
        ("a.ivf", Coding("libvpx-vp9")),
        ("a.obu", Coding("libsvtav1")),
        ("a.avi", MJPEG),
        ("a.avi", Coding("mpeg4")),
        ("a.avi", Coding("msmpeg4v2")),
        ("a.avi", Coding("msmpeg4")),  # DivX 3
        ("a.avi", Coding("wmv2")),
        ("a.avi", Coding("huffyuv", "yuv422p")),
        ("a.avi", Coding("rawvideo", "yuv420p")),
        ("a.asf", Coding("msmpeg4")),
        ("a.wmv", Coding("wmv1")),
        ("a.wmv", Coding("wmv2")),
        ("a.flv", Coding("flv")),
        ("a.flv", H264),
        ("a.ts", HEVC),
        ("a.mts", H264),
        ("a.m2ts", H264),
        ("a.mpg", Coding("mpeg1video")),
        ("a.mpg", Coding("mpeg2video")),
        ("a.vob", Coding("mpeg2video")),
        ("a.mpeg", Coding("mpeg1video")),
        ("a.mxf", Coding("mpeg2video")),
        ("a.mxf", Coding("prores_ks", "yuv422p10le")),
    ],
    ids=kind_of,
)
def test_file_of_any_container_is_read(tmp_path, name, coding):
    path = write_film(tmp_path / name, scenes(NUMBERS), coding)
    film = check_film(path, NUMBERS, TIMES_S, (128, 96))
    assert film.info.fps == pytest.approx(25, rel=0.02)
    assert film.info.sound is None


@pytest.mark.parametrize("name", ["video", "a.bin", "a.jpeg.mp4", "a.MP4", "a.avi"])
def test_the_content_counts_and_not_the_name(tmp_path, name):
    path = write_film(tmp_path / "a.mkv", scenes(NUMBERS)).rename(tmp_path / name)
    check_film(path, NUMBERS, TIMES_S, (128, 96))


def test_h263_of_old_phones_is_read(tmp_path):
    path = write_film(tmp_path / "a.3gp", scenes(NUMBERS, (176, 144)), Coding("h263"))
    # H.263 has pixels of 12:11 in this size.
    check_film(path, NUMBERS, size_px=(192, 144))


@pytest.mark.parametrize("coding", [H264, HEVC], ids=kind_of)
def test_dav_of_recorders_is_read(tmp_path, coding):
    coding = Coding(coding.codec, options={"bf": "0"} if coding is H264 else {
        "x265-params": "log-level=none:bframes=0:repeat-headers=1"})  # fmt: skip
    path = recorders.write_dhav(tmp_path / "a.dav", scenes(range(40), (96, 64)), coding)
    check_film(path, range(40), [index / 25 for index in range(40)], (96, 64))


@pytest.mark.parametrize(("system", "display_px"), [("PAL", (768, 576)), ("NTSC", (720, 540))])
def test_dv_is_read(tmp_path, system, display_px):
    path = recorders.write_dv(tmp_path / "a.dv", range(8), system)
    fps = recorders.DV[system][1]
    check_film(path, range(8), [float(index / fps) for index in range(8)], display_px)


@pytest.mark.parametrize("container", ["avi", "mov"])
def test_dv_in_other_containers_is_read(tmp_path, container):
    coding = Coding("dvvideo", "yuv420p", sample_aspect=Fraction(16, 15))
    path = write_film(tmp_path / f"a.{container}", scenes(range(6), (720, 576)), coding)
    check_film(path, range(6), TIMES_S[:6], (768, 576))


@pytest.mark.parametrize("loops", ["0", "-1", "3"])
def test_gif_is_read_once(tmp_path, loops):
    """However often it is to be repeated."""
    path = write_film(
        tmp_path / "a.gif", scenes(NUMBERS), Coding("gif", "rgb8"), 10, options={"loop": loops}
    )
    check_film(path, NUMBERS, [index / 10 for index in range(10)], (128, 96), tolerance=24)


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.apng", "a.webp"])
def test_animated_picture_is_read_or_refused_as_one(tmp_path, name):
    if name == "a.apng":
        path = write_animation(tmp_path / "a.png", NUMBERS).rename(tmp_path / name)
    else:
        path = write_animation(tmp_path / name, NUMBERS)
    reason = None
    try:
        film = watch(path)
    except SourceError as refusal:
        reason = str(refusal)
    if reason is None:
        assert film.numbers == list(NUMBERS)
        assert film.times_s == pytest.approx([index / 10 for index in range(10)], abs=0.002)
    else:
        assert name in reason
        assert "animat" in reason.replace(str(tmp_path), "")
        assert name != "a.gif"


def test_animated_pictures_of_uneven_times_keep_them(tmp_path):
    pts = [0, 10, 20, 50, 150, 160]
    path = write_film(
        tmp_path / "a.gif",
        scenes(range(6)),
        Coding("gif", "rgb8"),
        100,
        pts=pts,
        time_base=Fraction(1, 100),
    )
    assert watch(path).times_s == pytest.approx([p / 100 for p in pts], abs=0.002)
