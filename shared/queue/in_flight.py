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
        if has_entry(client, stream, entry_id):
            return True
    return job.id in jobs_with_keypoints(client)


def has_entry(client: Any, stream: bytes, entry_id: bytes) -> bool:
    """Whether a stream has an entry; the entry itself is not sent along."""
    return bool(client.eval(_EXISTS, 1, stream, entry_id))


def jobs_with_keypoints(client: Any) -> set[str]:
    """Ids of the jobs that have a message in a stream of keypoints."""
    streams = keys.by_priority(keys.KEYPOINTS)
    return {message.job for stream in streams for _, message in keypoints_in(client, stream)}


def keypoints_in(client: Any, stream: str) -> Iterator[tuple[bytes, KeypointChunk | EndOfStream]]:
    """The messages in a stream of keypoints that can be read, with their ids."""
    start = b"-"
    while page := client.xrange(stream, start, "+", count=_PAGE):
        for entry_id, fields in page:
            try:
                message = codec.unpack(fields.get(b"m", b""), KeypointChunk, EndOfStream)
            except MessageError:
                continue  # it tells of no job
            yield bytes(entry_id), message
        start = b"(" + page[-1][0]
