"""Folders by URL, through fsspec: recordings are fetched from them, results are put there.

fsspec and what it needs for a kind of URL (`s3fs` for `s3://`) are optional. Credentials come from
the environment or the files of that library, never from the URL.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from coach.archive.recordings import ENDINGS, Found, Recording
from shared.errors import CoachError, OutputError, SourceError, UsageError

#: Names that mark a folder as a result's: see `recordings._is_result`.
_MARKS = ({"sets.json"}, {"manifest.json", "analysis.json"})


def is_url(text: str) -> bool:
    """Whether a text is a URL, and no path."""
    scheme, found, _ = text.partition("://")
    return bool(found) and scheme.isalnum()


class RemoteFolder:
    """A folder by URL.

    Args:
        url: such as `s3://bucket/prefix`.

    Raises:
        UsageError: what its scheme needs is not installed, or there is no such scheme.
    """

    def __init__(self, url: str) -> None:
        if "::" in url or "@" in url:
            raise UsageError(
                "a URL takes no user, password or chain of protocols; give credentials as the "
                "environment of its library (AWS_ACCESS_KEY_ID for s3://)"
            )
        self.url = url.rstrip("/")
        self._names: dict[PurePosixPath, set[str]] | None = None
        self._read_ahead: dict[PurePosixPath, bytes] = {}
        try:
            import fsspec

            self._files, self._root = fsspec.url_to_fs(self.url, use_listings_cache=False)
        except (ImportError, ValueError, TypeError) as error:
            raise UsageError(
                f"{url}: {error}; for s3:// install: pip install 'weightlifting-coach[s3]'"
            ) from error

    def find(self, spool: Path, beside: str) -> Found:
        """List the recordings below it.

        Args:
            spool: the folder that they will be fetched to.
            beside: URL or path of the folder for results, in which no recording is taken.

        Raises:
            SourceError: it cannot be listed.
        """
        with _converted_errors(self.url, SourceError):
            listed = self._files.find(self._root, detail=True)
        below = {self._relative(name): info for name, info in listed.items()}
        marks: dict[str, set[str]] = {}
        for key in below:
            folder, _, name = key.rpartition("/")
            marks.setdefault(folder, set()).add(name)
        results = {folder for folder, names in marks.items() if any(m <= names for m in _MARKS)}
        is_below = beside.startswith(f"{self.url}/")
        skipped = f"{beside.removeprefix(self.url + '/')}/" if is_below else "/"  # no key's
        found, others, in_out = [], 0, 0
        for key, info in sorted(below.items()):
            is_video = PurePosixPath(key).suffix.lower() in ENDINGS
            if key.rpartition("/")[0] in results or not is_video:
                others += 1
            elif key.startswith(skipped):
                in_out += 1
            else:
                found.append(self._recording(key, info, spool))
        return Found(tuple(sorted(found, key=lambda one: one.relative.parts)), others, in_out)

    def _recording(self, key: str, info: dict[str, Any], spool: Path) -> Recording:
        relative = PurePosixPath(key)
        size, modified_s = int(info.get("size") or 0), _time_of(info)
        error = ""
        if str(relative) != key or not {"..", "."}.isdisjoint(relative.parts) or "\0" in key:
            relative = PurePosixPath(relative.name)
            error = f"{self.url}/{key}: not a path of folders; rename it"
        version = f"{info.get('ETag', '')} {size} {modified_s}"
        return Recording(spool / relative, relative, size, modified_s, version, error)

    def fetch(self, relative: PurePosixPath, to: Path) -> None:
        """Copy a file to this machine; SourceError if that fails."""
        with _converted_errors(f"{self.url}/{relative}", SourceError):
            to.parent.mkdir(parents=True, exist_ok=True)
            self._files.get_file(self._path(relative), str(to))

    def fetch_files(self, relative: PurePosixPath, names: Collection[str], to: Path) -> None:
        """Copy the files of these names below a folder; OutputError if that fails."""
        with _converted_errors(f"{self.url}/{relative}", OutputError):
            for found in self._files.find(self._path(relative)):
                below = PurePosixPath(self._relative(found)).relative_to(relative)
                if below.name in names and ".." not in below.parts:
                    (to / below).parent.mkdir(parents=True, exist_ok=True)
                    self._files.get_file(found, str(to / below))

    def read(self, relative: PurePosixPath, max_bytes: int) -> bytes | None:
        """The beginning of a file; None if there is none."""
        if relative in self._read_ahead:
            return self._read_ahead[relative][:max_bytes]
        with _converted_errors(f"{self.url}/{relative}", OutputError):
            try:
                content: bytes = self._files.cat_file(self._path(relative), end=max_bytes)
            except FileNotFoundError:
                return None
            return content

    def read_ahead(self, relatives: Iterable[PurePosixPath], max_bytes: int) -> None:
        """Read the beginnings of files, many at a time, for the next calls of `read`."""
        there = [one for one in relatives if one.name in self.names(one.parent)]
        paths, count = [self._path(one) for one in there], len(there)
        with _converted_errors(self.url, OutputError):
            found = self._files.cat_ranges(paths, [0] * count, [max_bytes] * count) if there else []
        contents = zip(there, found, strict=True)
        self._read_ahead = {one: content for one, content in contents if type(content) is bytes}

    def names(self, relative: PurePosixPath) -> set[str]:
        """Names of the files in a folder, as it was at the first call, with what was put since."""
        if self._names is None:
            self._names = defaultdict(set)
            with _converted_errors(self.url, OutputError):
                for path in map(PurePosixPath, map(self._relative, self._found())):
                    self._names[path.parent].add(path.name)
        return self._names.get(relative, set())

    def _found(self) -> list[str]:
        try:
            return list(self._files.find(self._root))
        except FileNotFoundError:
            return []

    def put(self, file: Path, relative: PurePosixPath) -> None:
        """Copy a file there; OutputError if that fails."""
        path = self._path(relative)
        with _converted_errors(f"{self.url}/{relative}", OutputError):
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.put_file(str(file), path)
        self._read_ahead.pop(relative, None)
        if self._names is not None:
            self._names[relative.parent].add(relative.name)

    def remove(self, relative: PurePosixPath) -> None:
        """Remove a file, if it is there."""
        with _converted_errors(f"{self.url}/{relative}", OutputError):
            if self._files.exists(self._path(relative)):
                self._files.rm_file(self._path(relative))
        self._read_ahead.pop(relative, None)
        self.names(relative.parent).discard(relative.name)

    def check_writable(self) -> None:
        """Put and remove a small file; OutputError if that fails."""
        name = PurePosixPath(f".coach-{os.getpid()}")
        with _converted_errors(self.url, OutputError):
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(self._path(name), b"")
        self.remove(name)

    def _path(self, relative: PurePosixPath) -> str:
        return f"{self._root}/{relative}"

    def _relative(self, name: str) -> str:
        return str(name).removeprefix(self._root).removeprefix("/")


def _time_of(info: dict[str, Any]) -> float:
    """When a file was last changed, Unix seconds; 0 if its store does not say so."""
    for name in ("LastModified", "last_modified", "mtime", "created"):
        value = info.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return 0.0


@contextmanager
def _converted_errors(url: str, kind: type[CoachError]) -> Iterator[None]:
    """Raise errors of a store's library as one of ours: each library has its own."""
    try:
        yield
    except CoachError:
        raise
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise kind(f"{url}: {reason}; check the address, the rights and the network") from error
