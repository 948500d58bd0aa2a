"""Files that are downloaded from the first of several mirrors that has them.

Neither a mirror nor the connection to it has to be trusted: the hashes decide. A partial download
is kept beside the file's place, with the suffix `.part`, and is resumed by the next attempt.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from services.pose.weights.files import MAX_FILE_BYTES, File, check
from services.pose.weights.progress import download_bar
from shared.errors import ModelError

if TYPE_CHECKING:  # imported where a file is fetched: it takes a fifth of a second
    import httpx2

#: Maximum silence of a mirror before the next one is tried, in s. Chosen: a slow server answers
#: within it.
_TIMEOUT_S = 30.0

#: Minimum bytes per period, in bytes and s; a slower mirror is given up. Chosen: at this rate the
#: largest file would take two days.
_MIN_BYTES, _PERIOD_S = 64 * 1024, 60.0

#: Attempts per mirror. Chosen: a mirror is tried again if the connection broke after some progress.
_ATTEMPTS = 5

#: HTTP's status codes, by its definition, for a file, for a part of one, and for a part that begins
#: at its end.
_COMPLETE, _PARTIAL, _NOTHING_LEFT = 200, 206, 416

#: Maximum redirects of a download. Chosen: a mirror has one or two, a loop has no end.
_MAX_REDIRECTS = 5
_REDIRECTS = {("http", "http"), ("http", "https"), ("https", "https")}


class _MirrorError(Exception):
    """A mirror does not deliver the file; another one may."""


@dataclass(frozen=True)
class Mirrors:
    """Addresses, each with `{file}` as placeholder for a file's name."""

    addresses: tuple[str, ...]
    remedy: ClassVar[str] = (
        "Check the network and try again (the partial download is kept), or get the file elsewhere "
        "and add it with `coach models add PATH`"
    )

    def fetch(self, files: Sequence[File], folder: Path) -> None:
        """See `files.Source`."""
        for file in files:
            self._fetch(file, folder)

    def _fetch(self, file: File, folder: Path) -> None:
        import httpx2

        part = folder / f"{file.name}.part"
        reasons: list[str] = []
        with httpx2.Client(timeout=_TIMEOUT_S) as client, download_bar(file.name) as (bar, task):
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
                            break  # the whole file came from this mirror, so it has another file
                    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                        reasons.append(f"{url}: {error or type(error).__name__}")
                        if _size(part) <= begun:
                            break
        raise ModelError(f"no mirror delivered {file.name} ({'; '.join(dict.fromkeys(reasons))})")


def _download(client: "httpx2.Client", url: str, part: Path) -> Iterator[tuple[int, int | None]]:
    """Fetch the missing rest; yields the bytes present so far, and the total if it is known."""
    begun = _size(part)
    with _open_response(client, url, begun) as response:
        if response.status_code == _NOTHING_LEFT and begun:
            return  # nothing is missing; the hash will show whether that is true
        if response.status_code == _PARTIAL:
            if not response.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
                raise _MirrorError("it sent another part than requested")
        elif response.status_code == _COMPLETE:
            begun = 0  # no support for partial content: start from the beginning
        else:
            raise _MirrorError(f"it answered {response.status_code} {response.reason_phrase}")
        length = response.headers.get("Content-Length", "")
        total = begun + int(length[:20]) if length.isdecimal() else None
        if total is not None and total > MAX_FILE_BYTES:
            raise _MirrorError(f"it offers {total} bytes, more than the limit of {MAX_FILE_BYTES}")
        with part.open("r+b" if begun else "wb") as file:
            file.truncate(file.seek(begun))
            for block in _checking_pace(response.iter_raw()):
                if file.tell() + len(block) > MAX_FILE_BYTES:
                    file.truncate(0)
                    raise _MirrorError(f"it sent more than {MAX_FILE_BYTES} bytes")
                file.write(block)
                yield file.tell(), total


def _checking_pace(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass blocks on; raises `_MirrorError` when fewer than `_MIN_BYTES` arrive in a period."""
    started_s, received = time.monotonic(), 0
    for block in blocks:
        yield block
        received += len(block)
        if time.monotonic() - started_s > _PERIOD_S:
            if received < _MIN_BYTES:
                raise _MirrorError(f"it sent only {received} bytes in {_PERIOD_S:.0f} s")
            started_s, received = time.monotonic(), 0


@contextmanager
def _open_response(client: "httpx2.Client", url: str, begun: int) -> "Iterator[httpx2.Response]":
    """A mirror's answer, its body unread; follows redirects to HTTP and HTTPS addresses only."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
    for _ in range(_MAX_REDIRECTS + 1):
        with client.stream("GET", url, headers=headers) as response:
            if not response.has_redirect_location:
                yield response
                return
            target = response.url.join(response.headers["Location"])
        if (response.url.scheme, target.scheme) not in _REDIRECTS:
            raise _MirrorError(f"it redirects to {target}, which is not followed")
        url = str(target)
    raise _MirrorError(f"it redirects more than {_MAX_REDIRECTS} times")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
