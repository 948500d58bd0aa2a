"""From clips to jobs: check the sources, name the result folders, enqueue the decoding."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.data.job_options import JobOptions
from shared.errors import OutputError, SourceError
from shared.media.source import fingerprint, open_source
from shared.queue import tasks
from shared.queue.connection import Client
from shared.queue.jobs import Job, JobStore, new_job
from shared.settings import Settings


def prepare(
    clips: Sequence[Path], out: Path, options: JobOptions
) -> tuple[list[Job], list[SourceError]]:
    """Make a job of every clip that can be read; each gets a folder of its own below `out`.

    Returns:
        The jobs, and why the other clips were refused.

    Raises:
        OutputError: results cannot be written to `out`.
    """
    check_out(out)
    jobs: list[Job] = []
    refused: list[SourceError] = []
    for clip, name in zip(clips, result_names(clips), strict=True):
        try:
            with open_source(clip):
                pass
            jobs.append(new_job(clip, fingerprint(clip), out / name, options))
        except SourceError as error:
            refused.append(error)
    return jobs, refused


def result_names(clips: Iterable[Path]) -> list[str]:
    """Names of the clips' result folders: the clip's name, made longer where two are alike.

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


def submit(client: Client, store: JobStore, jobs: Iterable[Job]) -> None:
    """Record the jobs and enqueue their decoding. A job that is already active goes on as it is.

    Should this process die in between, the scorers' monitor finds the job without a task.
    """
    timeout_s = Settings().task_timeout_s
    for job in jobs:
        if store.create(job):
            tasks.enqueue(client, "decode", job.id, timeout_s)


def check_out(out: Path) -> None:
    """Make sure that folders can be made in `out`, before any work is done."""
    probe = out / ".coach-probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write to the folder {out} ({error.strerror}); choose another with --out"
        ) from error
