"""From clips to jobs: check the sources, name the result folders, enqueue the decoding."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.data.job_options import JobOptions
from shared.errors import OutputError, SourceError, UsageError
from shared.media.fingerprint import fingerprint
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.source import open_source
from shared.queue import tasks
from shared.queue.connection import Client
from shared.queue.job import Job, new_job
from shared.queue.job_store import JobStore


def prepare(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> tuple[list[Job], list[SourceError]]:
    """Make a job of every clip that can be read.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: folder for the results; each clip gets a folder below it.
        options: what is done with each clip.
        limits: where clips may lie, and how large their frames may be.

    Returns:
        The jobs, and the errors of the clips that cannot be read.

    Raises:
        OutputError: results cannot be written to `out`.
    """
    check_out(out)
    jobs: list[Job] = []
    refused: list[SourceError] = []
    for clip, name in zip(clips, result_names(clips), strict=True):
        try:
            with open_source(clip, limits):
                pass
            jobs.append(new_job(clip, fingerprint(clip), out / name, options))
        except SourceError as error:
            refused.append(error)
    return jobs, refused


def result_names(clips: Iterable[Path]) -> list[str]:
    """Names of the clips' result folders: the clip's name, extended where two are the same.

    >>> result_names([Path("a/lift.mp4"), Path("a/lift.avi"), Path("b/lift.mp4")])
    ['lift', 'lift.avi', 'lift-2.mp4']
    """
    taken: set[str] = set()
    names = []
    for clip in clips:
        path = clip.resolve()
        numbered = (f"{path.stem}-{n}{path.suffix}" for n in range(2, 1_000_000))
        candidates = [path.stem, path.name]
        name = next((c for c in candidates if c not in taken), None)
        if name is None:
            name = next(c for c in numbered if c not in taken)
        taken.add(name)
        names.append(name)
    return names


def submit(client: Client, store: JobStore, jobs: Iterable[Job], timeout_s: int) -> None:
    """Record jobs and enqueue their decoding. A job that is active already is left unchanged.

    If this process dies in between, the scorers' `StalledJobMonitor` enqueues the task.

    Args:
        client: connection to the server.
        store: the jobs on it.
        jobs: the jobs to submit.
        timeout_s: time limit of decoding, in seconds.
    """
    for job in jobs:
        if store.create(job):
            tasks.enqueue(client, "decode", job.id, timeout_s)


def check_names(files: Iterable[Path]) -> None:
    """Check that analyses lie in folders of different names, since results in one place take them.

    Raises:
        UsageError: two have the same.
    """
    counts = Counter(file.resolve().parent.name for file in files)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise UsageError(
            f"{len(twice)} names occur twice ({twice[0]}): use an --out of its own for each, or "
            "leave out --out"
        )


def check_out(out: Path) -> None:
    """Check that folders can be made in `out`, before any work is done.

    Raises:
        OutputError: they cannot.
    """
    probe = out / ".coach-probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write to the folder {out} ({error.strerror}); choose another with --out"
        ) from error
