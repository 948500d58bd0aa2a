"""Pictures come with square pixels: the smaller side is enlarged, the other is kept."""

from fractions import Fraction

import pytest
from corpus import boxes, ebml, pattern, recorders
from corpus.checks import check_film
from corpus.muxing import H264, HEVC, MJPEG, Coding, scenes, write_film

NUMBERS = range(8)
SIZE_PX = (96, 80)

#: Pixel shapes: of HDV, NTSC and PAL DV at 4:3 (the old values), PAL at 16:9, and tall ones.
SHAPES = [Fraction(4, 3), Fraction(10, 11), Fraction(16, 15), Fraction(64, 45), Fraction(1, 2)]


def codec_of(value):
    return getattr(value, "codec", value)


def display_px(aspect, size_px=SIZE_PX):
    """Width and height of the picture in square pixels."""
    width, height = size_px
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)


@pytest.mark.parametrize("aspect", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("suffix", "coding"),
    [
        ("mp4", H264),  # both in the container and in the stream
        ("mp4", HEVC),
        ("mov", Coding("prores_ks", "yuv422p10le")),
        ("ts", H264),  # in the stream alone
        ("h264", H264),
        ("avi", Coding("mpeg4")),
    ],
    ids=codec_of,
)
def test_pixel_shape_of_a_video_is_followed(tmp_path, suffix, coding, aspect):
    coding = Coding(coding.codec, coding.pixels, coding.options, aspect)
    path = write_film(tmp_path / f"film.{suffix}", scenes(NUMBERS, SIZE_PX), coding)
    check_film(path, NUMBERS, size_px=display_px(aspect))


@pytest.mark.parametrize(
    ("size_px", "display"),
    [
        ((176, 144), Fraction(4, 3)),  # PAL
        ((176, 144), Fraction(16, 9)),
        ((176, 120), Fraction(4, 3)),  # NTSC: taller than wide pixels
        ((160, 120), Fraction(16, 9)),
    ],
)
@pytest.mark.parametrize("suffix", ["ts", "mpg", "m2v", "mxf"])
def test_display_shape_of_mpeg2_is_followed(tmp_path, suffix, size_px, display):
    aspect = display / Fraction(*size_px)
    coding = Coding("mpeg2video", sample_aspect=aspect, options={"qmin": "2", "qmax": "3"})
    path = write_film(tmp_path / f"film.{suffix}", scenes(NUMBERS, size_px), coding)
    check_film(path, NUMBERS, size_px=display_px(aspect, size_px))


@pytest.mark.parametrize("aspect", SHAPES, ids=str)
@pytest.mark.parametrize("coding", [H264, MJPEG], ids=["h264", "mjpeg"])
def test_pasp_box_alone_is_followed(tmp_path, coding, aspect):
    path = write_film(tmp_path / "film.mov", scenes(NUMBERS, SIZE_PX), coding)
    boxes.set_pixel_shape(path, aspect.numerator, aspect.denominator)
    check_film(path, NUMBERS, size_px=display_px(aspect))


@pytest.mark.parametrize("aspect", SHAPES, ids=str)
@pytest.mark.parametrize("coding", [H264, Coding("libvpx-vp9"), Coding("ffv1")], ids=codec_of)
def test_display_size_of_matroska_is_followed(tmp_path, coding, aspect):
    path = write_film(tmp_path / "film.mkv", scenes(NUMBERS, SIZE_PX), coding)
    width, height = SIZE_PX
    ebml.set_display_size(path, width * aspect.numerator, height * aspect.denominator)
    check_film(path, NUMBERS, size_px=display_px(aspect))


@pytest.mark.parametrize("aspect", SHAPES, ids=str)
def test_vprp_chunk_of_avi_is_followed(tmp_path, aspect):
    path = write_film(tmp_path / "film.avi", scenes(NUMBERS, SIZE_PX), Coding("ffv1"))
    recorders.set_avi_display(path, SIZE_PX, aspect * Fraction(*SIZE_PX))
    check_film(path, NUMBERS, size_px=display_px(aspect))


@pytest.mark.parametrize("name", ["turned 90 clockwise", "turned 180", "transposed", "mirrored"])
@pytest.mark.parametrize("aspect", [Fraction(4, 3), Fraction(1, 2)], ids=str)
def test_pixel_shape_is_turned_with_the_picture(tmp_path, aspect, name):
    matrix = pattern.MATRICES[name]
    upright_px = (96, 80) if matrix[0] else (80, 96)
    stored = [pattern.turn(i, pattern.inverse(matrix)) for i in scenes(NUMBERS, upright_px)]
    path = write_film(tmp_path / "film.mp4", stored, Coding(sample_aspect=aspect))
    boxes.set_matrix(path, matrix)
    width, height = display_px(aspect)
    check_film(path, NUMBERS, size_px=(width, height) if matrix[0] else (height, width))


@pytest.mark.parametrize(
    ("across", "down"),
    [(1, 1000), (1000, 1), (0, 0), (0, 1), (1, 0), (2**31 - 1, 1)],
)
def test_absurd_pixel_shape_is_ignored(tmp_path, across, down):
    path = write_film(tmp_path / "film.mp4", scenes(NUMBERS, SIZE_PX))
    boxes.set_pixel_shape(path, across, down)
    check_film(path, NUMBERS, size_px=SIZE_PX)


@pytest.mark.parametrize(("across", "down"), [(1, 1000), (1000, 1)])
@pytest.mark.parametrize("suffix", ["mkv", "ts", "avi"])
def test_absurd_pixel_shape_of_any_container_is_ignored(tmp_path, suffix, across, down):
    coding = H264 if suffix == "mkv" else Coding(sample_aspect=Fraction(across, down))
    path = write_film(tmp_path / f"film.{suffix}", scenes(NUMBERS, SIZE_PX), coding)
    if suffix == "mkv":
        ebml.set_display_size(path, across, down)
    check_film(path, NUMBERS, size_px=SIZE_PX)
