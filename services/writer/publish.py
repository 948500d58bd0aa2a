"""Puts a finished result in its place: all of it, or nothing.

Files are made in a hidden folder beside the result's and moved in when all are there. The old
manifest goes first and the new one comes last: a folder with a manifest is a complete result.
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

#: Every file that a result may hold beside its manifest.
KNOWN_FILES = {VIDEO, ANALYSIS, TABLE, REPORT}


@contextmanager
def staging(out: Path, job_id: str) -> Iterator[Path]:
    """A fresh folder to make files in; gone when the block ends, however it ends.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    prefix = f".{out.name}.{job_id}.{socket.gethostname()}-"
    folder = out.parent / f"{prefix}{os.getpid()}.partial"
    with _disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for old in out.parent.glob(glob.escape(prefix) + "*.partial"):
            if not _is_running(old.name.removeprefix(prefix).removesuffix(".partial")):
                shutil.rmtree(old, ignore_errors=True)  # a try before this one died in it
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(staged: Path, out: Path, manifest: Manifest) -> None:
    """Move all staged files into `out` and write the manifest, with their hashes, last."""
    with _disk_errors(out):
        files = sorted(path for path in staged.iterdir() if path.name != MANIFEST)
        described = {path.name: _described(path) for path in files}
        text = json.dumps(dumped(replace(manifest, files=described)), indent=2) + "\n"
        (staged / MANIFEST).write_text(text, "utf-8")
        out.mkdir(exist_ok=True)
        (out / MANIFEST).unlink(missing_ok=True)
        for path in files:
            _sync(path)
            os.replace(path, out / path.name)
        for name in KNOWN_FILES - set(described):
            (out / name).unlink(missing_ok=True)  # of an earlier run with other options
        _sync(staged / MANIFEST)
        _sync(out)  # no power cut leaves a manifest without its files
        os.replace(staged / MANIFEST, out / MANIFEST)
        _sync(out)


def is_published(out: Path, job_id: str, created_s: float) -> bool:
    """Whether `out` holds the complete result of this very job."""
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
    """Whether a process of this number lives; one that lost its RQ worker may still be writing."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return int(pid) != os.getpid()


def _described(path: Path) -> FileRecord:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(sha256, path.stat().st_size)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write the result to {out} ({error.strerror}); "
            "make room or set its permissions, or choose another --out"
        ) from error
