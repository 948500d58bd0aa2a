import gc
from fractions import Fraction

import pytest
from builders import grey_of, write_clip

from shared.data.messages import EndReason
from shared.media.source import open_source


def read(path):
    with open_source(path) as source:
        return source, list(source.frames())


def test_each_frame_comes_once_in_order_with_its_time(clip):
    source, frames = read(clip)
    assert [frame.index for frame in frames] == list(range(40))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 20 for i in range(40)])
    assert all(abs(frame.image.mean() - grey_of(frame.index)) < 4 for frame in frames)
    assert source.end_reason is EndReason.COMPLETE
    assert source.frames_read == 40


def test_variable_frame_rate_keeps_its_times(tmp_path):
    pts = [0, 1, 5, 6, 20, 21, 22]
    path = write_clip(tmp_path / "vfr.mkv", frames=7, time_base=Fraction(1, 10), pts=pts)
    _, frames = read(path)
    assert [round(frame.time_s, 3) for frame in frames] == [p / 10 for p in pts]


def test_missing_time_stamps_are_replaced_by_rising_ones(tmp_path):
    path = write_clip(tmp_path / "raw.h264", frames=10)
    _, frames = read(path)
    times = [frame.time_s for frame in frames]
    assert len(times) == 10
    assert all(a < b for a, b in zip(times, times[1:], strict=False))


def test_truncated_file_gives_its_frames_and_says_so(tmp_path):
    path = write_clip(tmp_path / "long.mkv", frames=200)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source, frames = read(path)
    assert 20 < len(frames) < 190
    assert source.end_reason is EndReason.TRUNCATED


@pytest.mark.parametrize(
    ("name", "size", "codec", "pixels"),
    [
        ("odd.gif", (33, 21), "gif", "rgb8"),  # odd sizes, palette
        ("ten-bit.mkv", (64, 48), "libx264", "yuv420p10le"),  # 10 bits
        ("full-range.mp4", (64, 48), "libx264", "yuvj420p"),  # full range
        ("wide-chroma.avi", (64, 48), "mjpeg", "yuvj444p"),  # no chroma subsampling
    ],
)
def test_pixel_formats_are_read_as_bgr(tmp_path, name, size, codec, pixels):
    path = write_clip(tmp_path / name, frames=5, size_px=size, codec=codec, pixel_format=pixels)
    source, frames = read(path)
    assert len(frames) == 5
    assert frames[0].image.shape == (size[1], size[0], 3)
    assert (source.info.width_px, source.info.height_px) == size
    assert abs(frames[4].image.mean() - grey_of(4)) < 25


def test_a_frame_is_freed_when_nobody_has_it_any_more(clip):
    with open_source(clip) as source:
        gc.collect()
        gc.disable()
        try:
            for frame in source.frames():
                assert frame.shrunk(100).shape
            del frame
            assert gc.collect() < 40
        finally:
            gc.enable()
