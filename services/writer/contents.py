"""What a result folder holds: whose result, and which of its files this product wrote.

The manifest says so, and while a result is published the journal. Any other file is a person's.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.writer.results import ANALYSIS, REPORT, SETS, TABLE, VIDEO
from shared.claims import Owner

MANIFEST = "manifest.json"

#: Lies in a result folder while files are moved to it: {"source", "files": name → hashes}. It is
#: left there if that is interrupted, so that the next try knows the files.
JOURNAL = ".coach-publishing.json"

#: Files of a result besides its manifest; some are optional.
KNOWN_FILES = {VIDEO, ANALYSIS, TABLE, REPORT, SETS}

#: Largest manifest or journal that is read, in bytes: one takes about 3 kB.
_MAX_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Contents:
    """What a result folder says of itself.

    Attributes:
        owner: The source of the result; None where no result is or was begun.
        written: File name → hashes of what this product wrote under that name.
    """

    owner: Owner | None
    written: dict[str, frozenset[str]]

    def with_files(self, hashes: dict[str, str]) -> dict[str, frozenset[str]]:
        """`written`, and further files by name and hash."""
        merged = dict(self.written)
        for name, sha256 in hashes.items():
            merged[name] = merged.get(name, frozenset()) | {sha256}
        return merged


def contents_of(out: Path) -> Contents:
    """Read what a result folder says of itself; it need not exist."""
    owner = None
    written: dict[str, frozenset[str]] = {}
    for name in (MANIFEST, JOURNAL):
        found, files = _read(out / name)
        owner = owner or found
        for file, hashes in files.items():
            written[file] = written.get(file, frozenset()) | hashes
    return Contents(owner, written)


def journal_text(owner: Owner, written: dict[str, frozenset[str]]) -> str:
    """The content of the journal."""
    source = {"path": owner.path, "sha256": owner.sha256}
    files = {name: sorted(hashes) for name, hashes in written.items()}
    return json.dumps({"source": source, "files": files}, indent=2) + "\n"


def foreign_file(out: Path, contents: Contents, video: bool) -> str | None:
    """Name of a file that a result would overwrite and that this product did not write; or None.

    Args:
        out: the result folder.
        contents: what it says of itself.
        video: whether the result has an annotated video.
    """
    manifest = out / MANIFEST
    if os.path.lexists(manifest) and _read(manifest)[0] is None:
        return MANIFEST
    names = KNOWN_FILES if video else KNOWN_FILES - {VIDEO}
    for name in sorted(names):
        if os.path.lexists(out / name) and not is_written(out / name, contents):
            return name
    return None


def is_written(path: Path, contents: Contents) -> bool:
    """Whether a file is as this product wrote it."""
    hashes = contents.written.get(path.name)
    if not hashes or path.is_symlink() or not path.is_file():
        return False
    return sha256_of(path) in hashes


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path) -> tuple[Owner | None, dict[str, frozenset[str]]]:
    """Owner and files of a manifest or journal; None and nothing where it is missing or neither."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
        source = content["source"]
        owner = Owner(str(source["path"]), str(source["sha256"]))
        return owner, {str(name): _hashes(value) for name, value in content["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, {}


def _hashes(value: Any) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({value["sha256"]})
