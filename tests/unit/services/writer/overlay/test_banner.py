from dataclasses import replace

import numpy as np
import pytest
from analyses import analysis, changed, fault, lifter_set
from drawn_frames import SIZES, drawn


def banner_of(faulty, time_s, size_px=(320, 240)):
    """What the faults' names change in the picture: bool (height, width)."""
    faultless = [changed(lifter, faults=()) for lifter in faulty.lifters]
    quiet = drawn(analysis(*faultless), time_s, size_px)
    return (drawn(faulty, time_s, size_px) != quiet).any(-1)


@pytest.mark.parametrize("size_px", [*SIZES, (120, 160)])
def test_a_long_name_fits_and_never_covers_hands_or_feet(size_px):
    named = replace(fault(2), name="stiff-legged start (hips too high)")
    one = analysis(lifter_set(size_px=size_px, faults=(named,)))
    rows, columns = np.nonzero(banner_of(one, 4.6, size_px))
    image = drawn(one, 4.6, size_px)
    box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    _, light = np.nonzero((box.min(-1) > 200) & (box.max(-1) - box.min(-1).astype(int) < 30))
    assert light.size > 20
    assert 3 <= light.min() <= light.max() <= box.shape[1] - 4
    assert rows.max() < size_px[1] / 2


def test_a_short_fault_is_shown_long_enough_to_be_read():
    one = analysis(lifter_set(faults=(fault(2, from_s=5.0, to_s=5.0),)))
    times_s = (4.8, 5.0, 5.5, 5.9, 6.2)
    assert [t for t in times_s if banner_of(one, t).any()] == [5.0, 5.5, 5.9]


def test_the_two_most_certain_faults_are_shown():
    faults = [fault(2, name=n, confidence=c) for n, c in (("a", 0.9), ("bb", 0.4), ("ccc", 0.8))]
    three, two = (
        drawn(analysis(lifter_set(faults=chosen)), 4.6, (640, 480))
        for chosen in (tuple(faults), (faults[0], faults[2]))
    )
    assert (three == two).all()


def test_with_several_lifters_a_fault_names_its_lifter():
    quiet, faulty = lifter_set(faults=(), place=0.3), lifter_set(place=0.7)
    ends = []
    for one in (analysis(quiet, faulty), analysis(faulty)):
        rows, columns = np.nonzero(banner_of(one, 4.6, (640, 480)))
        assert rows.max() < 240
        ends.append(columns.max())
    assert ends[0] > ends[1]  # the lifter's number makes the text longer
