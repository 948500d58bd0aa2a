"""Keeps the name of a result folder for one source, from the making of its job to its manifest.

    OUT/.coach/<name>/claim.json    {"path", "sha256"}

Once the manifest is there, it says whose result the folder holds, and the claim is removed.

Claims work between machines that share a disk. A claim is written to a folder with a random name,
which is then renamed. Renaming fails where a claim exists already. So a claim is never seen half
written, and where two commands want a name, one of them gets it.
"""

import errno
import json
import os
import shutil
import stat
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from shared.errors import OutputError
from shared.files import locked
from shared.names import CLAIMS_FOLDER, readable

#: File of a claim, in a folder with the result folder's name.
_FILE = "claim.json"

#: Largest claim that is read, in bytes: one takes a path and 100 bytes.
_MAX_BYTES = 2**16

#: Tries to make a claim; one fails where another process makes or removes a claim at that moment,
#: all do where something else is in its place.
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


def claim(folder: Path, owner: Owner) -> Owner:
    """Claim the name of a result folder, unless another has it.

    Args:
        folder: the result folder; it need not exist.
        owner: who claims it.

    Returns:
        Who has the claim now.

    Raises:
        OutputError: something else lies where the claim would be.
        OSError: the file system cannot store this name.
    """
    place = _place(folder)
    claims = place.parent
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(claims.lstat().st_mode):  # asked once: another process may remove it
            raise _in_the_way(claims)
    with locked(folder.parent):
        for _ in range(_TRIES):
            try:
                found = _read(place)
            except ValueError:
                (place / _FILE).unlink(missing_ok=True)
                found = None
            if found is not None:
                return found
            if _make(place, owner):
                return owner
    raise _in_the_way(place)


def holder(folder: Path) -> Owner | None:
    """Who claims the name of a result folder; None if nobody does."""
    with suppress(ValueError):
        return _read(_place(folder))
    return None


def release(folder: Path, owner: Owner) -> None:
    """Remove the claim of an owner, if it is there; that of another stays."""
    place = _place(folder)
    if holder(folder) != owner:
        return
    with suppress(OSError):
        (place / _FILE).unlink()
        place.rmdir()
        place.parent.rmdir()  # unless there are others


def _place(folder: Path) -> Path:
    return folder.parent / CLAIMS_FOLDER / folder.name


def _in_the_way(path: Path) -> OutputError:
    return OutputError(
        f"{path} is in the place of a hidden folder that keeps the names of results; move {path} "
        "away, or choose another --out"
    )


def _make(place: Path, owner: Owner) -> bool:
    """Make a claim; False if another process was faster, or something else is in its place."""
    new = place.with_name(f".{uuid.uuid4().hex}")
    try:
        new.mkdir(parents=True)
        (new / _FILE).write_text(json.dumps(asdict(owner)) + "\n", "utf-8")
        os.rename(new, place)
    except FileNotFoundError:
        return False  # another process has removed the last claim, and the folder of the claims
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            return False
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        with suppress(OSError):
            place.parent.rmdir()
    return True


def _read(place: Path) -> Owner | None:
    """Who has a claim; None if there is none.

    Raises:
        ValueError: it is damaged, for example by a power cut.
    """
    if os.path.islink(place.parent) or os.path.islink(place):
        return None  # not made here
    try:
        with (place / _FILE).open("rb") as file:
            text = file.read(_MAX_BYTES)
    except OSError:
        return None
    try:
        content = json.loads(text)
        return Owner(str(content["path"]), str(content["sha256"]))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{place} is damaged") from error
