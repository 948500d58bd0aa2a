"""Where one chunk of a job is: which queue it waits in, or which worker has it."""

from dataclasses import dataclass
from typing import Any, Literal

import redis

from shared.data.messages import KeypointChunk
from shared.queue import dead_letters, keys
from shared.queue.in_flight import has_entry, keypoints_in
from shared.queue.job import Job
from shared.queue.priorities import named
from shared.queue.values import text_of

Stage = Literal["decode", "pose", "score", "stored", "dead"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk is.

    Attributes:
        stage: The stage that it waits for or is in; "stored" once its keypoints are, "dead" where
            no worker could handle it.
        worker: The worker that has it; "" while it waits.
        deliveries: How often it was delivered; 0 while it waits.
        idle_s: Time since its worker took it, or last said that it works on it, in seconds.
        cause: Why it is a dead letter; "" if it is none.
    """

    stage: Stage
    worker: str = ""
    deliveries: int = 0
    idle_s: float = 0.0
    cause: str = ""


def find_chunk(client: Any, job: Job, chunk: int) -> Place:
    """Find a chunk of a job that has not ended.

    Args:
        client: connection to the server.
        job: the job.
        chunk: number of the chunk, from 0.
    """
    for letter in dead_letters.letters(client):
        if letter.job == job.id and letter.chunk == str(chunk):
            return Place("dead", deliveries=letter.deliveries, cause=letter.cause)
    if client.hexists(keys.results(job.id), str(chunk)):
        return Place("stored")
    sent = client.hget(keys.sent(job.id), str(chunk))
    if sent is not None:
        stream, _, entry_id = sent.rpartition(b" ")
        if has_entry(client, stream, entry_id):
            return _in_stream(client, "pose", text_of(stream), keys.POSE_GROUP, entry_id)
    keypoints = named(keys.KEYPOINTS, job.priority)
    found = _keypoints_of(client, keypoints, job.id, chunk)
    if found is not None:
        return _in_stream(client, "score", keypoints, keys.SCORER_GROUP, found)
    return Place("stored" if client.hexists(keys.results(job.id), str(chunk)) else "decode")


def task_worker_of(client: Any, job: Job) -> str:
    """The worker that decodes or writes a job, as `host:pid`; "" if nobody does."""
    token = client.get(keys.lease(job.id))
    return token.decode(errors="replace").rpartition(":")[0] if token else ""


def _in_stream(client: Any, stage: Stage, stream: str, group: str, entry_id: bytes) -> Place:
    try:
        pending = client.xpending_range(stream, group, entry_id, entry_id, 1)
    except redis.ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
        pending = []  # no worker was ever there
    if not pending:
        return Place(stage)
    [one] = pending
    return Place(
        stage,
        one["consumer"].decode(errors="replace"),
        one["times_delivered"],
        one["time_since_delivered"] / 1000,
    )


def _keypoints_of(client: Any, stream: str, job_id: str, chunk: int) -> bytes | None:
    """Id of the message with the keypoints of a chunk; None if there is none."""
    for entry_id, message in keypoints_in(client, stream):
        if isinstance(message, KeypointChunk) and (message.job, message.chunk) == (job_id, chunk):
            return entry_id
    return None
