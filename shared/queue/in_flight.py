"""Whether messages of a job are on their way: in the stream of frames, or in that of keypoints."""

from collections.abc import Iterator
from typing import Any

from shared.data import codec
from shared.data.messages import EndOfStream, KeypointChunk
from shared.errors import MessageError
from shared.queue import keys
from shared.queue.job import Job

#: Messages of the keypoints' stream that are read at once (a chunk's keypoints take about 30 kB).
_PAGE = 32

#: Whether a stream has an entry, without sending the entry. KEYS[1]: the stream. ARGV[1]: the id.
_EXISTS = "return #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])"


def is_in_flight(client: Any, job: Job) -> bool:
    """Whether a message of a job waits in a stream, or is being handled.

    Messages of other jobs do not count, however long they stay.
    """
    for place in client.hvals(keys.sent(job.id)):
        stream, _, entry_id = place.rpartition(b" ")
        if client.eval(_EXISTS, 1, stream, entry_id):
            return True
    return job.id in jobs_with_keypoints(client)


def jobs_with_keypoints(client: Any) -> set[str]:
    """Ids of the jobs that have a message in a stream of keypoints."""
    return {job for stream in keys.by_priority(keys.KEYPOINTS) for job in _jobs_of(client, stream)}


def _jobs_of(client: Any, stream: str) -> Iterator[str]:
    start = b"-"
    while page := client.xrange(stream, start, "+", count=_PAGE):
        for entry_id, fields in page:
            try:
                yield codec.unpack(fields.get(b"m", b""), KeypointChunk, EndOfStream).job
            except MessageError:
                pass  # it tells of no job
            start = b"(" + entry_id
