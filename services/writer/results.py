"""The files of a result: what each is called, and writing them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from services.writer import report
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions
from shared.data.manifest import FrameCounts, Manifest, ManifestSource
from shared.data.tables import frames_csv

#: Names of a result's files.
VIDEO, ANALYSIS, TABLE, REPORT = "annotated.mp4", "analysis.json", "frames.csv", "report.html"

#: Name of the file that lists a recording's sets, in its folder; its page is `REPORT`.
SETS = "sets.json"

#: Libraries that may change a result with their version. What ran the networks is in `engines`: a
#: writer's machine need not have it.
LIBRARIES = ("weightlifting-coach", "av", "numpy", "opencv-python-headless")


@cache
def library_versions() -> Mapping[str, str]:
    """Library → version, of those that may change a result."""
    return {library: version(library) for library in LIBRARIES}


def write_data(
    analysis: Analysis,
    pictures: Mapping[str, report.Picture],
    folder: Path,
    created_s: float,
    earlier: report.Earlier | None = None,
) -> None:
    """Write the analysis, its table and its report.

    Args:
        analysis: what is written.
        pictures: the report's pictures, by key.
        folder: where the files go.
        created_s: when the job was created, seconds since 1970.
        earlier: the lifter's own earlier set, which the report shows beside this one.
    """
    (folder / ANALYSIS).write_text(analysis.to_json(), "utf-8")
    (folder / TABLE).write_text(frames_csv(analysis.frames), "utf-8")
    page = report.render(analysis, pictures, date.fromtimestamp(created_s), earlier)
    (folder / REPORT).write_text(page, "utf-8")


def manifest_of(
    analysis: Analysis, options: JobOptions, created_s: float, rescored: bool = False
) -> Manifest:
    """The manifest of a result; `publish` adds its files.

    Args:
        analysis: the result.
        options: the job's options.
        created_s: when the job was created, seconds since 1970.
        rescored: whether stored poses were judged again.
    """
    source = analysis.source
    return Manifest(
        job=analysis.job,
        created_s=created_s,
        source=ManifestSource(source.path, source.sha256),
        options=options,
        versions=dict(library_versions()),
        engines=analysis.pose.engines,
        rescored=rescored,
        frames=FrameCounts(source.frames, len(analysis.frames)),
    )
