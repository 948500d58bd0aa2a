"""`coach status`, `cancel` and `retry`: the command line of a deployment's jobs."""

from typing import Annotated

import typer

from coach.cli.options import AsJson, Redis, required_url

JobIds = Annotated[list[str], typer.Argument(metavar="JOB…", help="Ids of jobs.")]


def add_job_commands(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (status, cancel, retry):
        app.command()(command)


def status(
    job: Annotated[str | None, typer.Argument(help="A job's id; all jobs if not given.")] = None,
    redis: Redis = None,
    as_json: AsJson = False,
) -> None:
    """Show the progress of one job, or of all."""
    from coach.cli import status
    from shared.settings import read_settings

    status.run(job, read_settings(redis_url=required_url(redis)), as_json)


def cancel(jobs: JobIds, redis: Redis = None) -> None:
    """Stop jobs, and remove what they have left."""
    from coach.cli import cancel
    from shared.settings import read_settings

    cancel.run(jobs, read_settings(redis_url=required_url(redis)))


def retry(jobs: JobIds, redis: Redis = None) -> None:
    """Resume jobs that have failed or were cancelled, from what is stored of them."""
    from coach.cli import retry
    from shared.settings import read_settings

    retry.run(jobs, read_settings(redis_url=required_url(redis)))
