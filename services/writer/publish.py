"""Moves a finished result to its folder: all of it, or nothing.

Files are written to a hidden folder beside the result's, and moved when all are complete. The old
manifest is removed first and the new one is written last: a folder with a manifest holds a complete
result. In between, a journal says which files are the product's own; the others are a person's,
which are never overwritten or removed.
"""

import glob
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from services.writer.contents import (
    JOURNAL,
    KNOWN_FILES,
    MANIFEST,
    Contents,
    contents_of,
    foreign_file,
    is_written,
    journal_text,
    sha256_of,
)
from services.writer.results import VIDEO
from shared import claims
from shared.claims import Owner
from shared.data.document import dumped
from shared.data.manifest import FileRecord, Manifest
from shared.errors import OutputError
from shared.files import locked
from shared.names import CUTTING


@contextmanager
def staging(out: Path, job_id: str) -> Iterator[Path]:
    """A new folder to write files to; removed at the end of the block, on errors too.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    # Not the result's name: with these additions it may be too long for the file system.
    prefix = f".{job_id}.{socket.gethostname()}-"
    folder = out.parent / f"{prefix}{os.getpid()}.partial"
    with _converted_disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        for old in out.parent.glob(glob.escape(prefix) + "*.partial"):
            if not _is_running(old.name.removeprefix(prefix).removesuffix(".partial")):
                shutil.rmtree(old, ignore_errors=True)  # left by an earlier attempt that died
        folder.mkdir(0o700)  # nobody else can put a link in the place of a file
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def has_staged(out: Path, job_id: str) -> bool:
    """Whether unfinished files of a job lie beside its result folder, or a set's in it."""
    return any(_staged(out, job_id)) or any(_cutting(out, job_id))


def remove_staged(out: Path, job_id: str) -> None:
    """Remove the unfinished files of a job, of all machines.

    To be called with the job's lease, or once the job has ended. A task that still writes has lost
    the lease then, and can no longer publish.
    """
    for old in _staged(out, job_id):
        shutil.rmtree(old, ignore_errors=True)
    for clip in _cutting(out, job_id):
        with suppress(OSError):
            clip.unlink()
            clip.parent.rmdir()  # unless it holds the clip of an earlier look


def _staged(out: Path, job_id: str) -> list[Path]:
    return list(out.parent.glob(f".{glob.escape(job_id)}.*.partial"))


def _cutting(out: Path, job_id: str) -> list[Path]:
    found = out.glob(f"set-*/{CUTTING}{glob.escape(job_id)}-*")
    return [clip for clip in found if not clip.parent.is_symlink()]


def publish(
    staged: Path,
    out: Path,
    manifest: Manifest,
    check: Callable[[], None] = lambda: None,
    begin_moving: Callable[[], None] = lambda: None,
) -> None:
    """Move all staged files to `out`, then write the manifest with their hashes.

    A process that is killed at any line leaves what the next try can replace: the old manifest or
    the journal knows each file that is there.

    Args:
        staged: the folder with the files.
        out: the result folder.
        manifest: the manifest, without its files.
        check: called between the hashes of the files; what it raises ends the work.
        begin_moving: called once the folder is locked, before the first file is moved; likewise.

    Raises:
        OutputError: the folder cannot be written, or holds what this result must not replace.
    """
    owner = Owner(manifest.source.path, manifest.source.sha256)
    with _converted_disk_errors(out):
        files = sorted(path for path in staged.iterdir() if path.name != MANIFEST)
        records = {path.name: _record_of(path, check) for path in files}
        text = json.dumps(dumped(replace(manifest, files=records)), indent=2) + "\n"
        (staged / MANIFEST).write_text(text, "utf-8")
        out.mkdir(exist_ok=True)
        with locked(out):
            before = contents_of(out)
            _check_replaceable(out, owner, before, VIDEO in records)
            ours = before.with_files({name: file.sha256 for name, file in records.items()})
            (staged / JOURNAL).write_text(journal_text(owner, ours), "utf-8")
            begin_moving()
            _move(staged / JOURNAL, out)
            _sync(out)  # a power cut leaves no file that neither manifest nor journal knows
            (out / MANIFEST).unlink(missing_ok=True)
            for path in files:
                _move(path, out)
            for name in KNOWN_FILES - set(records):
                if is_written(out / name, before):
                    (out / name).unlink()  # from an earlier run with other options
            _sync(out)  # a power cut leaves no manifest without its files
            _move(staged / MANIFEST, out)
            _sync(out)
    finish_publishing(out, owner)


def finish_publishing(out: Path, owner: Owner) -> None:
    """Remove what a published result does not need any more: the journal, and its claim."""
    with _converted_disk_errors(out):
        (out / JOURNAL).unlink(missing_ok=True)
        claims.release(out, owner)


def _check_replaceable(out: Path, owner: Owner, before: Contents, video: bool) -> None:
    """Raise OutputError where a folder holds another's result, or a person's own file."""
    if before.owner not in (None, owner):
        raise OutputError(
            f"{out} holds the result of {before.owner.path}; choose another --out"
            if before.owner.path != owner.path
            else f"{out} holds the result of an earlier content of {owner.path}; move it away, or "
            "choose another --out"
        )
    foreign = foreign_file(out, before, video)
    if foreign is not None:
        raise OutputError(
            f"{out / foreign} is not of an earlier result, or was changed since; move it away, or "
            "choose another --out"
        )


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
    except (ProcessLookupError, OverflowError):
        return False
    except ValueError:
        return True  # no number: a process of another host, whose name begins like this one's
    except PermissionError:
        pass
    return int(pid) != os.getpid()


def _record_of(path: Path, check: Callable[[], None]) -> FileRecord:
    check()
    return FileRecord(sha256_of(path), path.stat().st_size)


def _move(path: Path, folder: Path) -> None:
    """Move a file to a folder, once it is on the disk; it takes the place of one of its name."""
    _sync(path)
    os.replace(path, folder / path.name)


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
