"""Pictures of messages: what is sent survives, and nothing else is decoded."""

import io
import resource
import tracemalloc

import cv2
import numpy as np
import pytest
from PIL import Image

from shared.data import pictures
from shared.data.limits import MAX_PICTURE_PX, MAX_SIDE_PX
from shared.errors import MessageError


def picture(width_px=64, height_px=48):
    return np.full((height_px, width_px, 3), (10, 120, 240), np.uint8)


def saved(kind, size_px=(64, 48), mode="RGB", **options):
    stream = io.BytesIO()
    Image.new(mode, size_px).save(stream, kind, **options)
    return stream.getvalue()


def claiming(width_px, height_px):
    """A small JPEG whose header states another size."""
    data = bytearray(pictures.encode_image(picture()))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = height_px.to_bytes(2, "big") + width_px.to_bytes(2, "big")
    return bytes(data)


def test_an_image_survives():
    for size_px in ((64, 48), (1, 1), (MAX_SIDE_PX, 8)):
        image = picture(*size_px)
        back = pictures.decode_image(pictures.encode_image(image))
        assert np.abs(back.astype(int) - image).max() <= 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image",
        pictures.encode_image(picture())[:300],  # cut within the tables
        saved("PNG"),
        saved("WEBP"),
        saved("TIFF"),
        saved("BMP"),
        saved("GIF", mode="L"),
        saved("JPEG", progressive=True),  # thousands of scans may follow
        saved("JPEG", mode="L"),
        saved("JPEG", mode="CMYK"),
        claiming(2048, 2049),
        claiming(65500, 65500),
        claiming(0, 48),
        claiming(64, 0),
        pictures.encode_image(picture())[:2] + b"\0" + pictures.encode_image(picture())[2:],
    ],
)
def test_what_is_not_sent_is_refused(data):
    with pytest.raises(MessageError):
        pictures.decode_image(data)


def test_a_jpeg_of_several_scans_is_refused():
    data = pictures.encode_image(picture())
    at = data.index(b"\xff\xda")
    one_colour = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    with pytest.raises(MessageError):
        pictures.decode_image(data[:at] + one_colour + data[at + 14 :])


def bomb():
    """A PNG of 16000 × 16000 pixels in less than 1 MB."""
    return saved("PNG", (16000, 16000), mode="1")


@pytest.mark.parametrize("data", [bomb(), claiming(16000, 16000)], ids=["png", "jpeg"])
def test_image_bombs_are_refused_from_their_headers(data):
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        with pytest.raises(MessageError):
            pictures.decode_images([data] * 16)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000


def test_images_that_are_too_large_together_are_refused_undecoded(monkeypatch):
    side_px = int(MAX_PICTURE_PX**0.5)
    large = pictures.encode_image(np.zeros((side_px, side_px, 3), np.uint8))
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    with pytest.raises(MessageError, match="together|over the limit"):
        pictures.decode_images([large] * 17)


def test_mutated_images_are_decoded_or_refused():
    random = np.random.default_rng(16)
    original = pictures.encode_image(random.integers(0, 256, (32, 40, 3), dtype=np.uint8))
    refused = 0
    for _ in range(2000):
        data = bytearray(original)
        for _ in range(random.integers(1, 6)):
            data[random.integers(len(data))] = random.integers(256)
        cut = len(data) if random.random() < 0.7 else int(random.integers(len(data)))
        try:
            image = pictures.decode_image(bytes(data[:cut]))
        except MessageError:
            refused += 1
        else:
            assert image.shape[0] * image.shape[1] <= MAX_PICTURE_PX
    assert 100 < refused < 2000
