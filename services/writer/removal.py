"""Removes results again: only what a manifest says was written, and never through a link."""

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.writer.contents import (
    JOURNAL,
    KNOWN_FILES,
    MANIFEST,
    Contents,
    contents_of,
    is_written,
    journal_text,
    sha256_of,
)
from shared.data.limits import JOB_ID
from shared.errors import OutputError
from shared.files import locked, replace_when_complete
from shared.names import readable

#: Folder of a recording's set, and the name of the clip in it that the decoder has cut.
_SET_FOLDER = re.compile(r"set-\d{2,}-\d\d-\d\d")
_SET_CLIP = "clip."

#: Largest manifest that is read, in bytes: one takes about 3 kB.
_MAX_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Result:
    """A complete result in its folder.

    Attributes:
        folder: The folder.
        job_id: Its job.
        source: The clip, as readable text.
        created_s: When the job was made, Unix seconds.
    """

    folder: Path
    job_id: str
    source: str
    created_s: float


def result_in(folder: Path) -> Result | None:
    """The result that a folder holds; None if it is none, or is a link."""
    manifest = folder / MANIFEST
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode) or manifest.is_symlink():
            return None
        with manifest.open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
        job_id, source = content["job"], content["source"]["path"]
        if not isinstance(job_id, str) or not JOB_ID.fits(job_id) or not content["files"]:
            return None
        return Result(folder, job_id, readable(str(source)), float(content["created_s"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def find_results(root: Path) -> Iterator[Result]:
    """All results below a folder, inner ones first; links are not followed."""
    folders = [Path(folder) for folder, _, _ in os.walk(root)]
    for folder in sorted(folders, key=lambda one: (-len(one.parts), one)):
        result = result_in(folder)
        if result is not None:
            yield result


def is_set(result: Result) -> bool:
    """Whether a result is that of a recording's set, whose folder lies in the recording's."""
    return _SET_FOLDER.fullmatch(result.folder.name) is not None


def set_results_in(folder: Path) -> list[Result]:
    """The results of sets in the folder of their recording, in order of time."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    found = [result_in(path) for path in sorted(folder.iterdir())]
    return [result for result in found if result is not None and is_set(result)]


def remove_result(result: Result, dry_run: bool = False) -> tuple[int, list[str]]:
    """Remove a result's files and its folder; a person's own or edited files stay.

    The manifest goes first, and a journal says meanwhile which files are the product's own: what is
    left of an interrupted removal is no result, and the clip's next one takes its place.

    Args:
        result: the result.
        dry_run: only say what would be removed.

    Returns:
        The bytes that were removed, and the names of what stays.

    Raises:
        OutputError: the folder cannot be changed.
    """
    folder = result.folder
    try:
        with locked(folder):
            contents = contents_of(folder)
            ours = [name for name in sorted(KNOWN_FILES) if is_written(folder / name, contents)]
            names = [MANIFEST, *ours, *_cut_clips(folder, contents)]
            left = sorted({*os.listdir(folder)} - {*names, JOURNAL})
            size = sum((folder / name).lstat().st_size for name in names)
            if not dry_run and contents.owner is not None:
                with replace_when_complete(folder / JOURNAL) as journal:
                    journal.write_text(journal_text(contents.owner, contents.written), "utf-8")
                _unlink(folder, [*names, JOURNAL])
        if not dry_run and not left:
            folder.rmdir()
    except OSError as error:
        raise OutputError(
            f"cannot remove {folder} ({error.strerror}); set its permissions, and try again"
        ) from error
    return size, left


def _cut_clips(folder: Path, contents: Contents) -> list[str]:
    """Names of the clip of a recording's set, which was cut into its result's folder."""
    if contents.owner is None or not _SET_FOLDER.fullmatch(folder.name):
        return []
    files = [path for path in folder.iterdir() if path.name.startswith(_SET_CLIP)]
    files = [path for path in files if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if sha256_of(path) == contents.owner.sha256]


def _unlink(folder: Path, names: list[str]) -> None:
    """Remove files of a folder, which no link can take the place of meanwhile."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in names:
            os.unlink(name, dir_fd=opened)
    finally:
        os.close(opened)
