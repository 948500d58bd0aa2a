import struct
from pathlib import Path

import av
import numpy as np
import pytest

from shared.media.orient import upright
from shared.media.source import open_source


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("quarter_turns", range(4))
def test_picture_is_mirrored_and_then_turned_to_the_left(quarter_turns, is_mirrored):
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    mirrored = image[:, ::-1] if is_mirrored else image
    turned = upright(image, quarter_turns, is_mirrored)
    assert (turned == np.rot90(mirrored, quarter_turns)).all()
    assert turned.flags.c_contiguous


def set_rotation(path: Path, degrees: int) -> None:
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
def test_rotated_phone_video_is_read_upright(tmp_path, degrees, bright_corner):
    path = tmp_path / "turned.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        image = np.zeros((32, 64, 3), np.uint8)
        image[:12, :12] = 255
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    set_rotation(path, degrees)
    with open_source(path) as source:
        [frame] = source.frames()
    assert frame.image.shape[:2] == ((64, 32) if degrees != 180 else (32, 64))
    y, x = bright_corner
    assert frame.image[y, x].mean() > 200


def test_interlaced_fields_are_combined_frame_for_frame(tmp_path):
    path = tmp_path / "interlaced.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "tff=1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(10):
            image = np.full((48, 64, 3), 40, np.uint8)
            image[0::2, 4 * index : 4 * index + 8] = 220  # a bar, in the two fields of a frame
            image[1::2, 4 * index + 2 : 4 * index + 10] = 220  # at different places
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        raw = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    with open_source(path) as source:
        frames = list(source.frames())
    assert len(frames) == 10

    def combing(image):
        """Mean difference of neighbouring rows."""
        return np.abs(np.diff(image.mean(axis=2), axis=0)).mean()

    assert combing(frames[5].image) < 0.5 * combing(raw[5])
