"""Keeps the name of a result folder for one source, from the making of its job to its manifest.

    OUT/.coach/<name>/claim.json    {"path", "sha256", "host", "pid", "lasting"}

Once the manifest is there, it says whose result the folder holds, and the claim is removed. Claims
work between machines that share a disk: a folder that is renamed takes no other's place unless that
is empty, so that a claim is complete from its start, and one of two commands gets it.
"""

import errno
import json
import os
import shutil
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shared.files import locked
from shared.names import CLAIMS_FOLDER, readable

#: File of a claim, in a folder with the result folder's name.
_FILE = "claim.json"

#: Largest claim that is read, in bytes: one takes a path and 200 bytes.
_MAX_BYTES = 2**16

#: Tries to make a claim; each fails only if another process makes or removes one at that moment.
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Owner:
    """The source that a result folder belongs to.

    Attributes:
        path: Its path as readable text.
        sha256: Fingerprint of its content.
    """

    path: str
    sha256: str

    @classmethod
    def of(cls, source: str, sha256: str) -> Self:
        """The owner for a source's path and fingerprint."""
        return cls(readable(source), sha256)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim: the owner, the process that made it, and whether it outlives that process."""

    owner: Owner
    host: str
    pid: int
    lasting: bool


def take(folder: Path, owner: Owner, while_running: bool) -> tuple[Owner, bool]:
    """Claim the name of a result folder, unless another has it.

    Args:
        folder: the result folder; it need not exist.
        owner: who claims it.
        while_running: the claim ends with this process, even if that is killed.

    Returns:
        Who has the claim now, and whether it was made here.

    Raises:
        OSError: the file system cannot store this name.
    """
    place = _place(folder)
    claim = _Claim(owner, socket.gethostname(), os.getpid(), lasting=not while_running)
    with locked(folder.parent):
        for _ in range(_TRIES):
            present = os.path.lexists(place)
            found = _read(place)
            if found is not None and not _has_died(found):
                return found.owner, False
            if present:  # empty, damaged, or of a process that was killed
                _remove(place)
            if _make(place, claim):
                return owner, True
    raise OSError(errno.EBUSY, "its name cannot be claimed", str(folder))


def holder(folder: Path) -> Owner | None:
    """Who claims the name of a result folder; None if nobody does."""
    found = _read(_place(folder))
    return None if found is None or _has_died(found) else found.owner


def release(folder: Path, owner: Owner, own_only: bool = False) -> None:
    """Remove the claim of an owner, if it is there.

    Args:
        folder: the result folder.
        owner: whose claim is removed; that of another stays.
        own_only: remove it only if this process made it.
    """
    place = _place(folder)
    found = _read(place)
    if found is None or found.owner != owner:
        return
    if own_only and (found.host, found.pid) != (socket.gethostname(), os.getpid()):
        return
    with suppress(OSError):
        (place / _FILE).unlink()
        place.rmdir()
        place.parent.rmdir()  # unless there are others


def _place(folder: Path) -> Path:
    return folder.parent / CLAIMS_FOLDER / folder.name


def _make(place: Path, claim: _Claim) -> bool:
    """Make a claim; False if another process was faster."""
    new = place.with_name(f".{uuid.uuid4().hex}")
    owner = {"path": claim.owner.path, "sha256": claim.owner.sha256}
    process = {"host": claim.host, "pid": claim.pid, "lasting": claim.lasting}
    text = json.dumps(owner | process)
    try:
        new.mkdir(parents=True)
        (new / _FILE).write_text(text + "\n", "utf-8")
        os.rename(new, place)
    except FileNotFoundError:
        return False  # another process has removed the last claim, and the folder of the claims
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        with suppress(OSError):
            place.parent.rmdir()
    return True


def _read(place: Path) -> _Claim | None:
    """A claim; None if there is none, or it is empty or damaged."""
    try:
        with (place / _FILE).open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
        owner = Owner(str(content["path"]), str(content["sha256"]))
        host, pid = str(content["host"]), int(content["pid"])
        return _Claim(owner, host, pid, bool(content["lasting"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _has_died(claim: _Claim) -> bool:
    """Whether the claim's process was killed before it could remove it."""
    if claim.lasting or claim.pid <= 0 or claim.host != socket.gethostname():
        return False
    try:
        os.kill(claim.pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass
    return False


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
