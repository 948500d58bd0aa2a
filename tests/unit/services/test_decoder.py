from fractions import Fraction

import pytest

from services.decoder.sampling import analysis_size, choose_every


@pytest.mark.parametrize(
    ("every", "fps", "step"),
    [
        (1, 60.0, 1),  # what is asked for holds
        (7, 30.0, 7),
        (0, 24.0, 1),  # auto never looks at less than there is
        (0, 59.94, 2),  # about 30 a second
        (0, 240.0, 8),
        (0, 1.0, 1),
    ],
)
def test_the_step_of_sampling(every, fps, step):
    assert choose_every(every, fps) == step


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
def test_the_size_of_analysis(size, aspect, expected):
    assert analysis_size(*size, aspect, 800) == expected
