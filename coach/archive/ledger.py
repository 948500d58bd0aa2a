"""What a batch remembers between its runs, so that ten thousand finished recordings cost seconds.

    OUT/.coach-archive.jsonl    one JSON object a line; a later line replaces an earlier one

A line says the fingerprint of a file as it was, or what the summary shows of a result. Both are
looked up by what would change with them, so that a lost or damaged line costs time only. Lines are
appended; the file is written anew at the start of a run if most of it is out of date.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coach.archive.rows import Row
from shared.data import document
from shared.errors import OutputError, UsageError
from shared.files import replace_when_complete

#: Name of the file, in the folder for results.
LEDGER = ".coach-archive.jsonl"

#: Lines per current entry above which the file is rewritten without the outdated ones. Chosen: at
#: most half of what is read is outdated.
_LINES_PER_ENTRY = 2


class Ledger:
    """Fingerprints of files, and the rows of results.

    Args:
        file: where it is kept.
        is_kept: whether the file is written.
    """

    def __init__(self, file: Path, is_kept: bool = True) -> None:
        self._file = file
        self._is_kept = is_kept
        self._entries: dict[str, dict[str, Any]] = {}
        lines = self._read()
        if is_kept and lines > _LINES_PER_ENTRY * len(self._entries):
            self._write_anew()

    def fingerprint(self, path: Path, version: object) -> str:
        """The SHA-256 of a file of this version; "" if it is not known."""
        entry = self._entries.get(f"file {path}", {})
        return str(entry.get("sha256", "")) if entry.get("version") == str(version) else ""

    def keep_fingerprint(self, path: Path, version: object, sha256: str) -> None:
        """Remember the SHA-256 of a file."""
        self._append({"key": f"file {path}", "version": str(version), "sha256": sha256})

    def rows(self, recording: str, manifest: bytes) -> list[Row]:
        """The rows of a recording's result with this manifest; [] if they are not known."""
        entry = self._entries.get(f"rows {recording}", {})
        return _rows_of(entry) if entry.get("manifest") == _digest(manifest) else []

    def keep_rows(self, recording: str, manifest: bytes, rows: Iterable[Row]) -> None:
        """Remember the rows of a recording's result."""
        kept = [asdict(row) for row in rows]
        entry = {"key": f"rows {recording}", "manifest": _digest(manifest), "rows": kept}
        self._append(entry)

    def all_rows(self) -> list[Row]:
        """The rows of all results that were ever seen."""
        return [row for entry in self._entries.values() for row in _rows_of(entry)]

    def _append(self, entry: dict[str, Any]) -> None:
        self._entries[entry["key"]] = entry
        if not self._is_kept:
            return
        try:
            with self._file.open("a", encoding="ascii") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:
            raise OutputError(
                f"cannot write {self._file} ({error.strerror}); make room, or choose another --out"
            ) from error

    def _read(self) -> int:
        """Read the file; the number of its lines."""
        lines = 0
        if not self._file.is_file():
            return lines
        with self._file.open(encoding="ascii", errors="replace") as file:
            for line in file:
                lines += 1
                with suppress(ValueError, TypeError, KeyError):  # cut off by a power cut
                    entry = json.loads(line)
                    self._entries[str(entry["key"])] = entry
        return lines

    def _write_anew(self) -> None:
        with replace_when_complete(self._file) as partial:
            lines = (json.dumps(entry) + "\n" for entry in self._entries.values())
            partial.write_text("".join(lines), "ascii")


def _rows_of(entry: dict[str, Any]) -> list[Row]:
    """The rows of an entry; [] if another version of Coach wrote them."""
    try:
        return [document.loaded(Row, row) for row in entry.get("rows", ())]
    except (UsageError, TypeError):
        return []


def _digest(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()
