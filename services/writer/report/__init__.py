"""`report.html`: one self-contained page from the analysis and some of its frames. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.writer.report.chart import Chart, VelocityChart, chart_scores, chart_velocities
from services.writer.report.figure import BarPaths, Figure, figure_of, trace_bar
from services.writer.report.pictures import (
    Picture,
    find_best_rep,
    pick_faults,
    requested_pictures,
    take_picture,
)
from services.writer.report.trust import Trust, assess_trust
from services.writer.report.words import (
    capitalize_first,
    describe_confidence,
    describe_exercise,
    describe_limit,
    describe_set,
    describe_velocity_loss,
    format_measure,
    format_number,
    format_ranges,
    grade_score,
    group_not_judged,
    is_exercise_unsure,
    is_hardly_judged,
)
from shared.data.analysis import Analysis, Fault, Lifter
from shared.names import readable

__all__ = ["Picture", "render", "requested_pictures", "take_picture"]


@dataclass(frozen=True, slots=True)
class ShownFault:
    """The most certain fault of a kind, and the repetitions that have this kind."""

    fault: Fault
    reps: list[int]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one lifter.

    Attributes:
        number: the lifter's number, from 1.
        lifter: the lifter's analysis.
        verdict: the score as "good", "fair", "poor" or "unscored".
        headline: one sentence about the set.
        is_hardly_judged: whether most faults could not be judged.
        not_judged: names of faults, and why they were not judged.
        best: number of the best repetition; 0 for none.
        velocity_loss: how the velocity fell in the set, in words; empty where unknown.
        chart: the curve of scores.
        velocities: the bars of velocities.
        paths: the bar's paths.
        shown: the faults that are explained.
        trust: what limits the analysis.
        figures: pictures, by key without the lifter's number.
    """

    number: int
    lifter: Lifter
    verdict: str
    headline: str
    is_hardly_judged: bool
    not_judged: list[tuple[str, str]]
    best: int
    velocity_loss: str
    chart: Chart
    velocities: VelocityChart
    paths: BarPaths
    shown: list[ShownFault]
    trust: list[Trust]
    figures: dict[str, Figure]


def render(analysis: Analysis, pictures: Mapping[str, Picture]) -> str:
    """The page as HTML.

    Args:
        analysis: what it shows.
        pictures: those of `requested_pictures` that were taken, by key; stick figures replace the
            others.
    """
    environment = Environment(
        loader=PackageLoader("services.writer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": format_number,
        "measure": format_measure,
        "limit": describe_limit,
        "confidence": describe_confidence,
        "ranges": format_ranges,
        "capitalized": capitalize_first,
        "exercise": describe_exercise,
        "unsure": is_exercise_unsure,
    }
    environment.tests["known"] = math.isfinite
    figures = {
        request.key: figure_of(request, pictures.get(request.key))
        for requests in requested_pictures(analysis).values()
        for request in requests
    }
    return environment.get_template("report.html").render(
        name=readable(PurePosixPath(analysis.source.path).name),
        source=analysis.source,
        pose=analysis.pose,
        sections=[
            _build_section(number, lifter, analysis, figures)
            for number, lifter in enumerate(analysis.lifters, start=1)
        ],
    )


def _build_section(
    number: int, lifter: Lifter, analysis: Analysis, figures: dict[str, Figure]
) -> Section:
    prefix = f"{number}-"
    best = find_best_rep(lifter)
    return Section(
        number=number,
        lifter=lifter,
        verdict=grade_score(lifter.score),
        headline=describe_set(lifter),
        is_hardly_judged=is_hardly_judged(lifter),
        not_judged=group_not_judged(lifter),
        best=best.index if best else 0,
        velocity_loss=describe_velocity_loss(lifter.reps),
        chart=chart_scores(lifter.frames, lifter.reps, analysis.source.duration_s),
        velocities=chart_velocities(lifter.reps, lifter.bar),
        paths=trace_bar(lifter),
        shown=[_collect_fault(lifter, row) for row in pick_faults(lifter)],
        trust=assess_trust(lifter, analysis.source, analysis.pose),
        figures={
            key.removeprefix(prefix): figure
            for key, figure in figures.items()
            if key.startswith(prefix)
        },
    )


def _collect_fault(lifter: Lifter, row: int) -> ShownFault:
    fault = lifter.faults[row]
    reps = sorted({other.rep for other in lifter.faults if other.kind == fault.kind})
    return ShownFault(fault, reps)
