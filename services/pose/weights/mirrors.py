"""Files that are downloaded as they are, from the first of several mirrors that has them.

A mirror need not be trusted, nor the line to it: the hashes decide. What has come of a file lies
beside its place, named `.part`, so that a download that was broken off goes on where it ended.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx2
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TaskID, TimeRemainingColumn, TransferSpeedColumn

from services.pose.weights.files import MAX_FILE_BYTES, File, check
from shared.errors import ModelError

#: A mirror that says nothing for so long is left.
_SILENCE_S = 30.0

#: A mirror must give so much a minute; one that lets bytes drip is left as well.
_LEAST_BYTES, _PACE_S = 64 * 1024, 60.0

#: A mirror is asked again when the line broke after something had come, but not for ever.
_ATTEMPTS = 5

#: HTTP's status codes of a file, of a part of one, and of a part that begins at its end.
_WHOLE, _PART, _NOTHING_LEFT = 200, 206, 416

_MAX_REDIRECTS = 5
_REDIRECTS = {("http", "http"), ("http", "https"), ("https", "https")}


class _MirrorError(Exception):
    """A mirror does not give the file; another may."""


@dataclass(frozen=True)
class Mirrors:
    """Addresses, each with `{file}` where a file's name goes."""

    addresses: tuple[str, ...]
    remedy: ClassVar[str] = (
        "Check the network and try again (what has come is kept), or get the file elsewhere and "
        "give it with `coach models add PATH`"
    )

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """See `files.Source`."""
        for file in files:
            self._fetch(file, folder)

    def _fetch(self, file: File, folder: Path) -> None:
        part = folder / f"{file.name}.part"
        reasons: list[str] = []
        with httpx2.Client(timeout=_SILENCE_S) as client, _progress(file.name) as (bar, task):
            for address in self.addresses:
                url = address.format(file=file.name)
                for _ in range(_ATTEMPTS):
                    begun = _size(part)
                    try:
                        for size, total in _download(client, url, part):
                            bar.update(task, completed=size, total=total)
                        check(part, file)
                        os.replace(part, folder / file.name)
                        return
                    except _MirrorError as error:
                        reasons.append(f"{url}: {error}")
                        break
                    except ModelError as error:
                        reasons.append(f"{url}: {error}")
                        part.unlink()
                        if not begun:
                            break  # this mirror gave all of it, so the file there is another
                    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                        reasons.append(f"{url}: {error or type(error).__name__}")
                        if _size(part) <= begun:
                            break
        raise ModelError(f"no mirror gave {file.name} ({'; '.join(dict.fromkeys(reasons))})")


def _download(client: httpx2.Client, url: str, part: Path) -> Iterator[tuple[int, int | None]]:
    """Get what is still missing; yields bytes that are there, and the total if that is known."""
    begun = _size(part)
    with _answer(client, url, begun) as response:
        if response.status_code == _NOTHING_LEFT and begun:
            return  # nothing is missing; the hash tells whether that is so
        if response.status_code == _PART:
            if not response.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
                raise _MirrorError("it gives another part than was asked for")
        elif response.status_code == _WHOLE:
            begun = 0  # it knows no parts: from the beginning
        else:
            raise _MirrorError(f"it answers {response.status_code} {response.reason_phrase}")
        length = response.headers.get("Content-Length", "")
        total = begun + int(length[:20]) if length.isdecimal() else None
        if total is not None and total > MAX_FILE_BYTES:
            raise _MirrorError(f"it offers {total} bytes, more than any network has")
        with part.open("r+b" if begun else "wb") as file:
            file.truncate(file.seek(begun))
            for block in _paced(response.iter_raw()):
                if file.tell() + len(block) > MAX_FILE_BYTES:
                    file.truncate(0)
                    raise _MirrorError(f"it gives more than {MAX_FILE_BYTES} bytes")
                file.write(block)
                yield file.tell(), total


def _paced(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks as they come, as long as enough of them come."""
    began_s, came = time.monotonic(), 0
    for block in blocks:
        yield block
        came += len(block)
        if time.monotonic() - began_s > _PACE_S:
            if came < _LEAST_BYTES:
                raise _MirrorError(f"it gave only {came} bytes in {_PACE_S:.0f} s")
            began_s, came = time.monotonic(), 0


@contextmanager
def _answer(client: httpx2.Client, url: str, begun: int) -> Iterator[httpx2.Response]:
    """A mirror's answer, its body unread; redirects are followed while they stay with HTTP."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
    for _ in range(_MAX_REDIRECTS + 1):
        with client.stream("GET", url, headers=headers) as response:
            if not response.has_redirect_location:
                yield response
                return
            target = response.url.join(response.headers["Location"])
        if (response.url.scheme, target.scheme) not in _REDIRECTS:
            raise _MirrorError(f"it sends to {target}, which is not followed")
        url = str(target)
    raise _MirrorError(f"it sends on more than {_MAX_REDIRECTS} times")


@contextmanager
def _progress(name: str) -> Iterator[tuple[Progress, TaskID]]:
    columns = DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Progress("{task.description}", *columns, console=Console(file=sys.stderr)) as bar:
        yield bar, bar.add_task(name, total=None)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
