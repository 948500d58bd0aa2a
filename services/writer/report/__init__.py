"""`report.html`: one self-contained page, made from the analysis and some of its frames. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
from services.writer.tables import PoseRecord, SourceRecord
from shared.data.messages import Analysis, LifterAnalysis

__all__ = ["Picture", "render", "take_picture", "requested_pictures"]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one lifter.

    content: the lifter's part of `analysis.json`. shown: the faults that are explained, the surest
    of each kind, with the repetitions that have it. best: number of the best repetition, 0 for
    none. loss: by how much the velocity fell in the set, in words, "" where that is not known.
    """

    number: int
    content: dict[str, Any]
    verdict: str
    headline: str
    is_hardly_judged: bool
    not_judged: list[tuple[str, str]]
    best: int
    loss: str
    chart: Chart
    velocities: VelocityChart
    paths: BarPaths
    shown: list[dict[str, Any]]
    trust: list[Trust]
    figures: dict[str, Figure]


def render(
    document: dict[str, Any],
    analysis: Analysis,
    source: SourceRecord,
    pictures: Mapping[str, Picture],
) -> str:
    """The page as HTML.

    Args:
        document: the content of `analysis.json`.
        analysis: what it was made from.
        source: the clip.
        pictures: those of `requested_pictures` that were taken, by key; in the place of
            others, stick figures are drawn.
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
    pose = PoseRecord(**document["pose"])
    requests = requested_pictures(analysis, source.width, source.height)
    figures = {
        shot.key: figure_of(shot, pictures.get(shot.key))
        for of_frame in requests.values()
        for shot in of_frame
    }
    contents = [document, *document["others"]]
    return environment.get_template("report.html").render(
        # A file name may hold bytes that are no text; a page may not.
        name=source.path.rsplit("/", 1)[-1].encode(errors="replace").decode(),
        source=source,
        pose=pose,
        sections=[
            _section(number, content, lifter, (source, pose), figures)
            for number, (content, lifter) in enumerate(
                zip(contents, analysis.lifters, strict=True), start=1
            )
        ],
    )


def _section(
    number: int,
    content: dict[str, Any],
    lifter: LifterAnalysis,
    clip: tuple[SourceRecord, PoseRecord],
    figures: dict[str, Figure],
) -> Section:
    prefix = f"{number}-"
    best = best_rep(lifter)
    shown = [_explained(content["faults"], place) for place in picked_faults(lifter)]
    return Section(
        number=number,
        content=content,
        verdict=verdict(content["summary"]["score"]),
        headline=headline(content),
        is_hardly_judged=is_hardly_judged(content),
        not_judged=not_judged(content),
        best=best.index if best else 0,
        loss=speed_loss(lifter.reps),
        chart=score_chart(lifter.frames, lifter.reps, clip[0].duration_s),
        velocities=velocity_chart(lifter.reps, lifter.bar),
        paths=bar_paths(lifter),
        shown=shown,
        trust=trust_of(lifter, *clip),
        figures={
            key.removeprefix(prefix): figure
            for key, figure in figures.items()
            if key.startswith(prefix)
        },
    )


def _explained(faults: list[dict[str, Any]], place: int) -> dict[str, Any]:
    fault = faults[place]
    reps = sorted({other["rep"] for other in faults if other["kind"] == fault["kind"]})
    return {**fault, "reps": reps}
