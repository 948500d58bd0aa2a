"""From an analysis to files, and back: `coach.load`, `annotate`, `report` and `export`."""

import json
from contextlib import suppress
from datetime import date
from os import PathLike
from pathlib import Path

from services.writer import report as page
from services.writer.annotate import render
from services.writer.contents import MANIFEST
from services.writer.exports import export
from services.writer.results import SETS
from shared.data.analysis import Analysis
from shared.data.document import MAX_BYTES
from shared.data.sets import RecordingSets
from shared.errors import OutputError, UsageError
from shared.files import replace_when_complete

__all__ = ["annotate", "export", "load", "report"]

#: Largest manifest that is read, in bytes: one takes about 3 kB.
_MAX_MANIFEST_BYTES = 2**20


def load(path: str | PathLike[str]) -> Analysis:
    """Read a stored analysis.

    Args:
        path: an `analysis.json`, or a result folder.

    Returns:
        The analysis; one of an earlier schema with the fields of this version.

    Raises:
        UsageError: there is none, it is damaged, or it is of another version.
    """
    file = Path(path)
    file = file / "analysis.json" if file.is_dir() else file
    try:
        if not file.is_file():
            raise UsageError("there is no such file")
        with file.open("rb") as content:
            text = content.read(MAX_BYTES + 1)
        return Analysis.from_json(text, _manifest_beside(file))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except (UsageError, ValueError) as error:
        raise UsageError(f"{file} is no analysis of this version ({error})") from error


def load_sets(folder: str | PathLike[str]) -> RecordingSets:
    """Read what was found in a recording.

    Args:
        folder: the recording's result folder.

    Raises:
        UsageError: there is no `sets.json`, it is damaged, or it is of another version.
    """
    file = Path(folder) / SETS
    try:
        return RecordingSets.from_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error


def _manifest_beside(file: Path) -> bytes | None:
    """The manifest of the folder, which says how analyses of schema 2 were judged.

    None where there is none that can be read: reading the analysis then says what it assumes.
    """
    with suppress(OSError), file.with_name(MANIFEST).open("rb") as manifest:
        text = manifest.read(_MAX_MANIFEST_BYTES + 1)
        return text if len(text) <= _MAX_MANIFEST_BYTES else None
    return None


def annotate(
    source: str | PathLike[str],
    analysis: Analysis,
    out: str | PathLike[str],
    *,
    overlay: str = "full",
) -> None:
    """Write the clip with its analysis drawn on every frame, as H.264 in MP4 with its sound.

    Args:
        source: the clip that was analysed.
        analysis: what is drawn.
        out: the file to write; it is replaced when the new one is complete.
        overlay: "full", "minimal" (skeleton, score and repetition) or "none".

    Raises:
        SourceError: the clip cannot be read, or is not the one that was analysed.
        UsageError: there is no such overlay.
        OutputError: the file cannot be written, or is the clip itself.
    """
    _check_not_source(Path(out), Path(source))
    with replace_when_complete(Path(out)) as partial:
        render(analysis, Path(source), partial, overlay)


def report(
    analysis: Analysis,
    out: str | PathLike[str],
    *,
    source: str | PathLike[str] | None = None,
    compare: Analysis | str | PathLike[str] | None = None,
    analysed_on: date | None = None,
) -> None:
    """Write the report: one HTML page that needs nothing else.

    Args:
        analysis: what it shows.
        out: the file to write.
        source: the clip, for photographs; without it the page has stick figures.
        compare: the lifter's own earlier set, to show beside this one: its analysis, its
            `analysis.json`, or its result folder.
        analysed_on: when the clip was analysed; the page leaves it out if None.

    Raises:
        SourceError: the clip cannot be read, or is not the one that was analysed.
        UsageError: there is no earlier analysis, it is damaged, or it is of another version.
        OutputError: the file cannot be written.
    """
    earlier = None
    if compare is not None:
        if isinstance(compare, Analysis):
            earlier = page.Earlier(compare)
        else:
            earlier = load_earlier(Path(compare))
    if source is not None:
        _check_not_source(Path(out), Path(source))
    pictures = {} if source is None else render(analysis, Path(source), None)
    with replace_when_complete(Path(out)) as partial:
        partial.write_text(page.render(analysis, pictures, analysed_on, earlier), "utf-8")


def load_earlier(path: Path) -> page.Earlier:
    """Read an earlier set to compare with, and from the manifest beside it when it was analysed.

    Args:
        path: an `analysis.json`, or a result folder.

    Raises:
        UsageError: there is none, it is damaged, or it is of another version.
    """
    analysis = load(path)
    file = path / "analysis.json" if path.is_dir() else path
    with suppress(ValueError, LookupError, TypeError, OverflowError, OSError):
        manifest = json.loads(_manifest_beside(file) or b"{}")
        return page.Earlier(analysis, date.fromtimestamp(float(manifest["created_s"])))
    return page.Earlier(analysis)


def _check_not_source(out: Path, source: Path) -> None:
    """Raise OutputError where a file would replace the clip, or one of its pictures."""
    place, clip = out.resolve(), source.resolve()
    if place == clip or (clip.is_dir() and place.parent == clip):
        raise OutputError(f"{out} is the clip itself or lies in it; choose another place")
