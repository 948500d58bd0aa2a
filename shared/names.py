"""Names of files: as text for people and documents, and as names of folders.

The name of a file is bytes. Where they are not UTF-8, Python holds each such byte as a surrogate,
which opens the file but is no Unicode that may be printed or stored: `readable` is for that.
"""

import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

#: Limits of a system that states none: those of Linux, in bytes.
_NAME_BYTES, _PATH_BYTES = 255, 4096

#: Longest ending that a numbered folder keeps, in bytes (chosen: far above any ending of a video).
_ENDING_BYTES = 32

#: The folder of claims beside the results (`shared.claims`), which is no clip's.
CLAIMS_FOLDER = ".coach"

#: How the name of a set's clip begins while a decoder cuts it out of its recording; the id of the
#: recording's job follows.
CUTTING = ".clip-"

#: Surrogates, and control characters but tab and line feed.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_TABS_AND_LINES = re.compile("[\t\n]")

#: What no name of a result folder holds.
_UNSUITABLE = re.compile("[/\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def readable(text: str) -> str:
    r"""Text as valid Unicode: bytes that are not UTF-8, and control characters, are escaped.

    >>> print(readable("d\udce9adlift.mp4"))
    d\xe9adlift.mp4
    """
    return _UNPRINTABLE.sub(lambda found: _escaped(ord(found[0])), text)


def readable_line(text: str) -> str:
    r"""`readable` text in one line: tabs and line feeds are escaped, too.

    >>> print(readable_line("dead\nlift.mp4"))
    dead\x0alift.mp4
    """
    return _TABS_AND_LINES.sub(lambda found: _escaped(ord(found[0])), readable(text))


def _escaped(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # the byte that it stands for
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def absolute(path: Path) -> Path:
    """A path from the root on, as the person named it: symbolic links are kept.

    `..` is removed. After a link to a folder it leads elsewhere than the text says; the folder is
    resolved then.
    """
    plain = Path(os.path.abspath(path))
    if ".." not in path.parts:
        return plain
    try:
        if os.path.samefile(plain, path):
            return plain
    except OSError:
        pass  # one of them is missing
    here = Path.cwd() / path
    return here.resolve() if here.name == ".." else here.parent.resolve() / here.name


def max_name_bytes(folder: Path) -> int:
    """Longest name of a file in a folder, in bytes."""
    return _limit(folder, "PC_NAME_MAX", _NAME_BYTES)


def max_path_bytes(folder: Path) -> int:
    """Longest path of a file, in bytes."""
    return _limit(folder, "PC_PATH_MAX", _PATH_BYTES) - 1  # it counts the byte that ends a path


def _limit(folder: Path, name: str, default: int) -> int:
    try:
        limit = os.pathconf(folder, name)
    except (OSError, ValueError):
        return default
    return limit if limit > 0 else default


def shorten(text: str, max_bytes: int) -> str:
    """Cut a text after its last whole character that fits into `max_bytes` of UTF-8."""
    return text.encode()[: max(0, max_bytes)].decode(errors="ignore")


def folder_names(clip: Path, max_bytes: int) -> Iterator[str]:
    """Names for a clip's result folder, best first; they never end.

    Args:
        clip: the clip, as the person named it.
        max_bytes: longest name that the file system stores, in bytes.

    >>> list(itertools.islice(folder_names(Path("a/lift.mp4"), 255), 4))
    ['lift', 'lift.mp4', 'lift-2.mp4', 'lift-3.mp4']
    """
    stem, name, ending = (_suitable(part) for part in (clip.stem, clip.name, clip.suffix))
    stem = "clip" if not stem.strip(".") else stem
    if len(ending.encode()) > _ENDING_BYTES:
        ending = ""
    given = [(stem, ""), (name, "")] if name.strip(".") else [(stem, "")]
    numbered = ((stem, f"-{number}{ending}") for number in itertools.count(2))
    last = None
    for base, tail in itertools.chain(given, numbered):
        found = shorten(base, max_bytes - len(tail.encode())) + tail
        if found != last and found.lower() != CLAIMS_FOLDER:
            yield found
        last = found


def _suitable(name: str) -> str:
    """A name as valid text without control characters."""
    return _UNSUITABLE.sub("_", name)
