"""From an analysis to files, and back: `coach.load`, `annotate`, `report` and `export`."""

from os import PathLike
from pathlib import Path

from services.writer import report as page
from services.writer.annotate import render
from services.writer.exports import export
from services.writer.publish import MANIFEST
from shared.data.analysis import Analysis
from shared.errors import OutputError, UsageError
from shared.files import replace_when_complete

__all__ = ["annotate", "export", "load", "report"]

#: An analysis of an hour at 30 frames a second takes about 200 MB.
_MAX_BYTES = 2**30


def load(path: str | PathLike[str]) -> Analysis:
    """Read a stored analysis.

    Args:
        path: an `analysis.json`, or a result folder.

    Returns:
        The analysis; one of schema 2 with the fields of this version.

    Raises:
        UsageError: there is none, it is damaged, or it is of another version.
    """
    file = Path(path)
    file = file / "analysis.json" if file.is_dir() else file
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{file} is larger than {_MAX_BYTES} bytes; no analysis is")
        return Analysis.from_json(file.read_bytes(), _manifest_beside(file))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UsageError as error:
        raise UsageError(f"{file} is no analysis of this version ({error})") from error


def _manifest_beside(file: Path) -> bytes | None:
    """The manifest of the folder, which says how analyses of schema 2 were judged."""
    manifest = file.with_name(MANIFEST)
    return manifest.read_bytes() if manifest.is_file() else None


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
    if Path(out).resolve() == Path(source).resolve():
        raise OutputError(f"{out} is the clip itself; choose another file")
    with replace_when_complete(Path(out)) as partial:
        render(analysis, Path(source), partial, overlay)


def report(
    analysis: Analysis,
    out: str | PathLike[str],
    *,
    source: str | PathLike[str] | None = None,
) -> None:
    """Write the report: one HTML page that needs nothing else.

    Args:
        analysis: what it shows.
        out: the file to write.
        source: the clip, for photographs; without it the page has stick figures.

    Raises:
        SourceError: the clip cannot be read, or is not the one that was analysed.
        OutputError: the file cannot be written.
    """
    pictures = {} if source is None else render(analysis, Path(source), None)
    with replace_when_complete(Path(out)) as partial:
        partial.write_text(page.render(analysis, pictures), "utf-8")
