from dataclasses import replace

import numpy as np
import pytest
from analyses import NAN, changed, lifter_set, nobody, with_joints

from services.writer.report.deviation import Deviation
from services.writer.report.figure import Figure, figure_of, place_text, trace_bar
from services.writer.report.pictures import Picture, PictureRequest


def request_of(frame):
    return PictureRequest("key", frame, (10, 20, 110, 220), 100, 1000)


def test_a_photograph_is_shown_where_it_was_taken():
    picture = Picture("data:…", (5, 5, 25, 45))
    figure = figure_of(request_of(lifter_set(1).frames[0]), picture)
    assert (figure.data, figure.limbs) == ("data:…", [])
    assert (figure.width, figure.height) == (20, 40)


def test_limbs_of_seen_joints_replace_a_missing_photograph():
    frame = lifter_set(1).frames[0]
    xy = frame.xy_px.copy()
    xy[4] = NAN  # the right wrist, at the end of one limb
    whole, partly = (figure_of(request_of(one), None) for one in (frame, with_joints(frame, xy)))
    assert (len(whole.limbs), len(partly.limbs)) == (14, 13)
    assert {side for *_, side in whole.limbs} == {"left", "right", "middle"}


def test_paths_begin_where_the_bar_does_and_drift_shows_at_the_plumb():
    lifter = lifter_set(2)
    paths = trace_bar(lifter)
    assert len(paths.lines) == len(paths.starts) == 2
    first = lifter.frames[6].bar_px
    np.testing.assert_allclose(paths.starts[0], first, atol=0.06)
    x, upper, lower = paths.plumb
    assert x == np.median([start[0] for start in paths.starts]).round(1)
    assert upper < lower


def test_a_long_pull_keeps_few_points():
    lifter = lifter_set(1, fps=400)
    [line] = trace_bar(lifter).lines
    assert 60 <= len(line.split()) <= 120


def test_without_a_repetition_or_a_bar_there_is_no_path():
    unseen = lifter_set(1)
    nowhere = np.full(2, NAN, np.float32)
    frames = tuple(replace(frame, bar_px=nowhere) for frame in unseen.frames)
    for lifter in (nobody(), changed(unseen, frames=frames)):
        assert trace_bar(lifter).lines == []
        assert trace_bar(lifter).plumb is None


@pytest.mark.parametrize("at", [(15.0, 25.0), (60.0, 120.0), (109.0, 219.0), (-50.0, 500.0)])
def test_a_text_stays_inside_its_picture(at):
    figure = Figure((10, 20, 110, 220))
    text = "about 9 cm"
    x, y, size = place_text(figure, Deviation("", text=text, at=at))
    half = 0.6 * size * len(text) / 2
    assert 10 <= x - half <= x + half <= 110
    assert 20 <= y - size <= y <= 220
