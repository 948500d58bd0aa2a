"""Where the result of each recording goes: the archive's folders, mirrored.

    archive/cam1/2026-01-01/clip.mp4  →  OUT/cam1/2026-01-01/clip/

Where two recordings of a folder differ in their ending only, or a folder is called like a recording
without its ending, the result's folder has the whole name: `clip.mp4`. A folder belongs to one
recording and its content, as in `coach analyze`, so that no result replaces another's.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from coach.archive.ledger import LEDGER
from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder
from coach.archive.summary import FILES
from coach.cli.result_folders import UNSUITABLE, ResultFolders
from services.writer.contents import MANIFEST
from shared.data import document
from shared.data.job_options import JobOptions
from shared.errors import UsageError
from shared.names import folder_names, max_name_bytes, readable

#: Names that are tried for a recording's earlier result although those before are missing: the
#: name without the ending, and the whole one.
_FIRST_NAMES = 2

#: Files that a batch writes to the folder for results.
_OWN_FILES = {*FILES, LEDGER}

#: Largest manifest that is read, in bytes: one takes about 3 kB.
_MAX_BYTES = 2**20


class Places:
    """Finds earlier results, and chooses the folders of new ones.

    Args:
        out: the folder for results on this machine, absolute; of remote results, where they are
            written before they are uploaded.
        remote: where results are kept, if not on this machine.
        video: whether the results have an annotated video.
    """

    def __init__(self, out: Path, remote: RemoteFolder | None, video: bool) -> None:
        self.out = out
        self._remote = remote
        self._video = video
        self._reserved: dict[PurePosixPath, set[str]] = defaultdict(set)
        self._folders: dict[PurePosixPath, ResultFolders] = {}

    def reserve(self, recordings: Iterable[Recording]) -> None:
        """Take note of the names that no recording's folder may have."""
        stems: Counter[tuple[PurePosixPath, str]] = Counter()
        for one in recordings:
            relative = one.relative
            stems[relative.parent, relative.stem] += 1
            while relative.parent != relative:
                relative = relative.parent
                self._reserved[relative.parent].add(relative.name)
        for (parent, stem), count in stems.items():
            if count > 1:
                self._reserved[parent].add(stem)
        self._reserved[PurePosixPath()].update(_OWN_FILES)

    def refusal(self, recording: Recording) -> str:
        """Why a recording's result can have no folder; "" if it can."""
        top, *below = recording.relative.parts
        if not below or top not in _OWN_FILES:
            return ""
        return f"a file of the results is called {top}, as its folder is; rename that folder"

    def look_ahead(self, recordings: Sequence[Recording]) -> None:
        """Read the remote manifests that these recordings probably have, many at a time."""
        if self._remote is not None:
            most = max_name_bytes(self.out)
            places = (
                one.relative.parent / next(folder_names(one.path, most)) for one in recordings
            )
            self._remote.read_ahead((place / MANIFEST for place in places), _MAX_BYTES)

    def find_done(
        self, recording: Recording, sha256: str, options: JobOptions
    ) -> tuple[PurePosixPath, bytes] | None:
        """The folder of a recording's complete result with these options, and its manifest."""
        for place, manifest in self._results(recording):
            if _is_result_of(manifest, recording, sha256, options) and self._is_whole(
                place, manifest
            ):
                return place, manifest
        return None

    def has_result(self, recording: Recording) -> bool:
        """Whether there is a result that may be a recording's."""
        return any(True for _ in self._results(recording))

    def choose(self, recording: Recording, sha256: str) -> tuple[Path, str]:
        """Choose and claim the folder of a recording's result.

        Returns:
            The folder, and what is in the way of the usual one; "" if nothing is.

        Raises:
            OutputError: the file system cannot store it, or a person's file is in the way.
        """
        parent = recording.relative.parent
        reserved = self._reserved[parent]
        in_the_way = ""
        if self._remote is not None:
            for place, manifest in self._results(recording):
                if not _is_owned(manifest, recording, sha256):
                    reserved.add(place.name)
                    in_the_way = in_the_way or f"{place} holds the result of another content"
        if parent not in self._folders:
            self._folders.clear()  # recordings come in order: it holds the names of one folder
            folder = self.out / parent
            folder.mkdir(parents=True, exist_ok=True)
            self._folders[parent] = ResultFolders(folder, self._video, reserved)
        chosen, reason = self._folders[parent].choose(recording.path, sha256)
        if self._remote is None and reason != UNSUITABLE:  # else it is one of the rules above
            in_the_way = reason
        return chosen, in_the_way

    def relative(self, folder: Path) -> PurePosixPath:
        """A result's folder within the folder for results."""
        return PurePosixPath(folder.relative_to(self.out).as_posix())

    def manifest(self, place: PurePosixPath) -> bytes | None:
        """The manifest of a result; None if there is none."""
        if self._remote is not None:
            if MANIFEST not in self._remote.names(place):
                return None
            return self._remote.read(place / MANIFEST, _MAX_BYTES)
        try:
            with (self.out / place / MANIFEST).open("rb") as file:
                return file.read(_MAX_BYTES)
        except OSError:
            return None

    def _results(self, recording: Recording) -> Iterator[tuple[PurePosixPath, bytes]]:
        """Folders that may hold a recording's results, and their manifests."""
        parent = recording.relative.parent
        names = folder_names(recording.path, max_name_bytes(self.out))
        for number, name in enumerate(names):
            manifest = self.manifest(parent / name)
            if manifest is not None:
                yield parent / name, manifest
            elif number >= _FIRST_NAMES:
                return

    def _is_whole(self, place: PurePosixPath, manifest: bytes) -> bool:
        files = _read(manifest).get("files", {})
        if self._remote is not None:
            return set(files) <= self._remote.names(place)
        return all((self.out / place / name).is_file() for name in files)


def _is_result_of(manifest: bytes, recording: Recording, sha256: str, options: JobOptions) -> bool:
    if not _is_owned(manifest, recording, sha256):
        return False
    try:
        return document.loaded(JobOptions, _read(manifest).get("options")) == options
    except UsageError:
        return False


def _is_owned(manifest: bytes, recording: Recording, sha256: str) -> bool:
    """Whether a result is of this recording and content; the archive may have been moved since."""
    source = _read(manifest).get("source", {})
    try:
        path = str(source["path"])
        is_content = source["sha256"] == sha256
    except (KeyError, TypeError):
        return False
    return is_content and f"/{path}".endswith(f"/{readable(str(recording.relative))}")


def _read(manifest: bytes) -> dict[str, Any]:
    """A manifest's fields; none if it is damaged."""
    try:
        content = json.loads(manifest)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
