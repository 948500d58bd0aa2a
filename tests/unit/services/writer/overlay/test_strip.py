from dataclasses import replace

import numpy as np
from analyses import NAN, analysis, changed, lifter_set, rep
from drawn_frames import drawn

from services.writer.overlay.pen import PHASES

SIZE_PX = (640, 480)


def strip_at(lifter, time_s):
    """The strip's part of the picture."""
    return drawn(analysis(lifter), time_s, SIZE_PX)[430:]


def test_the_curve_is_drawn_up_to_now_and_not_beyond():
    scored = lifter_set()
    unscored = changed(scored, frames=tuple(replace(one, score=NAN) for one in scored.frames))
    change = (strip_at(scored, 5.4) != strip_at(unscored, 5.4)).any((0, 2))
    columns = np.flatnonzero(change)
    assert columns.min() < 10
    assert 0.45 * 640 < columns.max() < 0.55 * 640  # half of the set's 10.8 s


def test_phases_are_tinted_in_their_colours():
    strip = strip_at(lifter_set(reps=1), 0.0).astype(int)
    for time_s, phase in ((1.1, "pull"), (1.9, "lockout"), (2.7, "lower")):
        column = np.median(strip[:, round(time_s / 3.6 * 640)], axis=0)
        plain = np.median(strip[:, round(3.4 / 3.6 * 640)], axis=0)
        np.testing.assert_allclose(column - plain, 0.38 * np.array(PHASES[phase]), atol=2)


def test_numbers_are_left_out_where_they_would_overlap():
    few = lifter_set(reps=1)
    many = changed(few, reps=tuple(rep(n, top_s=0.03 * n) for n in range(1, 100)))
    rows = [strip_at(one, 0.0)[-12:, 12:].max(-1) > 180 for one in (few, many)]
    assert rows[0].any()
    assert not rows[1].any()
