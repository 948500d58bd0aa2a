import pytest

from services.decoder.sampling import choose_every, is_adaptive
from shared.data.job_options import AUTO


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
    ("every", "frames", "adaptive"),
    [(AUTO, 600, True), (AUTO, 0, True), (AUTO, 40, False), (1, 600, False), (2, 0, False)],
)
def test_short_clips_and_fixed_steps_are_looked_at_whole(every, frames, adaptive):
    assert is_adaptive(every, frames) is adaptive
