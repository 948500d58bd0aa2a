"""The recordings of an archive: what is found in a folder, by a pattern, or on a list."""

import glob
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from shared.errors import UsageError
from shared.names import absolute

#: Endings of files that are taken for recordings: of the containers in docs/sources.md.
ENDINGS = frozenset(
    ".264 .265 .3g2 .3gp .asf .avi .dav .dv .f4v .flv .gif .h264 .h265 .hevc .ivf .m2t .m2ts .m2v "
    ".m4v .mjpeg .mjpg .mkv .mov .mp4 .mpeg .mpg .mts .mxf .obu .ogm .ogv .ts .vob .webm "
    ".wmv".split()
)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of an archive.

    Attributes:
        path: Where it lies on this machine, or will lie once it is fetched.
        relative: Its path within the archive; camera and date are folders of it.
        size_bytes: Its size.
        modified_s: When it was last changed, Unix seconds.
        version: What its store says of its content, of a remote one; it changes with the content.
        error: Why it cannot be taken; "" if it can.
    """

    path: Path
    relative: PurePosixPath
    size_bytes: int = 0
    modified_s: float = 0.0
    version: str = ""
    error: str = ""

    @property
    def camera(self) -> str:
        """The first folder of its path; "" if it lies in the archive's own folder."""
        return self.relative.parts[0] if len(self.relative.parts) > 1 else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in an archive.

    Attributes:
        recordings: The recordings, in the order of their paths; with those that cannot be taken.
        others: Number of files that are no recordings, and of links to files of the archive.
        in_out: Number of videos in the folder for results that are no part of a result.
    """

    recordings: tuple[Recording, ...]
    others: int = 0
    in_out: int = 0


@dataclass(frozen=True, slots=True)
class LocalArchive:
    """Recordings on this machine's disks.

    Attributes:
        root: The folder that their paths are relative to, absolute.
        out: The folder for results, in which no recording is taken.
        named: Gives the files that a pattern or a list names; None for all below `root`.
    """

    root: Path
    out: Path
    named: Callable[[], Iterable[Path]] | None = None

    def find(self, looks_into_out: bool = False) -> Found:
        """List the recordings, as they are now.

        Args:
            looks_into_out: whether the videos in the folder for results are counted.
        """
        return _Search(self, looks_into_out).find()


class _Search:
    """One look through an archive."""

    def __init__(self, archive: LocalArchive, looks_into_out: bool) -> None:
        self._archive = archive
        self._looks_into_out = looks_into_out
        self._real_root = os.path.realpath(archive.root)
        self._outs = (archive.out, Path(os.path.realpath(archive.out)))
        self._are_results: dict[Path, bool] = {}

    def find(self) -> Found:
        """List the recordings."""
        named = self._archive.named
        entries = self._walk(self._archive.root) if named is None else map(absolute, named())
        found: dict[Path, Recording] = {}
        others = in_out = 0
        for path in entries:
            if self._is_in_out(path):
                is_video = self._is_video_of_person(path)
                in_out += is_video
                others += named is not None and not is_video
                continue
            recording = self._look(path)
            if recording is None:
                others += 1
            else:
                found[path] = recording
        recordings = sorted(found.values(), key=lambda one: one.relative.parts)
        return Found(tuple(recordings), others, in_out)

    def _look(self, path: Path) -> Recording | None:
        """A file as a recording; None if it is none."""
        root, is_named = self._archive.root, self._archive.named is not None
        if not path.is_relative_to(root):
            return Recording(
                path, PurePosixPath(path.name),
                error=f"{path} lies outside {root}; name a folder above it with --root",
            )  # fmt: skip
        relative = PurePosixPath(path.relative_to(root).as_posix())
        try:
            status = path.stat()
        except OSError as error:
            reason = "a link to nothing" if path.is_symlink() else error.strerror
            return Recording(path, relative, error=f"cannot read {path}: {reason}")
        is_link = path.is_symlink()
        if (is_named or is_link) and not self._is_inside(path):
            return Recording(
                path, relative,
                error=f"{path} is a link to {os.path.realpath(path)}, outside the archive; give "
                "that file or its folder to another `coach batch`",
            )  # fmt: skip
        if stat.S_ISDIR(status.st_mode):  # listed only if it cannot be read
            return Recording(path, relative, error=f"cannot read the folder {path}")
        if not is_named and (is_link or path.suffix.lower() not in ENDINGS):
            return None  # of a link, the file itself is taken
        if not stat.S_ISREG(status.st_mode) or (is_named and self._is_in_result(path)):
            return None
        return Recording(path, relative, status.st_size, status.st_mtime)

    def _walk(self, folder: Path) -> Iterator[Path]:
        """All files below a folder, and folders and links that cannot be followed."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield folder
            return
        names = {entry.name for entry in entries}
        if _is_result(names):
            return
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                continue
            if path in self._outs and not self._looks_into_out:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(path)
            elif not (entry.is_symlink() and entry.is_dir() and self._is_inside(path)):
                yield path

    def _is_inside(self, link: Path) -> bool:
        return Path(os.path.realpath(link)).is_relative_to(self._real_root)

    def _is_in_out(self, path: Path) -> bool:
        return any(path.is_relative_to(out) for out in self._outs)

    def _is_video_of_person(self, path: Path) -> bool:
        """Whether a file in the folder for results is a video, but no part of a result."""
        if path.suffix.lower() not in ENDINGS or path.is_symlink() or not path.is_file():
            return False
        return not self._is_in_result(path)

    def _is_in_result(self, path: Path) -> bool:
        """Whether a file is part of a result; the walk has not looked into its folder."""
        folder = path.parent
        if folder not in self._are_results:
            self._are_results[folder] = _is_result_folder(folder)
        return self._are_results[folder]


def open_local(
    sources: list[str], root: Path | None, out: Path, stdin: Iterable[str]
) -> LocalArchive:
    """The archive that a person names on the command line.

    Args:
        sources: a folder, a pattern, a file with a list of paths, `-` for a list on standard
            input, or several paths.
        root: the folder that the paths of a list or a pattern are relative to; None for that of
            the list, or the pattern's part before its first wildcard.
        out: folder for the results.
        stdin: lines of standard input.

    Raises:
        UsageError: there is no such thing, or `out` is not beside it.
    """
    out = absolute(out)
    archive = _open_named(sources, root and absolute(root), out, stdin)
    if Path(os.path.realpath(archive.root)).is_relative_to(os.path.realpath(out)):
        raise UsageError(
            f"the archive {archive.root} lies inside the folder for results, {out}; choose an "
            "--out beside the archive, or inside it"
        )
    return archive


def _open_named(
    sources: list[str], root: Path | None, out: Path, stdin: Iterable[str]
) -> LocalArchive:
    first = sources[0]
    if len(sources) > 1:
        folders = [source for source in sources if os.path.isdir(source)]
        if folders:
            raise UsageError(f"{folders[0]} is a folder: give one folder alone, or several videos")
        return LocalArchive(root or Path.cwd(), out, lambda: map(Path, sources))
    if first == "-":
        paths = _lines("".join(stdin))
        return LocalArchive(root or Path.cwd(), out, lambda: paths)
    path = Path(first)
    if path.is_dir():
        if root is not None:
            raise UsageError("--root goes with a list or a pattern; a folder is its own root")
        return LocalArchive(absolute(path), out)
    if path.is_file() and path.suffix.lower() in ENDINGS:
        return LocalArchive(root or absolute(path).parent, out, lambda: [path])
    if path.is_file():
        listed = absolute(path)
        beside = listed.parent
        return LocalArchive(
            root or beside, out, lambda: [beside / line for line in _lines(_text_of(listed))]
        )
    if glob.has_magic(first):
        base = absolute(_fixed_part(path))
        return LocalArchive(root or base, out, lambda: _matches(first))
    raise UsageError(f"there is no folder, list or pattern {first}; check the name")


def _matches(pattern: str) -> Iterator[Path]:
    """Files that a pattern finds; other endings than a recording's only if the pattern has them."""
    wanted = {*ENDINGS, Path(pattern).suffix.lower()}
    for name in sorted(glob.iglob(pattern, recursive=True)):
        path = Path(name)
        if path.suffix.lower() in wanted and not path.is_dir():
            yield path


def _fixed_part(pattern: Path) -> Path:
    """The folders of a pattern before its first wildcard."""
    parts = []
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return Path(*parts)


def _lines(text: str) -> list[Path]:
    """The paths of a list: one a line, or separated by NUL as `find -print0` does."""
    separator = "\0" if "\0" in text else "\n"
    return [Path(line) for line in (one.rstrip("\r") for one in text.split(separator)) if line]


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="surrogateescape")
    except OSError as error:
        raise UsageError(f"cannot read the list {path}: {error.strerror}") from error


def _is_result_folder(folder: Path) -> bool:
    """Whether a folder holds a result: what lies in it is no recording."""
    try:
        return _is_result(set(os.listdir(folder)))
    except OSError:
        return False


def _is_result(names: set[str]) -> bool:
    return "sets.json" in names or {"manifest.json", "analysis.json"} <= names
