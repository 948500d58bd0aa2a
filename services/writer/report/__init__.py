"""`report.html`: one self-contained page, made from the analysis and some of its frames. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.writer.report.chart import Chart, VelocityChart, score_chart, velocity_chart
from services.writer.report.figure import BarPaths, Figure, bar_paths, figure_of
from services.writer.report.pictures import (
    Picture,
    best_rep,
    picked_faults,
    requested_pictures,
    take_picture,
)
from services.writer.report.trust import Trust, trust_of
from services.writer.report.words import (
    capitalized,
    headline,
    is_hardly_judged,
    limit,
    listed,
    measure,
    not_judged,
    number,
    speed_loss,
    verdict,
)
from shared.data.analysis import Analysis, Fault, Lifter

__all__ = ["Picture", "render", "requested_pictures", "take_picture"]


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault that is explained: the surest of its kind, and the repetitions that have it."""

    fault: Fault
    reps: list[int]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one lifter.

    best: number of the best repetition, 0 for none. loss: by how much the velocity fell in the set,
    in words, "" where that is not known.
    """

    number: int
    lifter: Lifter
    verdict: str
    headline: str
    is_hardly_judged: bool
    not_judged: list[tuple[str, str]]
    best: int
    loss: str
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
        pictures: those of `requested_pictures` that were taken, by key; in the place of others,
            stick figures are drawn.
    """
    environment = Environment(
        loader=PackageLoader("services.writer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "measure": measure,
        "limit": limit,
        "listed": listed,
        "capitalized": capitalized,
    }
    environment.tests["known"] = math.isfinite
    figures = {
        request.key: figure_of(request, pictures.get(request.key))
        for requests in requested_pictures(analysis).values()
        for request in requests
    }
    return environment.get_template("report.html").render(
        # A file name may hold bytes that are no text; a page may not.
        name=PurePosixPath(analysis.source.path).name.encode(errors="replace").decode(),
        source=analysis.source,
        pose=analysis.pose,
        sections=[
            _section(number, lifter, analysis, figures)
            for number, lifter in enumerate(analysis.lifters, start=1)
        ],
    )


def _section(
    number: int, lifter: Lifter, analysis: Analysis, figures: dict[str, Figure]
) -> Section:
    prefix = f"{number}-"
    best = best_rep(lifter)
    return Section(
        number=number,
        lifter=lifter,
        verdict=verdict(lifter.score),
        headline=headline(lifter),
        is_hardly_judged=is_hardly_judged(lifter),
        not_judged=not_judged(lifter),
        best=best.index if best else 0,
        loss=speed_loss(lifter.reps),
        chart=score_chart(lifter.frames, lifter.reps, analysis.source.duration_s),
        velocities=velocity_chart(lifter.reps, lifter.bar),
        paths=bar_paths(lifter),
        shown=[_shown(lifter, place) for place in picked_faults(lifter)],
        trust=trust_of(lifter, analysis.source, analysis.pose),
        figures={
            key.removeprefix(prefix): figure
            for key, figure in figures.items()
            if key.startswith(prefix)
        },
    )


def _shown(lifter: Lifter, place: int) -> ShownFault:
    fault = lifter.faults[place]
    return ShownFault(fault, sorted({o.rep for o in lifter.faults if o.kind == fault.kind}))
