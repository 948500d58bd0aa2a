"""Colours come as a display of BT.709 shows them, whatever the film's own are."""

import numpy as np
import pytest
from corpus import colour, pattern
from corpus.checks import check_film, check_picture, saturation, watch
from corpus.colour import BT601, BT709, BT2020, FULL, HLG, LIMITED, PQ, TRANSFER_2020
from corpus.muxing import Coding, write_film

NUMBERS = range(20, 26)

#: Tolerance of colours that pass through a transfer function: SDR's own is not of one mind
#: (BT.1886, the inverse of BT.709's, sRGB), which matters in the dark.
TRANSFER_TOLERANCE = 14


#: Whether HLG's system gamma of 1.2 applies to each channel (as FFmpeg's zscale has it by default),
#: instead of the luminance (ITU-R BT.2100). Where a reader takes the one for the other, the fields'
#: mean saturation is 29 % too high, or 16 % too low. The reader does as FFmpeg does.
HLG_GAMMA_PER_CHANNEL = True


def hlg(image):
    return colour.hlg(image, HLG_GAMMA_PER_CHANNEL)


def film_of(path, coding, matrix, colour_range, size_px=(128, 96), signal=colour.rgb_of):
    """Film the scene, coded by a matrix and range; the coding's tags may say so or not."""
    frames = [
        colour.yuv_frame(
            signal(pattern.scene(number, size_px)), coding.pixels, matrix, colour_range
        )
        for number in NUMBERS
    ]
    for frame in frames:
        for name, value in coding.tags.items():
            setattr(frame, name, value)
    return write_film(path, frames, coding)


def tags(matrix=None, colour_range=None, primaries=None, transfer=None):
    said = {
        "colorspace": matrix,
        "color_range": colour_range,
        "color_primaries": primaries,
        "color_trc": transfer,
    }
    return {name: value for name, value in said.items() if value is not None}


def codec_of(value):
    return f"{value.codec}-{value.pixels}" if isinstance(value, Coding) else None


@pytest.mark.parametrize("colour_range", [LIMITED, FULL], ids=["limited", "full"])
@pytest.mark.parametrize("matrix", [BT601, BT709, BT2020])
@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", Coding()),
        ("a.ts", Coding()),  # in the stream alone
        ("a.mp4", Coding("libx265")),
        ("a.mkv", Coding("libx264", "yuv444p")),
        ("a.mkv", Coding("libx264", "yuv422p10le")),
        ("a.mkv", Coding("ffv1", "yuv420p")),  # in the container alone
        ("a.webm", Coding("libvpx-vp9")),
        ("a.mkv", Coding("libsvtav1", "yuv420p10le")),
    ],
    ids=codec_of,
)
def test_tagged_matrix_and_range_are_followed(tmp_path, name, coding, matrix, colour_range):
    said = tags(matrix, colour_range, BT709, BT709)
    coding = Coding(coding.codec, coding.pixels, coding.options, tags=said)
    check_film(film_of(tmp_path / name, coding, matrix, colour_range), NUMBERS)


@pytest.mark.parametrize(
    ("size_px", "matrix"),
    [
        ((128, 96), BT601),
        ((128, 576), BT601),  # PAL
        ((1264, 64), BT601),
        ((1280, 64), BT709),  # HD by its width
        ((64, 592), BT709),  # by its height, in portrait
        ((64, 720), BT709),
    ],
)
@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", Coding()),
        ("a.avi", Coding("mpeg4")),
        ("a.ts", Coding("mpeg2video")),
        ("a.mkv", Coding("ffv1", "yuv444p")),
    ],
    ids=codec_of,
)
def test_matrix_of_untagged_film_goes_by_its_size(tmp_path, name, coding, size_px, matrix):
    check_film(film_of(tmp_path / name, coding, matrix, LIMITED, size_px), NUMBERS)


@pytest.mark.parametrize(
    ("size_px", "matrix"), [((64, 592), BT601), ((1280, 64), BT601), ((128, 96), BT709)]
)
def test_tags_count_more_than_the_size(tmp_path, size_px, matrix):
    coding = Coding(tags=tags(matrix, LIMITED))
    check_film(film_of(tmp_path / "a.mp4", coding, matrix, LIMITED, size_px), NUMBERS)


@pytest.mark.parametrize("pixels", ["yuvj420p", "yuvj422p", "yuvj444p"])
@pytest.mark.parametrize("name", ["a.avi", "a.mov"])
@pytest.mark.parametrize("size_px", [(128, 96), (64, 592)], ids=["SD", "HD"])
def test_mjpeg_has_the_full_range_of_jfif(tmp_path, name, pixels, size_px):
    """JFIF says BT.601 and full range for pictures of any size."""
    coding = Coding("mjpeg", pixels)
    check_film(film_of(tmp_path / name, coding, BT601, FULL, size_px), NUMBERS)


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_chroma_and_depth_of_any_kind_are_read(tmp_path, name, pixels):
    check_film(film_of(tmp_path / name, Coding("libx264", pixels), BT601, LIMITED), NUMBERS)


@pytest.mark.parametrize("transfer", [HLG, PQ], ids=["hlg", "pq"])
@pytest.mark.parametrize(
    ("name", "coding", "colour_range"),
    [
        ("a.mov", Coding("libx265", "yuv420p10le"), LIMITED),  # phones
        ("a.mov", Coding("libx265", "yuv420p10le"), FULL),
        ("a.mkv", Coding("libx265", "yuv422p10le"), LIMITED),  # cameras
        ("a.mkv", Coding("libx265", "yuv422p10le"), FULL),
        ("a.mp4", Coding("libx264", "yuv420p10le"), LIMITED),
        ("a.mp4", Coding("libsvtav1", "yuv420p10le"), LIMITED),
        ("a.mov", Coding("prores_ks", "yuv422p10le"), LIMITED),
    ],
    ids=codec_of,
)
def test_hdr_is_shown_as_its_sdr_picture(tmp_path, name, coding, transfer, colour_range):
    coding = Coding(
        coding.codec, coding.pixels, coding.options, tags=tags(9, colour_range, 9, transfer)
    )
    signal = hlg if transfer == HLG else colour.pq
    path = film_of(tmp_path / name, coding, BT2020, colour_range, signal=signal)
    film = check_film(path, NUMBERS, tolerance=TRANSFER_TOLERANCE)
    true = saturation(pattern.scene(0))
    assert saturation(film.frames[3].image) == pytest.approx(true, rel=0.03)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv420p10le"])
def test_sdr_in_the_primaries_of_bt2020_keeps_its_colours(tmp_path, name, pixels):
    coding = Coding("libx265", pixels, tags=tags(9, LIMITED, 9, TRANSFER_2020))
    path = film_of(tmp_path / name, coding, BT2020, LIMITED, signal=colour.sdr_2020)
    film = check_film(path, NUMBERS)
    true = saturation(pattern.scene(0))
    assert saturation(film.frames[3].image) == pytest.approx(true, rel=0.03)


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.avi", Coding("rawvideo", "bgr24")),
        ("a.mov", Coding("rawvideo", "rgb24")),
        ("a.mov", Coding("png", "rgb24")),
        ("a.mov", Coding("png", "rgb48be")),
        ("a.mkv", Coding("libx264rgb", "bgr0")),  # OBS
        ("a.mkv", Coding("ffv1", "bgr0")),
        ("a.mkv", Coding("ffv1", "gbrp10le")),
        ("a.avi", Coding("utvideo", "gbrp")),
        ("a.mov", Coding("qtrle", "rgb24")),
        ("a.mov", Coding("png", "rgba")),  # the rest with alpha, all of it opaque
        ("a.mov", Coding("qtrle", "argb")),
        ("a.mkv", Coding("ffv1", "bgra")),
        ("a.mkv", Coding("ffv1", "yuva420p")),
        ("a.mov", Coding("prores_ks", "yuva444p10le", {"profile": "4444"})),
        ("a.avi", Coding("rawvideo", "yuyv422")),
        ("a.avi", Coding("huffyuv", "yuv422p")),
        ("a.avi", Coding("rawvideo", "rgb555le")),
        ("a.gif", Coding("gif", "rgb8")),
    ],
    ids=codec_of,
)
def test_rgb_packed_and_transparent_films_are_read(tmp_path, name, coding):
    pictures = [pattern.scene(number) for number in NUMBERS]
    tolerance = 24 if coding.pixels == "rgb8" else 10  # 8 levels of red and green, 4 of blue
    check_film(write_film(tmp_path / name, pictures, coding), NUMBERS, tolerance=tolerance)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "colour_range"),
    [
        ("a.mp4", "libx264", "gray", FULL),
        ("a.mp4", "libx264", "gray", LIMITED),
        ("a.mkv", "libx264", "gray10le", FULL),
        ("a.mkv", "ffv1", "gray", FULL),
        ("a.mkv", "ffv1", "gray16le", FULL),
        ("a.mov", "png", "gray", FULL),
        ("a.mp4", "libx265", "gray", FULL),
    ],
)
def test_gray_films_are_read(tmp_path, name, codec, pixels, colour_range):
    top = {"gray": 255, "gray10le": 1023, "gray16le": 65535}[pixels]
    frames = []
    for number in NUMBERS:
        gray = pattern.scene(number).mean(axis=2) / 255
        gray = gray * top if colour_range == FULL else 16 + 219 * gray
        frames.append(colour.planar_frame(pixels, [np.round(gray)]))
        frames[-1].color_range = colour_range
    coding = Coding(codec, pixels, tags=tags(colour_range=colour_range))
    film = watch(write_film(tmp_path / name, frames, coding))
    assert film.numbers == list(NUMBERS)
    found = pattern.field_colours(film.frames[0].image)
    expected = np.repeat(pattern.FIELDS.mean(axis=1, keepdims=True), 3, axis=1)
    assert np.abs(found - expected).max() < 5, found.round()


def test_every_frame_has_the_first_ones_colours(tmp_path):
    film = watch(film_of(tmp_path / "a.mp4", Coding(), BT601, LIMITED))
    for frame in film.frames:
        check_picture(frame.image)
