"""`coach export`: stored analyses in the formats of other tools."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from coach.cli.submission import check_names, check_out
from coach.files import load
from services.writer.exports import Format, Rows, export, files_of
from shared.data.analysis import Analysis
from shared.errors import UsageError
from shared.names import absolute, max_name_bytes, readable, shorten

#: Longest addition to a folder's name in the name of a file: `_frames.parquet`.
_LONGEST_ENDING_BYTES = 16


def run(paths: Sequence[Path], kind: Format, out: Path | None, as_json: bool = False) -> int:
    """Export stored analyses.

    Args:
        paths: `analysis.json` files, or folders that hold one.
        kind: the format; tables (CSV, Parquet) give a file of frames and one of repetitions.
        out: folder for the files, each named after its analysis's folder; None for the folder of
            the analysis itself.
        as_json: put one JSON document on stdout instead of lines on stderr.

    Returns:
        The exit status.

    Raises:
        UsageError: there is no analysis, it is damaged, or it cannot be exported in this format.
        OutputError: a file cannot be written.
    """
    files_in = [path / "analysis.json" if path.is_dir() else path for path in paths]
    if out is not None:
        check_out(out)
        check_names(files_in)
    outcomes = []
    for path in files_in:
        analysis = load(path)
        folder = absolute(path).parent
        place = out or folder
        name = shorten(readable(folder.name), max_name_bytes(place) - _LONGEST_ENDING_BYTES)
        files = {place / file: rows for file, rows in files_of(name, kind).items()}
        for file, rows in files.items():
            _export(analysis, path, file, rows)
            print(readable(f"{path} → {file}"), file=sys.stderr)
        written = [readable(str(file)) for file in files]
        outcomes.append({"analysis": readable(str(path)), "files": written})
    if as_json:
        print(json.dumps(outcomes, indent=2))
    return 0


def _export(analysis: Analysis, path: Path, file: Path, rows: Rows) -> None:
    try:
        export(analysis, file, rows)
    except UsageError as error:
        raise UsageError(f"cannot export {path}: {error}") from error
