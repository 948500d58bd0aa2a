import pytest

from services.decoder.sampling import choose_every


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
