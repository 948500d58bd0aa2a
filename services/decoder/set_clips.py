"""Cuts the clip of a set out of its recording, into the folder of the set's result."""

import os
from contextlib import suppress
from pathlib import Path

from shared.errors import OutputError
from shared.media.cut import cut, suffix_of
from shared.media.fingerprint import fingerprint
from shared.media.limits import SourceLimits, allowed_folder, check_unmoved
from shared.media.recording import Recording
from shared.names import CUTTING
from shared.queue.job import Job
from shared.queue.lease import Lease
from shared.settings import Settings


def set_name(from_s: float) -> str:
    """Name of a set's folder: where in the recording it begins.

    >>> set_name(755.9)
    'set-00-12-35'
    """
    hours, rest = divmod(int(from_s), 3600)
    return f"set-{hours:02}-{rest // 60:02}-{rest % 60:02}"


def cut_set(
    recording: Recording,
    job: Job,
    part_s: tuple[float, float],
    settings: Settings,
    lease: Lease,
) -> tuple[Path, str, tuple[float, float]]:
    """Write the clip of a set; the same set gives the same file.

    Args:
        recording: the opened recording.
        job: its job, in whose folder the set's folder is made.
        part_s: from when to when the set lasts, in seconds.
        settings: where may be read and written.
        lease: the lease of the recording's job.

    Returns:
        The clip, its fingerprint, and from when to when it lasts.

    Raises:
        OutputError: the clip cannot be written.
        SourceError: the recording cannot be read.
        WorkOver: the job is not wanted any more, or another task has it; nothing is left then.
    """
    roots = settings.out_roots
    out = allowed_folder(Path(job.out), roots, "COACH_OUT_ROOTS")
    folder = out / set_name(part_s[0])
    clip = folder / f"clip{suffix_of(recording)}"
    part = folder / f"{CUTTING}{job.id}-{os.getpid()}{clip.suffix}"
    lease.on_exit(lambda: _remove(part))
    lease.confirm()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_unmoved(folder, roots, "COACH_OUT_ROOTS")
        for old in folder.glob(f"{CUTTING}{job.id}-*"):
            old.unlink(missing_ok=True)  # of a decoder that died
        try:
            start_s = cut(recording, SourceLimits.of(settings), part, *part_s)
            sha256 = fingerprint(part)
            lease.confirm()
            if not (clip.is_file() and fingerprint(clip) == sha256):
                os.replace(part, clip)
        finally:
            _remove(part)
    except OSError as error:
        raise OutputError(
            f"cannot write the clip of a set to {folder} ({error.strerror}); make room or set its "
            "permissions, then `coach retry` the recording"
        ) from error
    return Path(job.out) / folder.name / clip.name, sha256, (start_s, part_s[1])


def _remove(part: Path) -> None:
    """Remove an unfinished clip, and its folder if it was made for it."""
    part.unlink(missing_ok=True)
    with suppress(OSError):  # it holds the clip
        part.parent.rmdir()
