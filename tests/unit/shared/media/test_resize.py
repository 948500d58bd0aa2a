import numpy as np
import pytest

from shared.media.resize import fit, shrink


def test_fitted_picture_keeps_its_aspect_between_black_borders():
    fitted = fit(np.full((10, 20, 3), 255, np.uint8), 40, 40)
    assert fitted.shape == (40, 40, 3)
    assert (fitted[10:30] == 255).all()
    assert (fitted[:10] == 0).all()
    assert (fitted[30:] == 0).all()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), (800, 450)),  # to the longer side
        ((1080, 1920), (450, 800)),  # portrait
        ((320, 240), (320, 240)),  # never enlarged
        ((10_000, 1), (800, 1)),  # no side vanishes
    ],
)
def test_picture_is_shrunk_to_the_longer_side(size, expected):
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    small = shrink(image, 800)
    assert (small.shape[1], small.shape[0]) == expected
    assert (small == 90).all()
