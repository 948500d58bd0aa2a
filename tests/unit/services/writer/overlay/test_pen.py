import numpy as np
import pytest
from analyses import NAN, rep
from drawn_frames import SIZES

from services.writer.overlay.pen import SHIFT, Pen, colour_of, find_rep
from shared.data.analysis import Verdict


@pytest.mark.parametrize("size_px", [*SIZES, (90, 160)])
def test_text_is_readable_in_pictures_of_every_size(size_px):
    assert Pen.of(*size_px).capital_px >= 9


def test_fixed_points_keep_parts_of_pixels_and_do_not_overflow():
    pen = Pen.of(320, 240)
    assert pen.to_fixed_point((10.25, -3.5)) == (10.25 * 2**SHIFT, -3.5 * 2**SHIFT)
    far = pen.to_fixed(np.array([[1e9, -1e9]], np.float32))
    assert far.dtype == np.int32
    assert far.tolist() == [[1280 * 2**SHIFT, -1280 * 2**SHIFT]]


@pytest.mark.parametrize(
    ("verdict", "kinds", "strongest"),
    [
        (Verdict.GOOD, (), 1),  # green
        (Verdict.POOR, (), 2),  # red
        (Verdict.GOOD, ("rounded_back",), None),  # never green over a fault
        (Verdict.POOR, ("rounded_back",), 2),
        (Verdict.UNCLEAR, (), None),
        (Verdict.NONE, (), None),
    ],
)
def test_only_a_verdict_colours_a_score(verdict, kinds, strongest):
    colour = colour_of(rep(1, verdict=verdict, faults=kinds))
    if strongest is None:
        assert len(set(colour)) == 1
    else:
        assert np.argmax(colour) == strongest
        assert max(colour) > 1.5 * np.median(colour)


def test_a_repetition_is_found_between_its_ends_only():
    reps = (rep(1, start_s=NAN, end_s=2.0), rep(2, start_s=3.0, end_s=NAN))
    found = [find_rep(reps, time_s) for time_s in (0.0, 2.0, 2.5, 3.0, 99.0)]
    assert [one and one.index for one in found] == [1, 1, None, 2, 2]
    assert len(set(colour_of(None))) == 1
