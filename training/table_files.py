"""Reads CSV and JSON files that are not trusted: sizes are bounded, and errors name the file."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from shared.data.skeleton import F32
from shared.errors import UsageError

#: Maximum size of a file, in bytes. Chosen: known tables have at most 10 MB.
MAX_FILE_BYTES = 64 * 2**20


def csv_rows(file: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Read the needed columns of a CSV file, row by row.

    Raises:
        UsageError: the file is damaged, too large, or lacks a column.
    """
    try:
        check_size(file)
        with file.open(newline="", encoding="utf-8") as text:
            table = csv.DictReader(text)
            missing = set(needed) - set(table.fieldnames or ())
            if missing:
                raise UsageError(f"{file} lacks the columns {', '.join(sorted(missing)[:5])}")
            for row in table:
                yield {name: row[name] or "" for name in needed}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}") from error


def json_of(file: Path, kind: type) -> Any:
    """Read a JSON file that holds a list or an object.

    Raises:
        UsageError: the file is damaged or too large, or holds something else.
    """
    try:
        check_size(file)
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(content, kind):
        raise UsageError(f"{file} holds no {kind.__name__} of postures")
    return content


def floats(file: Path, values: Any, shape: tuple[int, ...]) -> F32:
    """An array of a known shape from a file's values.

    Raises:
        UsageError: they are no numbers of this shape.
    """
    try:
        return np.array(values, np.float32).reshape(shape)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{file}: a posture must be numbers of shape {shape}") from error


def check_size(file: Path) -> None:
    """Raise UsageError where a file is too large to be a table."""
    if file.stat().st_size > MAX_FILE_BYTES:
        raise UsageError(f"{file} is larger than {MAX_FILE_BYTES} bytes")
