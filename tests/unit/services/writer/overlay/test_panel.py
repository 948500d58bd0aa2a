import numpy as np
import pytest
from analyses import NAN, analysis, changed, fault, frame, lifter_set, nobody, rep, unseen
from drawn_frames import GREY, SIZES, analysed, drawn, has_colour, inked, interpolated

from services.writer.overlay.pen import colour_of
from shared.data.analysis import Verdict


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


def test_a_frame_not_analysed_is_not_said_to_show_nobody():
    one, size_px = analysis(nobody()), (640, 480)
    empty, skipped = (
        drawn(one, 0.0, size_px, frames=[state(unseen(0, 0.0))], brightness=80)
        for state in (analysed, interpolated)
    )
    assert (empty[:48] != skipped[:48]).any()
    assert (empty[50:64] == skipped[50:64]).all()  # the time, without that of the pose stage


def test_there_is_a_number_only_where_a_frame_has_a_score():
    one = analysis(lifter_set(reps=1))
    scored, unscored = (
        drawn(
            one, 1.0, amount="minimal", frames=[analysed(frame(10, 1.0, phase=None, score=score))]
        )
        for score in (0.7, NAN)
    )
    number = np.s_[:32, :60]
    assert (scored[number].min(-1) > 200).sum() > 50
    assert (unscored[number].min(-1) > 200).sum() == 0  # not even a dash


def test_a_score_has_the_colour_of_its_repetitions_verdict():
    plain = lifter_set(reps=1, faults=())
    good = changed(plain, reps=(rep(1, verdict=Verdict.GOOD),))
    faulty = changed(good, faults=(fault(1),))
    frames = [analysed(frame(10, 1.0, score=0.9))]
    images = [
        drawn(analysis(one), 1.0, amount="minimal", frames=frames) for one in (good, faulty, plain)
    ]
    green = [has_colour(image[:32, :60], colour_of(good.reps[0])) for image in images]
    assert green == [True, False, False]


def test_standing_before_the_first_repetition_is_no_repetition():
    one = analysis(lifter_set(reps=2))
    frames = [analysed(frame(3, 0.3, phase="setup", score=NAN))]
    before = drawn(one, 0.3, amount="minimal", frames=frames)
    assert (before[:12, 60:].min(-1) > 200).sum() == 0
    started = drawn(one, 0.7, amount="minimal", frames=frames)
    assert (started[:16, 60:].min(-1) > 200).sum() > 20


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
