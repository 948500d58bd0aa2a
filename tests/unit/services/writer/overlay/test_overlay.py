"""What is drawn on frames, looked at as pixels."""

from dataclasses import replace

import numpy as np
import pytest
from analyses import (
    NAN,
    analysis,
    angles,
    changed,
    fault,
    frame,
    lifter_set,
    nobody,
    rep,
    unseen,
    with_joints,
)

from services.writer.overlay import Overlay
from services.writer.overlay.pen import PHASES, Pen
from services.writer.overlay.text import fitted, width_of, write

GREY = 200
SIZES = [(284, 160), (426, 240), (240, 426), (640, 360), (1080, 1920), (1920, 1080)]


def drawn(one, time_s, size=(320, 240), amount="full", seen=None, ground=GREY):
    """A grey picture with the overlay of an analysis at a time."""
    image = np.full((size[1], size[0], 3), ground, np.uint8)
    source = replace(one.source, width=size[0], height=size[1])
    index = round(time_s * 10)
    given = [(lifter.frames[index], False) for lifter in one.lifters]
    Overlay(replace(one, source=source), amount).draw(image, time_s, seen or given)
    return image


def inked(image, ground=GREY):
    """Rows and columns of what is not ground: top, bottom, left, right."""
    rows, columns = np.nonzero((image != ground).any(-1))
    return rows.min(), rows.max(), columns.min(), columns.max()


def has_colour(image, colour, least=3):
    return (np.abs(image.astype(int) - colour).max(-1) < 12).sum() >= least


@pytest.mark.parametrize("size", [*SIZES, (3840, 2160), (90, 160), (33, 21)])
def test_every_size_is_drawn_on_and_nothing_is_touched_for_nothing(size):
    one = analysis(lifter_set(size_px=size))
    image = drawn(one, 4.6, size)
    assert (image != GREY).any()
    if min(size) > 100:  # no lifter, panel or curve at the right edge
        assert (image[size[1] // 4 : size[1] // 2, int(0.95 * size[0]) :] == GREY).all()


def test_nothing_is_drawn_where_nothing_is_asked_for():
    assert (drawn(analysis(), 4.6, amount="none") == GREY).all()


def test_minimal_is_the_skeleton_and_a_small_panel():
    full, minimal, bodies = (
        drawn(analysis(), 4.6, amount=a) for a in ("full", "minimal", "bodies")
    )
    assert (minimal[-20:, :100] == GREY).all()  # no strip
    assert (full[-20:, :100] != GREY).any()
    assert (minimal[:20, :60] != GREY).any()  # a panel
    assert (bodies[:20, :60] == GREY).all()
    hips = slice(120, 200), slice(130, 190)
    assert (minimal[hips] == bodies[hips]).all()
    assert (minimal[hips] != GREY).any()


# Text


@pytest.mark.parametrize("capital_px", [9, 14, 30, 60])
def test_a_capital_is_as_high_as_asked(capital_px):
    image = np.zeros((200, 200, 3), np.uint8)
    write(image, "H", (50, 150), capital_px, (255, 255, 255))
    rows = np.flatnonzero(image.max((1, 2)) > 127)
    assert abs(np.ptp(rows) + 1 - capital_px) <= 1
    assert rows.max() in (149, 150)


@pytest.mark.parametrize("size", SIZES)
def test_text_can_be_read_and_stays_inside_its_panel(size):
    assert Pen.of(*size).capital_px >= 9
    long_set = lifter_set(size_px=size)
    long_set = changed(long_set, reps=tuple(rep(n, start_s=0.1 * n) for n in range(1, 100)))
    image = drawn(analysis(long_set), 9.0, size, "minimal", seen=[(unseen(90, 9.0), False)])
    top, bottom, left, right = inked(image)
    assert (top, left) == (0, 0)
    assert right < size[0]
    panel = image[: bottom + 1, : right + 1]
    shaded = np.median(panel)
    assert shaded < GREY / 2
    rows, columns = np.nonzero((np.abs(panel.astype(int) - shaded) > 30).any(-1))
    room = 3
    assert rows.min() >= room
    assert rows.max() <= bottom - room
    assert columns.min() >= room
    assert columns.max() <= right - room


@pytest.mark.parametrize("size", [*SIZES, (120, 160)])
def test_a_faults_name_fits(size):
    named = replace(fault(2), name="stiff-legged start (hips too high)")
    one = analysis(lifter_set(size_px=size, faults=(named,)))
    with_name, without = (
        drawn(a, 4.6, size) for a in (one, analysis(lifter_set(size_px=size, faults=())))
    )
    banner = (with_name != without).any(-1)
    rows, columns = np.nonzero(banner)
    box = with_name[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    _, light = np.nonzero((box.min(-1) > 200) & (box.max(-1) - box.min(-1).astype(int) < 30))
    assert light.size > 20
    assert light.min() >= 3
    assert light.max() <= box.shape[1] - 4
    assert rows.max() < size[1] / 2  # never over hands or feet


def test_text_is_shortened_where_it_would_be_too_small():
    text, size = fitted("stiff-legged start (hips too high)", 20, 100, least_px=9)
    assert size >= 9
    assert text.endswith("..")
    assert width_of(text, size) <= 100
    assert fitted("short", 12, 500, least_px=9) == ("short", 12)


# What is shown, and when


def test_a_faults_name_stays_long_enough_to_be_read():
    short = fault(2, from_s=5.0, to_s=5.0)
    one = analysis(lifter_set(faults=(short,)))
    quiet = analysis(lifter_set(faults=()))
    shown = [t for t in (4.8, 5.0, 5.5, 5.9, 6.2) if (drawn(one, t) != drawn(quiet, t)).any()]
    assert shown == [5.0, 5.5, 5.9]


@pytest.mark.parametrize(
    ("time_s", "phase"), [(4.0, "setup"), (4.6, "pull"), (5.5, "lockout"), (6.1, "lower")]
)
def test_the_angle_that_matters_is_drawn_in_its_phases_colour(time_s, phase):
    one = analysis()
    assert one.frames[round(10 * time_s)].phase == phase
    blind = [(replace(one.frames[round(10 * time_s)], angles=angles()), False)]
    with_angle, without = drawn(one, time_s), drawn(one, time_s, seen=blind)
    change = (with_angle != without).any(-1)
    assert change.any()
    assert has_colour(with_angle[change][None], PHASES[phase])


@pytest.mark.parametrize(
    ("time_s", "amount", "drawn_there"),
    [(1.2, "bodies", True), (2.0, "bodies", False), (1.2, "minimal", False)],
)
def test_a_sole_is_drawn_while_the_heels_are_lifted(time_s, amount, drawn_there):
    lifted = fault(1, kind="heels_lift", from_s=1.0, to_s=1.4)
    one = analysis(lifter_set(faults=(lifted,), size_px=(640, 480)))
    sole = one.frames[round(10 * time_s)].person.sole_px
    x, y = (round(float(v)) for v in sole.mean(0))
    image = drawn(one, time_s, (640, 480), amount)
    assert has_colour(image[y - 2 : y + 3, x - 2 : x + 3], (60, 60, 235)) == drawn_there


def test_interpolated_joints_are_hollow():
    filled = "RKnee", "LKnee"  # from the side the knees are in one place
    whole = frame(46, 4.6, 0.4)
    one = analysis()
    images = [
        drawn(one, 4.6, seen=[(f, guessed)])
        for f, guessed in ((whole, False), (replace(whole, filled=filled), False), (whole, True))
    ]
    knee = tuple(round(float(v)) for v in whole.xy_px[9])
    hip = tuple(round(float(v)) for v in whole.xy_px[8])
    solid, hollow, guessed = (int(image[knee[1], knee[0]].max()) for image in images)
    assert hollow < 60 < solid
    assert guessed < 60
    assert images[1][hip[1], hip[0]].max() == images[0][hip[1], hip[0]].max()


def test_the_bars_path_grows_and_earlier_ones_stay_faint():
    nowhere = np.full((15, 2), NAN, np.float32)
    frames = tuple(with_joints(f, nowhere) for f in lifter_set().frames)
    one = analysis(changed(lifter_set(), frames=frames, faults=()))
    large = analysis(replace(one, frames=tuple(_larger(f) for f in frames)))
    size = 1280, 960
    bright = [(drawn(large, t, size) == (80, 220, 255)).all(-1).sum() for t in (0.5, 0.9, 1.5)]
    assert bright[0] == 0
    assert 0 < bright[1] < bright[2]
    # In the second repetition the first one's path is there as well, in another colour.
    assert has_colour(drawn(one, 4.4), (150, 170, 175))
    assert not has_colour(drawn(one, 1.5), (150, 170, 175))


def _larger(one):
    return replace(one, bar_px=4 * one.bar_px)


def test_a_path_does_not_run_on_over_a_cut():
    whole = lifter_set(reps=2)
    cut = tuple(replace(f, shot=int(f.time_s >= 3.6)) for f in whole.frames)
    before, after = (drawn(analysis(replace(whole, frames=f)), 4.4) for f in (whole.frames, cut))
    assert (before != after).any()
    assert not has_colour(after, (150, 170, 175))


def test_a_frame_that_nobody_looked_at_is_not_said_to_hold_no_lifter():
    one, size = analysis(nobody()), (640, 480)
    looked_at, skipped = (
        drawn(one, 0.0, size, seen=[(unseen(0, 0.0), guessed)], ground=80)
        for guessed in (False, True)
    )
    assert (looked_at != skipped).any()
    # Nor has it a time of its own: the line of the time is shorter.
    ends = [np.nonzero(im[50:64, :300].min(-1) > 120)[1].max() for im in (looked_at, skipped)]
    assert ends[1] < ends[0]


def test_two_lifters_are_numbered_and_the_panel_is_the_first_ones():
    one, other = lifter_set(place=0.35), lifter_set(place=0.7)
    both, alone = drawn(analysis(one, other), 4.6), drawn(analysis(one), 4.6)
    assert (both[:, 200:] != alone[:, 200:]).any()
    assert (both[:40, :90] == alone[:40, :90]).all()
    head = one.frames[46].xy_px[0]
    above = slice(round(head[1]) - 20, round(head[1]) - 5), slice(60, 200)
    assert (both[above] != alone[above]).any()  # its number


def test_each_lifters_faults_are_named_with_their_lifter():
    size, quiet, faulty = (640, 480), lifter_set(faults=(), place=0.3), lifter_set(place=0.7)
    faultless = changed(faulty, faults=())
    ends = []
    for named, unnamed in (
        (analysis(quiet, faulty), analysis(quiet, faultless)),
        (analysis(faulty), analysis(faultless)),
    ):
        change = (drawn(named, 4.6, size) != drawn(unnamed, 4.6, size)).any(-1)
        rows, columns = np.nonzero(change)
        assert rows.max() < size[1] / 2
        ends.append(columns.max())
    assert ends[0] > ends[1]  # whose fault it is makes the name longer


def test_what_lies_far_outside_the_picture_does_no_harm():
    far = np.full((15, 2), 1e6, np.float32)
    far[::2] = -1e6
    wild = frame(46, 4.6, 0.4, bar_px=np.array([1e6, -1e6], np.float32))
    wild = with_joints(wild, far)
    one = changed(lifter_set(), frames=(wild,) * 108, trunk_length_px=1e6)
    assert drawn(analysis(one), 4.6).shape == (240, 320, 3)
