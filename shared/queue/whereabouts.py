"""Where one chunk of a job is: which queue it waits in, or which worker has it."""

from dataclasses import dataclass
from typing import Any, Literal

import redis

from shared.data import codec
from shared.data.messages import EndOfStream, KeypointChunk
from shared.errors import MessageError
from shared.queue import dead_letters, keys
from shared.queue.job import Job
from shared.queue.priorities import named

#: Messages of the keypoints' stream that are read at once (a chunk's keypoints take about 30 kB).
_PAGE = 32

#: Whether a stream has an entry, without sending the entry. KEYS[1]: the stream. ARGV[1]: the id.
_EXISTS = "return #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])"

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
        if client.eval(_EXISTS, 1, stream, entry_id):
            return _in_stream(client, "pose", stream.decode(), keys.POSE_GROUP, entry_id)
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
    start = b"-"
    while page := client.xrange(stream, start, "+", count=_PAGE):
        for entry_id, fields in page:
            try:
                message = codec.unpack(fields.get(b"m", b""), KeypointChunk, EndOfStream)
            except MessageError:
                continue  # it tells of no job
            if isinstance(message, KeypointChunk) and (message.job, message.chunk) == (
                job_id,
                chunk,
            ):
                return bytes(entry_id)
        start = b"(" + page[-1][0]
    return None
