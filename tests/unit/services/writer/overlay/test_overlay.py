"""What is drawn at which amount, looked at as pixels."""

import pytest
from analyses import analysis, changed, frame, lifter_set, with_joints
from drawn_frames import GREY, SIZES, analysed, drawn

from services.writer.overlay import Overlay


@pytest.mark.parametrize("size_px", [*SIZES, (3840, 2160), (90, 160), (33, 21)])
def test_overlay_fits_every_picture_and_leaves_the_right_edge_alone(size_px):
    width, height = size_px
    image = drawn(analysis(lifter_set(size_px=size_px)), 4.6, size_px)
    assert (image != GREY).any()
    if min(size_px) > 100:  # no lifter, panel or curve is there
        assert (image[height // 4 : height // 2, int(0.95 * width) :] == GREY).all()


def test_none_draws_nothing():
    assert (drawn(analysis(), 4.6, amount="none") == GREY).all()


def test_minimal_is_skeleton_and_panel_and_bodies_skeletons_alone():
    full, minimal, bodies = (
        drawn(analysis(), 4.6, amount=amount) for amount in ("full", "minimal", "bodies")
    )
    strip, panel, hips = (
        (slice(-20, None), slice(0, 100)),
        (slice(0, 20), slice(0, 60)),
        (slice(120, 200), slice(130, 190)),
    )
    assert [(image[strip] != GREY).any() for image in (full, minimal, bodies)] == [
        True,
        False,
        False,
    ]
    assert [(image[panel] != GREY).any() for image in (full, minimal, bodies)] == [
        True,
        True,
        False,
    ]
    assert (minimal[hips] == bodies[hips]).all()
    assert (minimal[hips] != GREY).any()


def test_two_lifters_are_numbered_and_the_panel_is_the_main_ones():
    main, other = lifter_set(place=0.35), lifter_set(place=0.7, score=0.1)
    both, alone = drawn(analysis(main, other), 4.6), drawn(analysis(main), 4.6)
    assert (both[:, 200:] != alone[:, 200:]).any()
    assert (both[:40, :90] == alone[:40, :90]).all()
    x, y = (round(float(v)) for v in main.frames[46].xy_px[0])
    above_head = slice(y - 20, y - 8), slice(x - 8, x + 8)
    both, alone = (
        drawn(analysis(*lifters), 4.6, amount="bodies") for lifters in ((main, other), (main,))
    )
    assert (both[above_head] != alone[above_head]).any()


def test_each_lifter_of_the_analysis_needs_a_frame():
    two = analysis(lifter_set(place=0.3), lifter_set(place=0.7))
    image = drawn(two, 4.6)
    with pytest.raises(ValueError, match="longer"):
        Overlay(two).draw(image, 4.6, [analysed(two.frames[46])])


def test_points_far_outside_the_picture_are_drawn_without_overflow():
    far = frame(46, 4.6, 0.4).xy_px * 0 + 1e6
    far[::2] = -1e6
    wild = frame(46, 4.6, 0.4, bar_px=far[0])
    one = changed(lifter_set(), frames=(with_joints(wild, far),) * 108, trunk_length_px=1e6)
    assert drawn(analysis(one), 4.6).shape == (240, 320, 3)
