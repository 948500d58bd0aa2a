"""Several servers for one deployment: each job has all it needs on one of them. Pure.

A message is acknowledged in one transaction with its result, and a task is enqueued in one with the
analysis that it writes. So a job's record, tasks, streams and results stay together; workers serve
one server each, and servers know nothing of each other.
"""

import hashlib

from shared.settings import Settings


def urls(settings: Settings) -> list[str]:
    """URLs of all servers of a deployment."""
    return list(dict.fromkeys(settings.shards)) or [settings.redis_url]


def url_of(job_id: str, servers: list[str]) -> str:
    """URL of the server that has a job.

    Each pair of job and server has a number that looks random; the highest wins. If a server is
    added, only the jobs that it gets change their place.
    """
    return max(servers, key=lambda url: hashlib.sha256(f"{url} {job_id}".encode()).digest())
