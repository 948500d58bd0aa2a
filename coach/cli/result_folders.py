"""Chooses the result folder of each clip: one that is free, or the clip's own from before."""

import itertools
import os
import socket
from pathlib import Path

from services.writer.contents import JOURNAL, contents_of, foreign_file
from shared import claims
from shared.claims import Owner
from shared.errors import OutputError
from shared.names import CLAIMS_FOLDER, folder_names, max_name_bytes, max_path_bytes

#: Numbers in a row that may be missing (removed by hand) when a clip's own folder is looked for.
_MAX_GAP = 20

#: Longest name of a folder beside the results, in bytes: claims, and unfinished files under the
#: names of a job, this machine and a process.
_BESIDE_BYTES = max(len(CLAIMS_FOLDER) + 1 + 33, len(socket.gethostname()) + 40)


def choose_folder(
    out: Path, clip: Path, sha256: str, video: bool, while_running: bool
) -> tuple[Path, str]:
    """Choose and claim a clip's result folder.

    A folder belongs to one source: a path as the person named it, and its content. The same source
    gets its own folder again, another the next name.

    Args:
        out: the folder for results, absolute.
        clip: the clip, absolute.
        sha256: fingerprint of its content.
        video: whether the result has an annotated video.
        while_running: the claim ends with this process.

    Returns:
        The folder, and why it has not the clip's own name; "" if it has.

    Raises:
        OutputError: the file system cannot store it.
    """
    owner = Owner.of(str(clip), sha256)
    try:
        limit = max_name_bytes(out)
        own = _own_name(out, clip, limit, owner)
        blocked: dict[str, str] = {}
        for name in itertools.chain([own] if own else [], folder_names(clip, limit)):
            _check_length(out / name, clip)
            reason = _take(out / name, owner, video, while_running)
            if not reason:
                break
            blocked[name] = reason
    except OSError as error:
        raise OutputError(
            f"{clip}: its result folder cannot be made in {out} ({error.strerror}); rename the "
            "clip, or choose another --out"
        ) from error
    first = next(folder_names(clip, limit))
    if name == first:
        return out / name, "" if name == clip.stem else "a folder cannot have the clip's own name"
    reason = blocked.get(first) or _occupied(out / first, owner, video)
    return out / name, reason and f"{out / first} {reason}"


def _own_name(out: Path, clip: Path, limit: int, owner: Owner) -> str | None:
    """Name of the folder that is the clip's own from before, if there is one."""
    missing = 0
    for name in folder_names(clip, limit):
        folder = out / name
        if contents_of(folder).owner == owner or claims.holder(folder) == owner:
            return name
        missing = 0 if os.path.lexists(folder) or claims.holder(folder) else missing + 1
        if missing > _MAX_GAP:
            return None
    return None


def _take(folder: Path, owner: Owner, video: bool, while_running: bool) -> str:
    """Claim a folder; why that is not possible, or ""."""
    reason = _occupied(folder, owner, video)
    if reason:
        return reason
    holder, made = claims.take(folder, owner, while_running)
    if holder != owner:
        return f"is kept for the result of {_name_of(holder, owner)}"
    # Since the first look its last owner may have published, which ends a claim.
    published = contents_of(folder).owner
    if published in (None, owner):
        return ""
    if made:
        claims.release(folder, owner)
    return f"holds the result of {_name_of(published, owner)}"


def _occupied(folder: Path, owner: Owner, video: bool) -> str:
    """Why a result of this owner may not go to a folder; "" if it may."""
    if not os.path.lexists(folder):
        return ""
    if not folder.is_dir():
        return "is a file"
    contents = contents_of(folder)
    if contents.owner not in (None, owner):
        return f"holds the result of {_name_of(contents.owner, owner)}"
    foreign = foreign_file(folder, contents, video)
    if foreign is not None:
        return f"holds {foreign}, which is not of an earlier result or was changed since"
    if contents.owner is None and claims.holder(folder) != owner and _has_files(folder):
        return "holds other files"
    return ""


def _has_files(folder: Path) -> bool:
    """Whether a folder holds anything; hidden files, which file managers leave, do not count."""
    return any(
        not entry.name.startswith(".") or entry.name == JOURNAL for entry in folder.iterdir()
    )


def _name_of(other: Owner, owner: Owner) -> str:
    return other.path if other.path != owner.path else f"an earlier content of {owner.path}"


def _check_length(folder: Path, clip: Path) -> None:
    """Raise OutputError where the files of a result would have too long a path."""
    longest = max(len(os.fsencode(folder.name)) + len(CLAIMS_FOLDER) + 1, _BESIDE_BYTES)
    needed = len(os.fsencode(folder.parent)) + 1 + longest + 1 + len(JOURNAL)
    limit = max_path_bytes(folder.parent)
    if needed > limit:
        raise OutputError(
            f"{clip}: the paths of its result would take {needed} bytes, and this system allows "
            f"{limit}; choose a shorter --out"
        )
