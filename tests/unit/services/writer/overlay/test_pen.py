import numpy as np
import pytest
from drawn_frames import SIZES

from services.writer.overlay.pen import SHIFT, Pen, colour_of


@pytest.mark.parametrize("size_px", [*SIZES, (90, 160)])
def test_text_is_readable_in_pictures_of_every_size(size_px):
    assert Pen.of(*size_px).capital_px >= 9


def test_fixed_points_keep_parts_of_pixels_and_do_not_overflow():
    pen = Pen.of(320, 240)
    assert pen.to_fixed_point((10.25, -3.5)) == (10.25 * 2**SHIFT, -3.5 * 2**SHIFT)
    far = pen.to_fixed(np.array([[1e9, -1e9]], np.float32))
    assert far.dtype == np.int32
    assert far.tolist() == [[1280 * 2**SHIFT, -1280 * 2**SHIFT]]


def test_scores_run_from_red_over_yellow_to_green():
    (_, low_green, low_red), (_, mid_green, mid_red), (_, high_green, high_red) = (
        colour_of(score) for score in (0.0, 0.5, 1.0)
    )
    assert low_red > 2 * low_green
    assert abs(mid_red - mid_green) < 20
    assert high_green > 2 * high_red
    assert len(set(colour_of(float("nan")))) == 1  # grey
