"""`coach results`: where the results of jobs are, and what they say."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coach.cli.outcomes import outcome_of
from services.writer.contents import KNOWN_FILES, MANIFEST
from shared.names import readable
from shared.queue.job import ACTIVE
from shared.queue.servers import Servers
from shared.settings import Settings


def run(job_ids: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Print the results of jobs: a summary in words, and the files.

    Args:
        job_ids: the jobs.
        settings: they name the deployment's servers.
        as_json: print one JSON document to stdout: an object for one job, a list for several.

    Returns:
        The exit status: 0 if all have a result here, else 1.

    Raises:
        UsageError: there is no such job.
    """
    servers = Servers.of(settings)
    jobs = [servers.find(job_id)[1] for job_id in job_ids]
    documents = []
    for job in jobs:
        out = Path(job.out)
        is_here = job.state == "done" and (out / MANIFEST).is_file()
        outcome, notes = outcome_of(job) if is_here else (_without_result(job), [])
        names = sorted(name for name in KNOWN_FILES if is_here and (out / name).is_file())
        outcome["files"] = {name: readable(str(out / name)) for name in names}
        documents.append(outcome)
        if not as_json:
            _print(outcome, notes)
    if as_json:
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    return 0 if all(document["files"] for document in documents) else 1


def _without_result(job: Any) -> dict[str, Any]:
    said = job.error
    if job.state in ACTIVE:
        said = f"not finished; `coach watch {job.id}` waits for it"
    elif job.state == "done":
        said = f"its result is not at {job.out} any more, or this computer does not see that folder"
    return {
        "job": job.id,
        "source": readable(job.source),
        "out": readable(job.out),
        "state": job.state,
        "error": job.error or None,
        "said": readable(said),
    }


def _print(outcome: dict[str, Any], notes: list[str]) -> None:
    print(f"{outcome['source']}: {outcome['said'] or outcome['state']}")
    for note in notes:
        print(f"  note: {note}", file=sys.stderr)
    for path in outcome["files"].values():
        print(f"  {path}")
