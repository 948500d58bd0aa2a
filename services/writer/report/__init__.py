"""`report.html`: one self-contained page from the analysis and some of its frames. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import PurePosixPath

from jinja2 import Environment

from services.writer.report import words
from services.writer.report.advice import (
    Advice,
    advise,
    amount_of_fault,
    explain_fault,
)
from services.writer.report.best_rep import find_best_rep
from services.writer.report.chart import Chart, VelocityChart, chart_scores, chart_velocities
from services.writer.report.comparing import Earlier, Row, compare_sets
from services.writer.report.deviation import Deviation, draw_deviation
from services.writer.report.figure import BarPaths, Figure, figure_of, place_text, trace_bar
from services.writer.report.headline import Headline, has_signs, headline_of, rank_faults
from services.writer.report.lengths import metres_per_unit
from services.writer.report.pictures import (
    MAX_FAULTS,
    Picture,
    PictureRequest,
    requested_pictures,
    take_picture,
)
from services.writer.report.templates import new_environment
from services.writer.report.trust import Trust, assess_trust
from shared.data.analysis import Analysis, Fault, Lifter
from shared.data.sets import RecordingSets
from shared.names import readable

__all__ = [
    "Earlier",
    "Picture",
    "headline_of",
    "render",
    "render_sets",
    "requested_pictures",
    "take_picture",
]


@dataclass(frozen=True, slots=True)
class ShownFault:
    """The most certain fault of a kind, and what was found, in words."""

    fault: Fault
    found: str


@dataclass(frozen=True, slots=True)
class Section:
    """What the page shows of one lifter.

    Attributes:
        number: the lifter's number, from 1.
        lifter: the lifter's analysis.
        headline: what is said first.
        advice: what to do first; None for nothing.
        not_judged: names of faults, and why they were not judged.
        best: number of the best repetition; 0 for none.
        velocity_loss: how the velocity fell in the set, in words; empty where unknown.
        unit_m: metres in a unit of the bar's distances.
        chart: the curve of scores.
        velocities: the bars of velocities.
        paths: the bar's paths.
        shown: the faults that are explained.
        trust: what limits the analysis.
        figures: pictures, by key without the lifter's number.
        drawn: what is drawn over pictures, by the same keys.
    """

    number: int
    lifter: Lifter
    headline: Headline
    advice: Advice | None
    not_judged: list[tuple[str, str]]
    best: int
    velocity_loss: str
    unit_m: float
    chart: Chart
    velocities: VelocityChart
    paths: BarPaths
    shown: list[ShownFault]
    trust: list[Trust]
    figures: dict[str, Figure]
    drawn: dict[str, Deviation]


def render(
    analysis: Analysis,
    pictures: Mapping[str, Picture],
    analysed_on: date | None = None,
    earlier: Earlier | None = None,
) -> str:
    """The page as HTML.

    Args:
        analysis: what it shows.
        pictures: those of `requested_pictures` that were taken, by key; stick figures replace the
            others.
        analysed_on: when the clip was analysed; None where unknown.
        earlier: the lifter's own earlier set, to show beside this one.
    """
    requests = [one for of_frame in requested_pictures(analysis).values() for one in of_frame]
    return _environment().get_template("report.html").render(
        name=readable(PurePosixPath(analysis.source.path).name),
        analysis=analysis,
        source=analysis.source,
        pose=analysis.pose,
        analysed_on=analysed_on,
        earlier=earlier and readable(PurePosixPath(earlier.analysis.source.path).name),
        compared=_compare(analysis, analysed_on, earlier),
        sections=[
            _build_section(number, lifter, analysis, requests, pictures)
            for number, lifter in enumerate(analysis.lifters, start=1)
        ],
    )  # fmt: skip


def render_sets(sets: RecordingSets) -> str:
    """The page of a recording as HTML: its sets, with links to their own pages."""
    return _environment().get_template("sets.html").render(
        name=readable(PurePosixPath(sets.source.path).name),
        sets=sets,
        lifters=len({one.lifter for one in sets.sets if one.lifter}),
        reps=sum(one.reps for one in sets.sets),
    )  # fmt: skip


def load_templates() -> None:
    """Compile the page's templates, which takes 50 ms, so that the processes of tasks have them."""
    for name in _environment().list_templates(extensions=["html", "css"]):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = new_environment()
    environment.filters |= {
        "number": words.format_number,
        "confidence": words.describe_confidence,
        "capitalized": words.capitalize_first,
        "exercise": words.describe_exercise,
        "unsure": words.is_exercise_unsure,
        "date": words.format_date,
        "score": words.format_score,
        "coaches": words.count_coaches,
        "frames_analysed": words.describe_frames,
        "partial": words.describe_partial,
        "clock": words.format_clock,
    }
    environment.tests |= {"known": math.isfinite, "called": words.is_called, "signed": has_signs}
    environment.globals["place_text"] = place_text
    return environment


def _compare(analysis: Analysis, analysed_on: date | None, earlier: Earlier | None) -> list[Row]:
    return [] if earlier is None else compare_sets(earlier, analysis, analysed_on)


def _build_section(
    number: int,
    lifter: Lifter,
    analysis: Analysis,
    requests: list[PictureRequest],
    pictures: Mapping[str, Picture],
) -> Section:
    prefix = f"{number}-"
    best = find_best_rep(lifter)
    own = [request for request in requests if request.key.startswith(prefix)]
    return Section(
        number=number,
        lifter=lifter,
        headline=headline_of(lifter),
        advice=advise(lifter),
        not_judged=words.group_not_judged(lifter),
        best=best.index if best else 0,
        velocity_loss=words.describe_velocity_loss(lifter.reps),
        unit_m=metres_per_unit(lifter),
        chart=chart_scores(lifter.frames, lifter.reps, analysis.source.duration_s),
        velocities=chart_velocities(lifter.reps, lifter.bar),
        paths=trace_bar(lifter),
        shown=[
            ShownFault(lifter.faults[row], explain_fault(lifter, lifter.faults[row]))
            for row in rank_faults(lifter)[:MAX_FAULTS]
        ],
        trust=assess_trust(lifter, analysis.source, analysis.pose),
        figures={
            request.key.removeprefix(prefix): figure_of(request, pictures.get(request.key))
            for request in own
        },
        drawn=_draw(lifter, {one.key.removeprefix(prefix): one for one in own}),
    )


def _draw(lifter: Lifter, requests: dict[str, PictureRequest]) -> dict[str, Deviation]:
    """What is drawn over pictures: what to do first, and the other faults."""
    found: dict[str, Deviation | None] = {}
    advice = advise(lifter)
    for key, is_wrong in (("first-worst", True), ("first-best", False)):
        if advice is not None and key in requests:
            found[key] = draw_deviation(requests[key].frame, advice.amount, is_wrong)
    for row in rank_faults(lifter):
        fault = lifter.faults[row]
        key = f"fault-{fault.kind}"
        if key in requests:
            found[key] = draw_deviation(requests[key].frame, amount_of_fault(lifter, fault))
    return {key: deviation for key, deviation in found.items() if deviation is not None}
