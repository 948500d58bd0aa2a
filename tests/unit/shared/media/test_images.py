import cv2
import numpy as np
import pytest

from shared.media.source import open_source


@pytest.fixture
def pictures(tmp_path):
    """Three pictures of two sizes; picture n has brightness 10 n."""
    for n, (width, height) in ((9, (40, 30)), (10, (80, 30)), (1, (40, 30))):
        image = np.full((height, width, 3), 10 * n, np.uint8)
        cv2.imwrite(str(tmp_path / f"frame_{n}.png"), image)
    return tmp_path


def test_folder_is_read_in_natural_order_at_the_first_size(pictures):
    with open_source(pictures) as source:
        frames = list(source.frames())
    assert [round(frame.image.max() / 10) for frame in frames] == [1, 9, 10]
    assert {frame.image.shape for frame in frames} == {(30, 40, 3)}
    assert [frame.time_s for frame in frames] == [0, 0.1, 0.2]
    assert source.info.frames_estimate == 3


def test_single_picture_is_a_clip_of_one_frame(pictures):
    with open_source(pictures / "frame_10.png") as source:
        [frame] = source.frames()
    assert frame.image.shape == (30, 80, 3)
    assert (frame.image == 100).all()
