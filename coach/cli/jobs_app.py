"""`coach status`, `watch`, `results`, `trace`, `cancel` and `retry`: a deployment's jobs."""

import sys
from typing import Annotated

import typer

from coach.cli.options import AsJson, Redis
from coach.cli.which_deployment import deployment_of

JobIds = Annotated[list[str], typer.Argument(metavar="JOB…", help="Ids of jobs.")]


def add_job_commands(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (status, watch, results, trace, cancel, retry):
        app.command()(command)


def status(
    job: Annotated[str | None, typer.Argument(help="A job's id; all jobs if not given.")] = None,
    with_ended: Annotated[
        bool, typer.Option("--all", help="Show jobs that have ended, too (--json always does).")
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="Show it again every second, until Ctrl-C.")
    ] = False,
    deployment: Annotated[
        bool, typer.Option("--deployment", help="With --json: queues and workers, too.")
    ] = False,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Show queues, workers and jobs, or the progress of one job."""
    from coach.cli import status

    status.run(job, deployment_of(redis), as_json, with_ended, live, deployment)


def watch(
    jobs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[JOB]…", help="Ids of jobs; if none, all that have not ended."),
    ] = None,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Wait for jobs, and show how far they are. Ctrl-C ends the watching, not the jobs."""
    from coach.cli import watch

    sys.exit(watch.run(jobs or [], deployment_of(redis), as_json))


def results(jobs: JobIds, redis: Redis = None, as_json: AsJson = False) -> None:
    """Say where the results of jobs are, and what they show."""
    from coach.cli import results

    sys.exit(results.run(jobs, deployment_of(redis), as_json))


def trace(
    job: Annotated[str, typer.Argument(help="A job's id.")],
    frame: Annotated[int, typer.Argument(min=0, help="Number of a frame of its clip, from 0.")],
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Say where a frame is, or was, and what was seen in it."""
    from coach.cli import trace

    trace.run(job, frame, deployment_of(redis), as_json)


def cancel(jobs: JobIds, redis: Redis = None) -> None:
    """Stop jobs, and remove what they have left."""
    from coach.cli import cancel

    cancel.run(jobs, deployment_of(redis))


def retry(jobs: JobIds, redis: Redis = None) -> None:
    """Resume jobs that have failed or were cancelled, from what is stored of them."""
    from coach.cli import retry

    retry.run(jobs, deployment_of(redis))
