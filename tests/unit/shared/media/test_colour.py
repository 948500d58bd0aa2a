import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorTrc

from shared.media.colour import ColourConverter


def hdr_frame(width_px, height_px):
    """A grey frame of HLG."""
    frame = av.VideoFrame(width_px, height_px, "yuv420p10le")
    for plane in frame.planes:
        plane.update(np.full(plane.buffer_size // 2, 512, np.uint16).tobytes())
    frame.color_trc, frame.color_primaries = ColorTrc.ARIB_STD_B67, ColorPrimaries.BT2020
    return frame


def fill_free_memory_with_nan(bytes_of_a_frame):
    """Let what is allocated next hold no numbers."""
    size = bytes_of_a_frame // 4
    freed = [np.full(size + more, np.nan, np.float32) for more in range(0, 400, 4)]
    del freed


@pytest.mark.parametrize("width_px", [64, 66, 68, 70])
def test_width_that_fits_no_block_of_the_filter_is_converted(width_px):
    converter = ColourConverter()
    for _ in range(20):
        fill_free_memory_with_nan(3 * 4 * width_px * 48)
        converted = converter.convert(hdr_frame(width_px, 48))
        for plane in converted.planes:
            values = np.frombuffer(plane, np.float32).reshape(48, -1)[:, :width_px]
            assert np.ptp(values) < 1e-6
            assert 0.3 < values[0, 0] < 0.8
