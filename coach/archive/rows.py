"""The rows of the summary: one for each result, and for each recording that has none."""

import json
import math
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import quote

from coach.archive.recorded import recorded_at
from coach.archive.recordings import Recording
from coach.archive.thumbnails import thumbnail_of
from coach.files import load_earlier
from services.writer.report import headline_of
from services.writer.report.headline import rank_faults
from services.writer.report.words import LIKELY, capitalize_first
from services.writer.results import REPORT
from shared.data.analysis import Analysis
from shared.errors import UsageError
from shared.names import readable

#: What became of a recording. "waiting": it is still being written.
State = Literal["done", "failed", "cancelled", "unreadable", "waiting"]

#: File that lists the sets of a long recording, in its result folder.
SETS = "sets.json"

#: Largest list of sets that is read, in bytes. Chosen: far more than a day's sets take.
_MAX_BYTES = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the summary. What is not known is null.

    Attributes:
        recording: Path within the archive.
        set: Folder of the set, where a recording has several; else "".
        lifter: Who lifted, where that is told: the same letter for the same person.
        camera: First folder of the path.
        recorded: When it, or the set, was recorded: `2026-01-31 18:30:05`, or the day alone.
        state: What became of it.
        error: Why there is no result.
        reps: Number of repetitions.
        score: The set's score, 0 to 1; null where it cannot be judged, and without a deadlift.
        score_low: Lowest likely score.
        score_high: Highest likely score.
        verdict: The score in a word: good, poor or unclear.
        said: What the report says first.
        faults: Names of the faults that are sure or likely, what to work on first in front.
        duration_s: Length of the recording, or of the set.
        size_bytes: Size of the recording.
        result: Folder of the result, within the folder for results; "" without one.
        report: Path of the report within it.
        href: The same as a link.
        analysed: Day of the analysis.
        thumbnail: A small picture as a `data:` URI; "" without one.
    """

    recording: str
    set: str = ""
    lifter: str = ""
    camera: str = ""
    recorded: str = ""
    state: State
    error: str = ""
    reps: int | None = None
    score: float | None = None
    score_low: float | None = None
    score_high: float | None = None
    verdict: str = ""
    said: str = ""
    faults: tuple[str, ...] = ()
    duration_s: float | None = None
    size_bytes: int = 0
    result: str = ""
    report: str = ""
    href: str = ""
    analysed: str = ""
    thumbnail: str = ""


def row_without_result(recording: Recording, state: State, error: str) -> Row:
    """The row of a recording that has no result."""
    return Row(
        recording=readable(str(recording.relative)),
        camera=readable(recording.camera),
        recorded=recorded_at(recording),
        state=state,
        error=readable(error),
        size_bytes=recording.size_bytes,
    )


def rows_of_result(recording: Recording, folder: Path, result: PurePosixPath) -> list[Row]:
    """The rows of a recording's result: one, or one for each set.

    Args:
        recording: the recording.
        folder: the folder of the result, on this machine.
        result: the same within the folder for results.

    Raises:
        UsageError: an analysis is missing or damaged.
    """
    sets = sets_in(folder)
    if sets is None:
        return [_row_of_set(recording, folder, result)]
    if not sets:
        row = row_without_result(recording, "done", "")
        return [replace(row, reps=0, said="No set in this recording", **_place_of(result))]
    return [
        replace(
            _row_of_set(recording, folder / one.folder, result / one.folder),
            set=one.folder,
            lifter=one.lifter,
            recorded=one.starts_at.replace("T", " ")[:19] or recorded_at(recording),
        )
        for one in sets
    ]


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A set of a long recording: its folder, who lifted, and when it began, if that is known."""

    folder: str
    lifter: str
    starts_at: str


def sets_in(folder: Path) -> list[ListedSet] | None:
    """The sets that a result folder lists; None where it is itself the result of one set.

    Raises:
        UsageError: the list is damaged.
    """
    file = folder / SETS
    if not file.is_file():
        return None
    try:
        with file.open("rb") as content:
            listed = json.loads(content.read(_MAX_BYTES))["sets"]
        sets = [
            ListedSet(str(one["folder"]), str(one.get("lifter", "")), str(one.get("starts_at", "")))
            for one in listed
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} is no list of sets ({error})") from error
    if any(one.folder in ("", "..") or Path(one.folder).name != one.folder for one in sets):
        raise UsageError(f"{file} names a folder that is not beside it")
    return sets


def _place_of(result: PurePosixPath) -> dict[str, Any]:
    """The fields that say where a result is."""
    report = str(result / REPORT)
    return {
        "result": readable(str(result)),
        "report": readable(report),
        # `./` and the escaped colon: a folder called `javascript:` is a folder.
        "href": "./" + quote(report, errors="surrogateescape"),
    }


def _row_of_set(recording: Recording, folder: Path, result: PurePosixPath) -> Row:
    earlier = load_earlier(folder)
    analysis = earlier.analysis
    headline = headline_of(analysis)
    parts = [headline.title, headline.detail and capitalize_first(headline.detail)]
    low, high = _interval_of(analysis)
    score = _score_of(analysis)
    return Row(
        recording=readable(str(recording.relative)),
        camera=readable(recording.camera),
        recorded=recorded_at(recording),
        state="done",
        reps=len(analysis.reps),
        score=score,
        score_low=low,
        score_high=high,
        verdict="" if score is None else analysis.summary.verdict.value,
        said=". ".join(part for part in parts if part),
        faults=tuple(
            analysis.faults[row].name
            for row in rank_faults(analysis)
            if analysis.faults[row].confidence >= LIKELY
        ),
        duration_s=round(analysis.source.duration_s, 3),
        size_bytes=recording.size_bytes,
        **_place_of(result),
        analysed=_day(earlier.analysed_on),
        thumbnail=thumbnail_of(folder, recording.path),
    )


def _score_of(analysis: Analysis) -> float | None:
    """The score, where the report shows one."""
    summary = analysis.summary
    is_judged = analysis.reps and not analysis.refusal and not summary.unscored
    return round(summary.score, 4) if is_judged and math.isfinite(summary.score) else None


def _interval_of(analysis: Analysis) -> tuple[float | None, float | None]:
    interval = analysis.summary.score_interval
    if interval is None or _score_of(analysis) is None:
        return None, None
    return round(interval[0], 4), round(interval[1], 4)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
