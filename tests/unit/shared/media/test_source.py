import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from builders import grey_of, write_clip

from shared.errors import SourceError, UsageError
from shared.media.source import fingerprint, fit, open_source, shrunk


def read(path):
    with open_source(path) as source:
        frames = [(f.index, f.pts, f.time_s, f.image.copy()) for f in source.frames()]
        return source, frames


def test_every_frame_comes_once_in_order_with_its_time(clip):
    source, frames = read(clip)
    assert [f[0] for f in frames] == list(range(40))
    assert [f[2] for f in frames] == pytest.approx([i / 20 for i in range(40)])
    assert all(abs(f[3].mean() - grey_of(f[0])) < 4 for f in frames)
    assert source.end_reason == "complete"


def test_a_variable_frame_rate_keeps_its_times(tmp_path):
    pts = [0, 1, 5, 6, 20, 21, 22]
    path = write_clip(tmp_path / "vfr.mkv", frames=7, time_base=Fraction(1, 10), pts=pts)
    _, frames = read(path)
    assert [round(f[2], 3) for f in frames] == [p / 10 for p in pts]


@pytest.mark.parametrize(
    ("name", "size", "codec", "pixels"),
    [
        ("odd.gif", (33, 21), "gif", "rgb8"),  # odd sizes, palette
        ("ten-bit.mkv", (64, 48), "libx264", "yuv420p10le"),  # 10 bits
        ("full-range.mp4", (64, 48), "libx264", "yuvj420p"),  # full range
        ("wide-chroma.avi", (64, 48), "mjpeg", "yuvj444p"),  # no chroma subsampling
    ],
)
def test_kinds_of_pictures(tmp_path, name, size, codec, pixels):
    path = write_clip(tmp_path / name, frames=5, size_px=size, codec=codec, pixel_format=pixels)
    source, frames = read(path)
    assert len(frames) == 5
    assert frames[0][3].shape == (size[1], size[0], 3)
    assert (source.info.width_px, source.info.height_px) == size
    assert abs(frames[4][3].mean() - grey_of(4)) < 25


def turn_in_place(path: Path, degrees: int) -> None:
    """Write a rotation into the display matrix of an MP4's video track (ISO 14496-12, tkhd)."""
    matrix = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    a, b, c, d = (value * 0x10000 for value in matrix)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("degrees", "bright_corner"),
    [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))],  # clockwise turns of the top left corner
)
def test_a_phone_held_upright_gives_an_upright_picture(tmp_path, degrees, bright_corner):
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        image = np.zeros((32, 64, 3), np.uint8)
        image[:12, :12] = 255
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    turn_in_place(path, degrees)
    _, frames = read(path)
    picture = frames[0][3]
    assert picture.shape[:2] == ((64, 32) if degrees != 180 else (32, 64))
    y, x = bright_corner
    assert picture[y, x].mean() > 200


def test_a_folder_of_pictures_is_read_in_natural_order_and_fitted_to_the_first(tmp_path):
    for n, size in ((9, (40, 30)), (10, (80, 30)), (1, (40, 30))):
        cv2.imwrite(str(tmp_path / f"frame_{n}.png"), np.full((*size[::-1], 3), 10 * n, np.uint8))
    source, frames = read(tmp_path)
    assert [round(f[3].max() / 10) for f in frames] == [1, 9, 10]
    assert {f[3].shape for f in frames} == {(30, 40, 3)}
    assert source.info.frames_estimate == 3


def test_missing_and_stuck_time_stamps_are_made_up(tmp_path):
    raw = tmp_path / "raw.h264"
    write_clip(raw, frames=10)
    _, frames = read(raw)
    times = [f[2] for f in frames]
    assert len(times) == 10
    assert all(a < b for a, b in zip(times, times[1:], strict=False))


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path):
    path = write_clip(tmp_path / "long.mkv", frames=200)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source, frames = read(path)
    assert 20 < len(frames) < 190
    assert source.end_reason == "truncated"


def make_bad(folder, kind):
    path = folder / "bad.mp4"
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    elif kind == "text":
        path.write_text("this is no video\n" * 100)
    elif kind == "playlist":
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n")
    elif kind == "truncated":
        data = write_clip(path).read_bytes()
        path.write_bytes(data[: len(data) // 3])
    elif kind == "audio":
        with av.open(str(path), "w") as container:
            stream = container.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
    elif kind == "huge":
        write_clip(path, frames=1, size_px=(9000, 9000), codec="mjpeg", pixel_format="yuvj420p")
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "does not exist"),
        ("folder", "no pictures"),
        ("empty", "is empty"),
        ("text", "cannot be read as a video"),
        ("playlist", "cannot be read as a video"),  # would make FFmpeg open other files
        ("truncated", "cannot be read as a video"),  # an MP4 without its index
        ("audio", "no video"),
        ("huge", "over the limit"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path, kind, says):
    path = make_bad(tmp_path, kind)
    with pytest.raises(SourceError, match=says) as refusal:
        open_source(path)
    assert "bad.mp4" in str(refusal.value)
    assert refusal.value.exit_status == 2


def test_only_the_allowed_folders_are_read(clip, tmp_path, monkeypatch):
    monkeypatch.setenv("COACH_SOURCE_ROOTS", f'["{tmp_path / "elsewhere"}"]')
    link = tmp_path / "elsewhere" / "link.mp4"
    link.parent.mkdir()
    link.symlink_to(clip)
    for path in (clip, link, tmp_path / "elsewhere" / ".." / clip.name):
        with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
            open_source(path)


def test_a_fingerprint_is_of_the_content(clip, tmp_path):
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clip.read_bytes())
    assert fingerprint(clip) == fingerprint(copy)
    copy.write_bytes(clip.read_bytes() + b"\0")
    assert fingerprint(clip) != fingerprint(copy)


def test_fitting_keeps_the_aspect():
    fitted = fit(np.full((10, 20, 3), 255, np.uint8), 40, 40)
    assert fitted.shape == (40, 40, 3)
    assert (fitted[10:30] == 255).all()
    assert (fitted[:10] == 0).all()
    assert (fitted[30:] == 0).all()


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ((1920, 1080), Fraction(1), (800, 450)),  # shrunk to the longer side
        ((1080, 1920), Fraction(1), (450, 800)),  # portrait
        ((320, 240), Fraction(1), (320, 240)),  # never enlarged
        ((720, 576), Fraction(16, 15), (768, 576)),  # pixels made square
        ((10_000, 1), Fraction(1), (800, 1)),  # no side vanishes
    ],
)
def test_pictures_are_shrunk_to_what_is_looked_at(size, aspect, expected):
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    small = shrunk(image, 800, aspect)
    assert (small.shape[1], small.shape[0]) == expected
    assert (small == 90).all()
