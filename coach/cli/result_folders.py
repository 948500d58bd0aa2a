"""Chooses the result folder of each clip: one that is free, or the clip's own from before."""

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.writer.contents import JOURNAL, contents_of, foreign_file
from shared import claims
from shared.claims import Owner
from shared.errors import OutputError
from shared.names import CLAIMS_FOLDER, folder_names, max_name_bytes, max_path_bytes

#: Names of the folders of a recording's sets.
_SET = re.compile(r"set-\d\d+-\d\d-\d\d")

#: Numbers in a row that may be missing (removed by hand) when a clip's own folder is looked for.
_MAX_GAP = 20

#: Longest name of a hidden folder beside the results, in bytes: that of a writer's unfinished
#: files, `.<job>.<host>-<pid>.partial`, on a host whose name is as long as Linux allows (64 bytes).
_BESIDE_BYTES = 101

#: Why a result has not its clip's name although no other result is in the way.
UNSUITABLE = "a folder cannot have the clip's own name"


@dataclass
class _Names:
    """The names that are tried for clips of the same file name.

    Attributes:
        first: The best name.
        candidate: The first name that no clip of this command was refused.
        rest: The names after `candidate`.
        owners: Whose a name is, of those that were read.
    """

    first: str
    candidate: str
    rest: Iterator[str]
    owners: dict[Owner, str] = field(default_factory=dict)


class ResultFolders:
    """Chooses and claims the result folders of one command's clips.

    A folder belongs to one source: a path as the person named it, and its content. The same source
    gets its own folder again, another the next name. `out` is listed once, and a folder is read
    for the first clip of its name only, so that thousands of clips may have one name.

    Args:
        out: the folder for results, absolute.
        video: whether the results have an annotated video.
        reserved: names that no folder gets which is not its clip's already.
    """

    def __init__(self, out: Path, video: bool, reserved: Collection[str] = ()) -> None:
        self._out = out
        self._reserved = reserved
        self._video = video
        self._present: set[str] = set()
        for folder in (out, out / CLAIMS_FOLDER):
            with suppress(OSError):
                self._present.update(os.listdir(folder))
        self._names: dict[str, _Names] = {}
        self._claimed: list[tuple[Path, Owner]] = []

    def choose(self, clip: Path, sha256: str) -> tuple[Path, str]:
        """Choose and claim a clip's result folder.

        Args:
            clip: the clip, absolute.
            sha256: fingerprint of its content.

        Returns:
            The folder, and why it has not the clip's own name; "" if it has.

        Raises:
            OutputError: the file system cannot store it, or a person's file is in the way.
        """
        owner = Owner.of(str(clip), sha256)
        try:
            return self._choose(clip, owner)
        except OSError as error:
            raise OutputError(
                f"{clip}: its result folder cannot be made in {self._out} ({error.strerror}); "
                "rename the clip, or choose another --out"
            ) from error

    def give_up(self) -> None:
        """Remove the claims that were made here; those from before stay."""
        for folder, owner in self._claimed:
            claims.release(folder, owner)

    def _choose(self, clip: Path, owner: Owner) -> tuple[Path, str]:
        names = self._names_of(clip)
        name = names.owners.get(owner, names.candidate)
        while not self._claim(name, clip, owner):
            if name == names.candidate:
                self._read_owners(name, names)  # of another command that runs
                names.candidate = next(names.rest)
            name = names.candidate
        names.owners[owner] = name
        if name == names.first:
            reason = "" if name == clip.stem else UNSUITABLE
            return self._out / name, reason
        first = self._out / names.first
        reason = _blocked(first, owner, self._video)
        return self._out / name, reason and f"{first} {reason}"

    def _names_of(self, clip: Path) -> _Names:
        """The names for a clip, with the owners of the folders that exist."""
        if clip.name not in self._names:
            limit = max_name_bytes(self._out)
            rest = (name for name in folder_names(clip, limit) if name not in self._reserved)
            first = next(rest)
            names = _Names(first, first, rest)
            missing = 0
            for name in folder_names(clip, limit):
                missing = 0 if name in self._present else missing + 1
                if missing > _MAX_GAP:
                    break
                if not missing:
                    self._read_owners(name, names)
            self._names[clip.name] = names
        return self._names[clip.name]

    def _read_owners(self, name: str, names: _Names) -> None:
        folder = self._out / name
        for owner in (contents_of(folder).owner, claims.holder(folder)):
            if owner is not None:
                names.owners.setdefault(owner, name)

    def _claim(self, name: str, clip: Path, owner: Owner) -> bool:
        """Claim a folder; whether that is possible."""
        folder = self._out / name
        _check_length(folder, clip)
        if _blocked(folder, owner, self._video):
            return False
        if claims.holder(folder) is None:
            self._claimed.append((folder, owner))
        if claims.claim(folder, owner) != owner:
            return False
        # Since the first look its last owner may have published, which ends a claim.
        if contents_of(folder).owner in (None, owner):
            return True
        claims.release(folder, owner)
        return False


def _blocked(folder: Path, owner: Owner, video: bool) -> str:
    """Why a result of this owner may not go to a folder; "" if it may."""
    holder = claims.holder(folder)
    if os.path.lexists(folder):
        if not folder.is_dir():
            return "is a file"
        contents = contents_of(folder)
        if contents.owner not in (None, owner):
            return f"holds the result of {_name_of(contents.owner, owner)}"
        foreign = foreign_file(folder, contents, video)
        if foreign is not None:
            return f"holds {foreign}, which is not of an earlier result or was changed since"
        if contents.owner is None and holder != owner and _has_files(folder):
            return "holds other files"
    if holder not in (None, owner):
        return f"is kept for the result of {_name_of(holder, owner)}"
    return ""


def _has_files(folder: Path) -> bool:
    """Whether a folder holds anything.

    Hidden files, which file managers leave, do not count, nor do sets of a recording whose list was
    never written: that is how a recording that was cancelled finds its folder again.
    """
    return any(
        entry.name == JOURNAL or not (entry.name.startswith(".") or _SET.fullmatch(entry.name))
        for entry in folder.iterdir()
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
