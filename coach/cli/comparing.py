"""`coach analyze --compare`: the lifter's own earlier set beside each new one, in its report."""

import json
import os
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from coach.files import load, load_earlier
from services.writer import report
from services.writer.annotate import render
from services.writer.contents import MANIFEST
from services.writer.publish import publish, staging
from services.writer.report import Earlier
from services.writer.results import REPORT
from shared.data.document import loaded
from shared.data.manifest import Manifest
from shared.errors import OutputError, UsageError
from shared.media.limits import SourceLimits
from shared.queue.job import Job
from shared.settings import Settings


def read_earlier(path: Path) -> Earlier:
    """Read the set to compare with.

    Args:
        path: a result folder, or its `analysis.json`.

    Raises:
        UsageError: it is missing or damaged; the message names the file.
    """
    if not path.exists():
        raise UsageError(f"--compare: there is no {path}; name the earlier set's result folder")
    try:
        return load_earlier(path)
    except UsageError as error:
        raise UsageError(f"--compare: {error}") from error


def show_beside(jobs: Iterable[Job], earlier: Earlier, settings: Settings) -> None:
    """Write the reports of finished jobs again, with the earlier set beside each.

    The writer of a job may run on another machine, where the earlier set is not. So the report is
    made here, from the finished result and the clip.

    Raises:
        SourceError: a clip cannot be read any more, or has changed since.
        OutputError: a result cannot be read or written.
    """
    for job in jobs:
        if job.state == "done":
            _show_beside(job, earlier, SourceLimits.of(settings))


def _show_beside(job: Job, earlier: Earlier, limits: SourceLimits) -> None:
    out = Path(job.out)
    analysis = load(out)
    try:
        manifest = loaded(Manifest, json.loads((out / MANIFEST).read_text("utf-8")))
    except (OSError, ValueError, UsageError) as error:
        raise OutputError(f"{out / MANIFEST} cannot be read ({error}); analyse again") from error
    pictures = render(analysis, Path(job.source), None, limits=limits)
    page = report.render(analysis, pictures, date.fromtimestamp(job.created_s), earlier)
    with staging(out, job.id) as folder:
        try:
            (folder / REPORT).write_text(page, "utf-8")
            for name in manifest.files:
                if name != REPORT:
                    _link(out / name, folder / name)
        except OSError as error:
            raise OutputError(f"cannot write the report to {out} ({error.strerror})") from error
        publish(folder, out, manifest)


def _link(source: Path, place: Path) -> None:
    """The same file in a second place; a copy where the file system has no hard links."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copy2(source, place)
