"""`report.html`: one self-contained page, made from the analysis and some of its frames. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from services.writer.report.chart import Chart, score_chart
from services.writer.report.shots import Picture, picked_faults, take, wanted
from services.writer.tables import SourceRecord
from shared.messages import Analysis, LifterAnalysis

__all__ = ["Picture", "render", "take", "wanted"]


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one lifter.

    content: the lifter's part of `analysis.json`. paths: the bar's path of each repetition as SVG
    points in the source's pixels. fastest: largest velocity, the full width of a bar. shown: the
    faults that are explained, the surest of each kind, with the repetitions that have it.
    """

    number: int
    content: dict[str, Any]
    verdict: str
    seen: int
    chart: Chart
    paths: list[str]
    fastest: float
    shown: list[dict[str, Any]]


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
        pictures: those of the `wanted` ones that were taken, by key.
    """
    environment = Environment(
        loader=PackageLoader("services.writer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    contents = [document, *document["others"]]
    return environment.get_template("report.html").render(
        # A file name may hold bytes that are no text; a page may not.
        name=source.path.rsplit("/", 1)[-1].encode(errors="replace").decode(),
        source=source,
        pose=document["pose"],
        analysed=len(analysis.lifter.frames),
        pictures=pictures,
        sections=[
            _section(number, content, lifter, source.duration_s)
            for number, (content, lifter) in enumerate(
                zip(contents, analysis.lifters, strict=True), start=1
            )
        ],
    )


def _section(
    number: int, content: dict[str, Any], lifter: LifterAnalysis, duration_s: float
) -> Section:
    velocities = [rep["mean_velocity"] or 0.0 for rep in content["reps"]]
    return Section(
        number=number,
        content=content,
        verdict=_verdict(content["summary"]["score"]),
        seen=sum(frame.person is not None for frame in lifter.frames),
        chart=score_chart(lifter.frames, lifter.reps, duration_s),
        paths=_paths(lifter),
        fastest=max(velocities, default=0.0),
        shown=[_explained(content["faults"], place) for place in picked_faults(lifter)],
    )


def _explained(faults: list[dict[str, Any]], place: int) -> dict[str, Any]:
    fault = faults[place]
    reps = sorted({other["rep"] for other in faults if other["kind"] == fault["kind"]})
    return {**fault, "reps": reps}


def _paths(lifter: LifterAnalysis) -> list[str]:
    """The bar's way up in each repetition, as points for an SVG polyline."""
    time_s = np.array([frame.time_s for frame in lifter.frames])
    bar = np.array([frame.bar_px for frame in lifter.frames]).reshape(-1, 2)
    paths = []
    for rep in lifter.reps:
        way = bar[(time_s >= rep.start_s) & (time_s <= rep.top_s)]
        way = way[np.isfinite(way).all(-1)]
        paths.append(" ".join(f"{x:.1f},{y:.1f}" for x, y in way))
    return paths


def _verdict(score: float | None) -> str:
    if score is None:
        return "unscored"
    return "good" if score >= 2 / 3 else "fair" if score >= 1 / 3 else "poor"
