import numpy as np
import pytest
from analyses import analysis, changed, frame, lifter_set, nobody, rep, unseen
from drawn_frames import GREY, SIZES, analysed, drawn, inked, interpolated


@pytest.mark.parametrize("size_px", SIZES)
def test_text_stays_inside_the_panel(size_px):
    reps = tuple(rep(n, start_s=0.1 * n) for n in range(1, 100))
    long_set = changed(lifter_set(size_px=size_px), reps=reps)
    frames = [analysed(unseen(90, 9.0))]
    image = drawn(analysis(long_set), 9.0, size_px, "minimal", frames)
    top, bottom, left, right = inked(image)
    assert (top, left) == (0, 0)
    assert right < size_px[0]
    panel = image[: bottom + 1, : right + 1]
    shaded = np.median(panel)
    assert shaded < GREY / 2
    rows, columns = np.nonzero((np.abs(panel.astype(int) - shaded) > 30).any(-1))
    margin = 3
    assert margin <= rows.min() <= rows.max() <= bottom - margin
    assert margin <= columns.min() <= columns.max() <= right - margin


def test_a_frame_not_analysed_is_not_said_to_show_no_lifter():
    one, size_px = analysis(nobody()), (640, 480)
    empty, skipped = (
        drawn(one, 0.0, size_px, frames=[state(unseen(0, 0.0))], brightness=80)
        for state in (analysed, interpolated)
    )
    assert (empty[:48] != skipped[:48]).any()
    # An interpolated frame took no pose time: the last line is shorter.
    ends = [np.nonzero(im[50:64, :300].min(-1) > 120)[1].max() for im in (empty, skipped)]
    assert ends[1] < ends[0]


def test_the_counter_changes_when_a_repetition_starts():
    one = analysis(lifter_set(reps=2))
    frames = [analysed(one.frames[10])]
    before, after = (drawn(one, t, amount="minimal", frames=frames) for t in (4.1, 4.3))
    assert (before[:12, 30:] != after[:12, 30:]).any()
    assert (before == drawn(one, 4.15, amount="minimal", frames=frames)).all()


def test_a_picture_too_small_for_the_panel_has_none():
    frames = [analysed(unseen(0, 0.0))]
    assert (drawn(analysis(nobody()), 0.0, (30, 20), "minimal", frames) == GREY).all()


def test_a_covered_lifter_has_no_phase():
    one = analysis()
    covered, other_phase, seen = (
        drawn(
            one,
            2.0,
            amount="minimal",
            frames=[analysed(frame(20, 2.0, phase=phase, covered=is_covered))],
        )
        for phase, is_covered in (("pull", True), ("lockout", True), ("pull", False))
    )
    assert (covered == other_phase).all()
    assert (covered != seen).any()
