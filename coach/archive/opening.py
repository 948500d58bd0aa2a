"""Opens what `coach batch` is given: the archive and the folder for results, here or by URL."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from coach.archive.ledger import LEDGER, Ledger
from coach.archive.places import Places
from coach.archive.recordings import Found, LocalArchive, open_local
from coach.archive.remote import RemoteFolder, is_url
from coach.archive.rows import Row
from coach.archive.spool import Spool
from coach.archive.summary import FILES
from coach.archive.work import Stores
from coach.cli.submission import check_out
from shared.errors import OutputError, UsageError
from shared.names import absolute

#: Largest ledger that is fetched from remote results, in bytes. Chosen: that of 100,000 recordings.
_MAX_LEDGER_BYTES = 2**29


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive and where its results go.

    Attributes:
        archive: The archive.
        stores: Where the batch finds and leaves things.
        name: The archive's name, for people.
        out_url: Folder for the results as it was given.
    """

    archive: LocalArchive | RemoteFolder
    stores: Stores
    name: str
    out_url: str

    @property
    def place(self) -> str:
        """Folder or URL of the archive."""
        archive = self.archive
        return str(archive.root) if isinstance(archive, LocalArchive) else archive.url

    def find(self) -> Found:
        """List the recordings, as they are now."""
        if isinstance(self.archive, LocalArchive):
            return self.archive.find(looks_into_out=True)
        assert self.stores.spool is not None
        return self.archive.find(self.stores.spool.sources, self.out_url)

    def earlier_rows(self) -> list[Row]:
        """Rows of earlier runs whose results are still there."""
        rows = self.stores.ledger.all_rows()
        remote = self.stores.results
        if remote is not None:
            places = [PurePosixPath(row.report) for row in rows]
            return [
                row
                for row, place in zip(rows, places, strict=True)
                if row.result and place.name in remote.names(place.parent)
            ]
        out = self.stores.places.out
        return [row for row in rows if row.result and (out / row.report).is_file()]

    def deliver_summary(self) -> None:
        """Upload the summary, and what this run has seen, to remote results."""
        assert self.stores.results is not None
        for name in (LEDGER, *FILES):
            file = self.stores.places.out / name
            if file.is_file():
                self.stores.results.put(file, PurePosixPath(name))


@contextmanager
def open_archive(
    sources: list[str],
    out: str,
    root: Path | None,
    spool_folder: Path,
    spool_bytes: int,
    video: bool,
    dry_run: bool,
) -> Iterator[Opened]:
    """Open an archive and the folder for its results.

    Args:
        sources: a folder, a pattern, a list, a URL, or several paths.
        out: folder or URL for the results.
        root: folder that the paths of a list are relative to.
        spool_folder: folder of the spools.
        spool_bytes: largest total size of the recordings in the spool.
        video: whether the results have an annotated video.
        dry_run: write nothing where the results are.

    Raises:
        UsageError: there is no such archive, or it lies in the folder for results.
        OutputError: results cannot be written.
    """
    results = RemoteFolder(out) if is_url(out) else None
    remote = _open_remote(sources)
    here = absolute(Path("." if results else out))
    if remote is None and results is None:
        local = open_local(sources, root, here, sys.stdin)
        if not dry_run:
            _check_out(here)
        stores = Stores(Places(here, None, video), Ledger(here / LEDGER, is_kept=not dry_run))
        yield Opened(local, stores, _name_of(local), out)
        return
    named = remote.url if remote else str(absolute(Path(sources[0])))
    with Spool(
        absolute(spool_folder), named, results.url if results else str(here), spool_bytes
    ) as spool:
        if results is not None:
            here = spool.results
            if not dry_run:
                results.check_writable()
            seen = results.read(PurePosixPath(LEDGER), _MAX_LEDGER_BYTES)
            (here / LEDGER).write_bytes(seen or b"")
        elif not dry_run:
            _check_out(here)
        archive = remote or open_local(sources, root, here, sys.stdin)
        stores = Stores(
            Places(here, results, video),
            Ledger(here / LEDGER, is_kept=not dry_run),
            remote,
            results,
            spool,
        )
        name = remote.url if remote else _name_of(archive)
        yield Opened(archive, stores, name, results.url if results else out)


def _check_out(out: Path) -> None:
    """Check that results and the summary can be written, before any work is done."""
    check_out(out)
    for name in (LEDGER, *FILES):
        if (out / name).is_dir():
            raise OutputError(
                f"{out / name} is a folder, but a file of the results has that name; rename the "
                "folder, or choose another --out"
            )


def _open_remote(sources: list[str]) -> RemoteFolder | None:
    urls = [is_url(source) for source in sources]
    if any(urls) and len(sources) > 1:
        raise UsageError("give one URL, and nothing beside it")
    return RemoteFolder(sources[0]) if urls[0] else None


def _name_of(archive: LocalArchive | RemoteFolder) -> str:
    return archive.root.name if isinstance(archive, LocalArchive) else archive.url
