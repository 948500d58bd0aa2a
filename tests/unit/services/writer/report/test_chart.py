import pytest
from analyses import IN_METRES, IN_TRUNKS, NAN, frame, lifter_set, rep, unseen

from services.writer.report.chart import chart_scores, chart_velocities
from shared.data.analysis import BarScale, BarSource, LengthUnit


def points(line):
    return [tuple(map(float, point.split(","))) for point in line.split()]


@pytest.mark.parametrize("duration_s", [0.04, 1.0, 7.4, 59.0, 3600.0, 20_000.0])
def test_time_ticks_are_few_and_inside(duration_s):
    frames = [frame(0, 0.0, score=0.5), frame(9, duration_s, score=0.6)]
    chart = chart_scores(frames, (), duration_s)
    assert 1 <= len(chart.time_ticks) <= 7
    assert all(chart.left <= x <= chart.right for x, _ in chart.time_ticks)
    assert points(chart.lines[0])[-1][0] == chart.right


def test_the_curve_breaks_at_unscored_frames():
    frames = [frame(0, 0.0, score=0.0), unseen(1, 0.1), frame(2, 0.2, score=1.0)]
    chart = chart_scores(frames, (), 0.3)
    (low,), (high,) = map(points, chart.lines)
    assert (low[1], high[1]) == (chart.bottom, chart.top)


def test_phases_and_repetitions_are_placed_in_time():
    lifter = lifter_set(reps=2)
    chart = chart_scores(lifter.frames, lifter.reps, 7.2)
    assert [phase for *_, phase in chart.bands] == ["pull", "lockout", "lower"] * 2
    for x, width, _ in chart.bands:
        assert chart.left <= x <= x + width <= chart.right + 0.1
    (first, _, _), (second, *_) = chart.bands[0], chart.bands[1]
    assert first < chart.reps[0][0] == pytest.approx(second, abs=0.2)
    assert [number for _, number in chart.reps] == [1, 2]


def test_numbers_of_many_repetitions_do_not_overlap():
    reps = tuple(rep(n, top_s=float(n)) for n in range(1, 61))
    places = [x for x, _ in chart_scores([], reps, 61.0).reps]
    assert len(places) > 10
    assert min(b - a for a, b in zip(places, places[1:], strict=False)) >= 20


def test_velocities_have_the_interval_of_the_scale():
    bar = BarScale(BarSource.PLATE, LengthUnit.METRE, 100.0, 80.0, 125.0, "plates of 450 mm")
    reps = (rep(1, mean_velocity=0.8), rep(2, mean_velocity=0.4), rep(3, mean_velocity=NAN))
    chart = chart_velocities(reps, bar)
    first, second = chart.bars
    assert [one.rep for one in chart.bars] == [1, 2]
    assert second.end - chart.left == pytest.approx((first.end - chart.left) / 2, abs=0.1)
    length = first.end - chart.left
    assert first.low - chart.left == pytest.approx(0.8 * length, abs=0.1)
    assert first.high - chart.left == pytest.approx(1.25 * length, abs=0.1)
    assert first.high < chart.width - 90  # room for the number
    assert first.text == "0.80 m/s"


def test_without_a_scale_there_is_no_interval_and_the_velocity_is_about():
    (one,) = chart_velocities((rep(1, mean_velocity=1.2),), IN_TRUNKS).bars
    assert one.low == one.high == one.end
    assert one.text == "about 0.60 m/s"


def test_unknown_velocities_have_no_bar():
    bars = chart_velocities(
        (rep(1, mean_velocity=float("nan")), rep(2, mean_velocity=0.4)), IN_METRES
    ).bars
    assert [one.rep for one in bars] == [2]
