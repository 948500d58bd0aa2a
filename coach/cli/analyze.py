"""`coach analyze`: the whole job, on this machine or on a running deployment.

What is imported here is imported before the workers start, so that it is only what they need, too;
the rest follows while they load their networks.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coach.local.deployment import LocalDeployment, default_pose_workers
from services.pose import engines
from services.pose.backends import check_backend, networks_of
from services.pose.runtime import Runtime
from shared.data.job_options import JobOptions
from shared.errors import exit_status_of
from shared.media.limits import SourceLimits
from shared.queue.servers import Servers
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.queue.job import Job


def run(
    clips: Sequence[Path],
    out: Path,
    options: JobOptions,
    settings: Settings,
    servers: Servers | None = None,
    pose_workers: int | None = None,
    as_json: bool = False,
    forks: bool = False,
    timeout_s: float = 0.0,
    force: bool = False,
) -> "tuple[int, list[Job]]":
    """Analyse clips and print the outcome of each.

    Args:
        clips: video files, GIFs or folders of pictures.
        out: folder for the results; each clip gets a folder below it.
        options: what is done with each clip.
        settings: settings of this process, and of the processes that it starts.
        servers: those of a running deployment; None starts a deployment on this machine.
        pose_workers: number of pose processes to start; None for one per core.
        as_json: print one JSON document to stdout.
        forks: fork the processes of that deployment from this one, see `LocalDeployment`.
        timeout_s: time that each job may take, in seconds; 0 for no limit.
        force: on a running deployment, do a job again that is done, and its result there.

    Returns:
        The exit status (0 done, 1 a job failed, 2 a clip could not be read), and the jobs as they
        have ended.
    """
    check_backend(options.backend, options.pose)
    if servers is not None:
        list(servers)  # connects, before folders are claimed
    jobs: list[Job] = []
    with ExitStack() as stack:
        if servers is None:
            stack.callback(_release_folders, jobs)  # last: jobs end with their deployment
        if servers is not None or any(map(os.path.exists, clips)):
            # First, so that the workers load their networks while the clips are checked.
            deployment = open_deployment(settings, servers, options, pose_workers, forks)
            there, supervise = stack.enter_context(deployment)
        from coach.cli.outcomes import print_outcomes
        from coach.cli.submission import prepare
        from coach.cli.waiting import submit_and_wait

        with ExitStack() as unsubmitted:
            prepared, refused = prepare(clips, out, options, SourceLimits.of(settings), timeout_s)
            jobs += prepared
            unsubmitted.callback(_release_folders, jobs)
            for error in refused:
                print(f"error: {error}", file=sys.stderr)
            if jobs and servers is not None:
                from coach.cli.missing_workers import tell_missing

                for server in servers:
                    here = [job for job in jobs if servers.url_of_new(job.id) == server.url]
                    tell_missing(server, here, servers.are_several)
            unsubmitted.pop_all()
        ended: list[Job] = []
        if jobs:
            ended = submit_and_wait(there, jobs, settings, supervise, as_json, force)
    print_outcomes(ended, as_json)
    statuses = [exit_status_of(job.error_kind) for job in ended if job.state != "done"]
    statuses += [error.exit_status for error in refused]
    return max(statuses, default=0), ended


def _release_folders(jobs: "list[Job]") -> None:
    if jobs:
        from coach.cli.submission import release_folders

        release_folders(jobs)


@contextmanager
def open_deployment(
    settings: Settings,
    servers: Servers | None,
    options: JobOptions,
    pose_workers: int | None,
    forks: bool,
) -> Iterator[tuple[Servers, Callable[[bool], None]]]:
    """The servers of a deployment, and what `submit_and_wait` calls to supervise its workers."""
    if servers is not None:
        yield servers, lambda needs_poses: None
        return
    # In this process, so that the user sees the download and any error.
    runtime = Runtime.of(settings)
    engines.check(runtime, networks_of(options.backend, runtime, options.pose))
    settings = settings.model_copy(update={"backend": options.backend})
    with LocalDeployment(settings, pose_workers or default_pose_workers(), forks) as local:
        yield Servers([local.url], settings.keep_jobs_s), local.supervise
