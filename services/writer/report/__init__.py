"""`report.html`: one self-contained page, made from the analysis and two of its frames. Pure."""

import base64
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from services.writer.report.chart import Chart, score_chart
from services.writer.tables import SourceRecord
from shared.messages import Analysis, LifterFrame

#: Longer side of a picture in the report, pixels: sharp on a phone, about 100 kB.
_PICTURE_PX = 900
_JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Picture:
    """An annotated frame for the report: what it shows, and its JPEG as a data URI."""

    title: str
    score: float
    time_s: float
    data: str


def extremes(analysis: Analysis) -> dict[int, tuple[str, LifterFrame]]:
    """The best and the worst frame by number, with a title each; empty where none is scored."""
    scored = [frame for frame in analysis.frames if np.isfinite(frame.score)]
    if not scored:
        return {}
    worst = min(scored, key=lambda frame: frame.score)
    best = max(scored, key=lambda frame: frame.score)
    return {worst.index: ("Worst moment", worst), best.index: ("Best moment", best)}


def picture(title: str, frame: LifterFrame, image: NDArray[np.uint8]) -> Picture:
    """A picture for the report from an annotated BGR frame, uint8 (height, width, 3)."""
    scale = min(1.0, _PICTURE_PX / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    uri = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
    return Picture(title, frame.score, frame.time_s, uri)


def render(
    document: dict[str, Any], analysis: Analysis, source: SourceRecord, pictures: list[Picture]
) -> str:
    """The page as HTML.

    Args:
        document: the content of `analysis.json`.
        analysis: what it was made from.
        source: the clip.
        pictures: annotated frames to show.
    """
    environment = Environment(
        loader=PackageLoader("services.writer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    seen = sum(np.isfinite(frame.box_px).all() for frame in analysis.frames)
    chart: Chart = score_chart(
        [(frame.time_s, frame.score) for frame in analysis.frames], source.duration_s
    )
    return environment.get_template("report.html").render(
        # A file name may hold bytes that are no text; a page may not.
        name=source.path.rsplit("/", 1)[-1].encode(errors="replace").decode(),
        source=source,
        pose=document["pose"],
        summary=document["summary"],
        verdict=_verdict(document["summary"]["score"]),
        analysed=len(analysis.frames),
        seen=int(seen),
        chart=chart,
        pictures=pictures,
    )


def _verdict(score: float | None) -> str:
    if score is None:
        return "unscored"
    return "good" if score >= 2 / 3 else "fair" if score >= 1 / 3 else "poor"
