"""The spool: where remote recordings and results lie on this machine while they are worked on.

    SPOOL/<digest of archive and results>/sources/…  /results/…

Its path depends on the two URLs alone, so that a run after an interruption gives its jobs the same
identity. What an earlier run has left there is removed at the start, all of it at the end.
"""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import Self

from coach.archive.recordings import Recording
from coach.archive.remote import RemoteFolder
from coach.archive.rows import SETS
from services.writer.contents import MANIFEST
from services.writer.results import ANALYSIS, REPORT
from shared.errors import OutputError, SourceError, UsageError

#: Files of a result that the summary is made from.
SHOWN = frozenset({MANIFEST, SETS, ANALYSIS, REPORT})


class Spool:
    """Fetches recordings within a limit, and delivers results; a context manager.

    Args:
        folder: the folder of all spools.
        source: URL or path of the archive.
        out: URL or path of the folder for results.
        max_bytes: largest total size of the recordings that lie here at once.
    """

    def __init__(self, folder: Path, source: str, out: str, max_bytes: int) -> None:
        digest = hashlib.sha256(f"{source}\n{out}".encode(errors="surrogateescape")).hexdigest()
        self.folder = folder / digest[:16]
        self._max_bytes = max_bytes
        self._held: dict[PurePosixPath, int] = {}

    @property
    def sources(self) -> Path:
        """Where recordings lie."""
        return self.folder / "sources"

    @property
    def results(self) -> Path:
        """Where results lie until they are delivered."""
        return self.folder / "results"

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another batch of the same archive and results uses {self.folder}; wait for it"
            ) from error
        except OSError as error:
            raise OutputError(
                f"cannot use the spool {self.folder} ({error.strerror}); choose another --spool"
            ) from error
        for left in (self.sources, self.results):
            shutil.rmtree(left, ignore_errors=True)
            left.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def has_room(self, recording: Recording) -> bool:
        """Whether a recording may be fetched now.

        Raises:
            SourceError: it is larger than the limit.
        """
        if recording.size_bytes > self._max_bytes:
            raise SourceError(
                f"{recording.relative} has {recording.size_bytes / 1e9:.1f} GB, more than the "
                "spool may hold; raise --spool-gb"
            )
        return sum(self._held.values()) + recording.size_bytes <= self._max_bytes

    def fetch(self, remote: RemoteFolder, recording: Recording) -> None:
        """Fetch a recording, unless it is here already; SourceError if that fails."""
        if recording.relative in self._held:
            return  # the server did not take its job
        self._held[recording.relative] = recording.size_bytes
        remote.fetch(recording.relative, recording.path)

    def release(self, recording: Recording) -> None:
        """Remove a recording that was fetched."""
        if self._held.pop(recording.relative, None) is not None:
            recording.path.unlink(missing_ok=True)


def deliver(remote: RemoteFolder, folder: Path, place: PurePosixPath) -> None:
    """Upload a result, its manifest last, and remove it here.

    Args:
        remote: where results are kept.
        folder: the result's folder on this machine.
        place: the same within the folder for results.

    Raises:
        OutputError: it cannot be uploaded.
    """
    last = (MANIFEST, SETS)
    for name in last:
        remote.remove(place / name)  # from here on the earlier result is not whole any more
    files = [path for path in folder.rglob("*") if path.is_file()]
    files.sort(key=lambda path: (path.name in last, -len(path.parts), path.name != MANIFEST))
    for file in files:
        remote.put(file, place / file.relative_to(folder).as_posix())
    shutil.rmtree(folder)
