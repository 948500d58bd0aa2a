"""Pictures of many kinds, alone and in folders, and sizes that no block of pixels fits."""

import numpy as np
import pytest
from corpus import pattern
from corpus.checks import check_film, check_picture, watch
from corpus.muxing import HEVC, MJPEG, Coding, scenes, write_film
from corpus.pictures import as_pillow, write_picture


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.jpg", "RGB", {"quality": 95, "subsampling": 0}),
        ("a.jpg", "RGB", {"quality": 95, "progressive": True}),
        ("a.JPEG", "RGB", {"quality": 95}),
        ("a.png", "RGB", {}),
        ("a.png", "RGBA", {}),
        ("a.png", "P", {}),  # a palette
        ("a.bmp", "RGB", {}),
        ("a.tif", "RGB", {"compression": "tiff_lzw"}),
        ("a.tiff", "RGB", {"compression": "tiff_adobe_deflate"}),
        ("a.webp", "RGB", {"quality": 95}),  # lossy
        ("a.webp", "RGBA", {"lossless": True}),
    ],
)
def test_picture_of_any_kind_is_read(tmp_path, name, mode, options):
    image = as_pillow(pattern.scene(21))
    image = image.quantize(64) if mode == "P" else image.convert(mode)
    image.save(tmp_path / name, **options)
    check_film(tmp_path / name, [21], [0], (128, 96))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tiff", "a.bmp"])
def test_gray_picture_is_read(tmp_path, name):
    gray = pattern.scene(21).mean(axis=2).round().astype(np.uint8)
    as_pillow(np.repeat(gray[..., None], 3, axis=2)).convert("L").save(tmp_path / name)
    film = watch(tmp_path / name)
    assert film.numbers == [21]
    expected = np.repeat(pattern.FIELDS.mean(axis=1, keepdims=True), 3, axis=1)
    assert np.abs(pattern.field_colours(film.frames[0].image) - expected).max() < 5


def test_folder_of_many_kinds_and_sizes_is_fitted_to_the_first(tmp_path):
    write_picture(tmp_path / "1.jpg", 1, 6)
    write_picture(tmp_path / "2.png", 2, 8)
    as_pillow(pattern.scene(3, (64, 64))).save(tmp_path / "3.bmp")
    write_picture(tmp_path / "10.webp", 10, 2)
    film = watch(tmp_path)
    assert (film.info.width_px, film.info.height_px) == (128, 96)
    boxes = [None, None, (16, 0, 96, 96), None]  # a square between black borders
    for frame, box, number in zip(film.frames, boxes, (1, 2, 3, 10), strict=True):
        check_picture(frame.image, box=box)
        assert pattern.number_of(frame.image, box) == number


@pytest.mark.parametrize("size_px", [(97, 65), (98, 70), (130, 97), (127, 96)], ids=str)
@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", Coding("libx264", "yuv444p")),
        ("a.mp4", Coding("libx264", "yuv420p")),
        ("a.mp4", HEVC),
        ("a.avi", MJPEG),
        ("a.webm", Coding("libvpx-vp9")),
        ("a.mkv", Coding("ffv1")),
        ("a.mov", Coding("png", "rgb24")),
    ],
    ids=lambda value: getattr(value, "codec", value),
)
def test_size_that_fits_no_block_is_kept(tmp_path, name, coding, size_px):
    width, height = size_px
    if coding.codec in ("libx264", "libx265") and coding.pixels == "yuv420p":
        size_px = (width // 2 * 2, height // 2 * 2)  # these encoders have even sizes alone
    path = write_film(tmp_path / name, scenes(range(6), size_px), coding)
    film = check_film(path, range(6))
    assert (film.info.width_px, film.info.height_px) == size_px
