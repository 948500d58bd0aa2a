"""`coach clean`: remove old results and their records together."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coach.cli.old_results import Old, OldResults
from coach.cli.submission import release_folders
from services.writer.publish import remove_staged
from services.writer.removal import remove_result
from shared.errors import CoachError, UsageError
from shared.names import readable
from shared.queue.servers import Servers
from shared.settings import Settings


def run(
    folders: Sequence[Path],
    job_ids: Sequence[str],
    older_than_s: float,
    dry_run: bool,
    settings: Settings,
    as_json: bool,
) -> None:
    """Remove the results and records of ended jobs.

    Args:
        folders: folders of results that are looked through; if none, those of the server's jobs.
        job_ids: only these jobs, of any age.
        older_than_s: age from which they are removed, in seconds.
        dry_run: remove nothing.
        settings: they name the deployment's servers; results lie below `out_roots`.
        as_json: print one JSON document to stdout.

    Raises:
        UsageError: there is no such job, it has not ended, or a folder is none.
    """
    servers = Servers.of(settings)
    old = OldResults(servers, settings, time.time() - older_than_s)
    planned = list(old.of_jobs(job_ids) if job_ids else old.in_folders(folders))
    removed: list[dict[str, Any]] = []
    failures = old.failures
    for one in planned:
        try:
            removed.append(_remove(servers, one, dry_run))
        except CoachError as error:
            failures.append(error)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    if as_json:
        print(json.dumps(removed, indent=2))
    else:
        _print(removed, dry_run)
    if failures:
        sys.exit(max(error.exit_status for error in failures))


def _remove(servers: Servers, old: Old, dry_run: bool) -> dict[str, Any]:
    """Remove a record, and the result that it leads to; what was removed."""
    size, left = 0, list[str]()
    for server in servers if not dry_run else ():
        with server.errors():
            if not server.store.forget(old.job_id):
                raise UsageError(f"job {old.job_id} was submitted again; nothing of it is removed")
    if old.job is not None and not dry_run:  # at once: the clip may be submitted again meanwhile
        remove_staged(Path(old.job.out), old.job.id)
        release_folders([old.job])
    if old.result is not None:
        size, left = remove_result(old.result, dry_run)
    return {
        "job": old.job_id,
        "source": old.source,
        "out": None if old.result is None else readable(str(old.result.folder)),
        "record": old.job is not None,
        "bytes": size,
        "left": [readable(name) for name in left],
    }


def _print(removed: list[dict[str, Any]], dry_run: bool) -> None:
    for one in removed:
        place = one["out"] or "only its record"
        print(f"{one['job']}  {one['source']}: {place}, {one['bytes'] / 1e6:.1f} MB")
        if one["left"]:
            print(f"  stays, as it is not Coach's: {', '.join(one['left'])}", file=sys.stderr)
    total = sum(one["bytes"] for one in removed) / 1e6
    said = "would be removed" if dry_run else "removed"
    print(f"jobs {said}: {len(removed)}, with {total:.1f} MB of results", file=sys.stderr)
