import pytest

from services.writer.report.chart import score_chart


@pytest.mark.parametrize("duration_s", [0.04, 1.0, 7.4, 59.0, 3600.0, 20_000.0])
def test_time_ticks_are_few_and_inside(duration_s):
    chart = score_chart([(0.0, 0.5), (duration_s, 0.6)], duration_s)
    assert 1 <= len(chart.time_ticks) <= 7
    assert all(chart.left <= x <= chart.right for x, _ in chart.time_ticks)
    assert chart.lines[0][-1].x == chart.right
