import numpy as np
import pytest

from services.writer.overlay import Overlay
from shared.messages import Analysis, LifterFrame, empty_skeleton

NOBODY = LifterFrame(0, 0.0, *empty_skeleton(), np.full(4, np.nan, np.float32), float("nan"), 20.0)


def drawn(size, lifter, guessed):
    image = np.full((size[1], size[0], 3), 200, np.uint8)
    overlay = Overlay(Analysis("job", (), float("nan"), "unknown"), *size, duration_s=1.0)
    overlay.draw(image, 0.0, lifter, guessed)
    return image


def test_a_frame_that_nobody_looked_at_is_not_said_to_hold_no_lifter():
    looked_at, skipped = (drawn((320, 240), NOBODY, guessed) for guessed in (False, True))
    assert (looked_at != skipped).any()
    # Nor has it a time of its own: the right half of the lowest line of text stays empty.
    text = (slice(46, 60), slice(50, 118))
    assert np.ptp(skipped[text]) == 0
    assert np.ptp(looked_at[text]) > 0


@pytest.mark.parametrize(
    ("size", "panel_px"),
    [
        ((426, 240), 118),  # text as large as at 360p, or it cannot be read
        ((360, 640), 118),
        ((1080, 1920), 354),
        ((60, 90), 60),  # no wider than the picture
    ],
)
def test_text_stays_readable_in_small_pictures(size, panel_px):
    row = drawn(size, NOBODY, False)[1, :, 0]
    assert (row < 200).sum() == panel_px
