"""Moves a finished result to its folder: all of it, or nothing.

Files are written to a hidden folder beside the result's, and moved when all are complete. The old
manifest is removed first and the new one is written last: a folder with a manifest holds a complete
result.
"""

import glob
import hashlib
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from services.writer.results import ANALYSIS, REPORT, TABLE, VIDEO
from shared.data.document import dumped
from shared.data.manifest import FileRecord, Manifest
from shared.errors import OutputError

MANIFEST = "manifest.json"

#: Files of a result besides its manifest; some are optional.
KNOWN_FILES = {VIDEO, ANALYSIS, TABLE, REPORT}


@contextmanager
def staging(out: Path, job_id: str) -> Iterator[Path]:
    """A new folder to write files to; removed at the end of the block, on errors too.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    prefix = f".{out.name}.{job_id}.{socket.gethostname()}-"
    folder = out.parent / f"{prefix}{os.getpid()}.partial"
    with _converted_disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for old in out.parent.glob(glob.escape(prefix) + "*.partial"):
            if not _is_running(old.name.removeprefix(prefix).removesuffix(".partial")):
                shutil.rmtree(old, ignore_errors=True)  # left by an earlier attempt that died
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Path, out: Path, manifest: Manifest) -> None:
    """Move all staged files to `out`, then write the manifest with their hashes."""
    with _converted_disk_errors(out):
        files = sorted(path for path in staged.iterdir() if path.name != MANIFEST)
        records = {path.name: _record_of(path) for path in files}
        text = json.dumps(dumped(replace(manifest, files=records)), indent=2) + "\n"
        (staged / MANIFEST).write_text(text, "utf-8")
        out.mkdir(exist_ok=True)
        (out / MANIFEST).unlink(missing_ok=True)
        for path in files:
            _sync(path)
            os.replace(path, out / path.name)
        for name in KNOWN_FILES - set(records):
            (out / name).unlink(missing_ok=True)  # from an earlier run with other options
        _sync(staged / MANIFEST)
        _sync(out)  # a power cut leaves no manifest without its files
        os.replace(staged / MANIFEST, out / MANIFEST)
        _sync(out)


def is_published(out: Path, job_id: str, created_s: float) -> bool:
    """Whether `out` holds the complete result of exactly this job."""
    try:
        manifest = json.loads((out / MANIFEST).read_text())
        return bool(
            manifest["job"] == job_id
            and manifest["created_s"] == created_s
            and all((out / name).is_file() for name in manifest["files"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_running(pid: str) -> bool:
    """Whether another process has this number: without its RQ worker it may still write."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return int(pid) != os.getpid()


def _record_of(path: Path) -> FileRecord:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(sha256, path.stat().st_size)


def _sync(path: Path) -> None:
    """Write a file or a folder through to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _converted_disk_errors(out: Path) -> Iterator[None]:
    """Raise OSError as OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the result to {out} ({error.strerror}); "
            "make room or set its permissions, or choose another --out"
        ) from error
