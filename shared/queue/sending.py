"""What the decoder sends: each chunk of a job once, in order, while it holds the job's lease."""

import time
from typing import Any

import redis

from shared.activity import ACTIVITY
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk
from shared.queue import keys
from shared.queue.job import Job, to_text
from shared.queue.lease import HOLD, Lease
from shared.queue.patience import wait
from shared.queue.priorities import named
from shared.queue.streams import bytes_of

#: Send a message of a job, if the lease is held and the record says that it is the next.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>        hash: reads and writes `sent`, and the given fields
#:     KEYS[2]  coach:job:<id>:lease  string, see HOLD
#:     KEYS[3]  the stream
#:     KEYS[4]  coach:job:<id>:sent   hash: where the chunk's message is
#: Arguments:
#:     ARGV[1…3] see HOLD
#:     ARGV[4]  `sent` before the message is sent
#:     ARGV[5]  `sent` after that
#:     ARGV[6]  the message
#:     ARGV[7]  number of the chunk; "" for the end of the stream
#:     ARGV[8…] further fields to set: field, value, …
#: Returns what HOLD returns, or "behind": the server has lost what was sent before. A message whose
#: answer was lost is not sent again.
_SEND = (
    "#!lua"
    + HOLD
    + """
local answer = hold()
if answer ~= 'held' then
  return answer
end
local record = redis.call('HMGET', KEYS[1], 'sent', 'end_sent')
local is_end = ARGV[7] == ''
if (is_end and record[2] == '1') or (not is_end and record[1] == ARGV[5]) then
  return answer
elseif record[1] ~= ARGV[4] then
  return 'behind'
end
local id = redis.call('XADD', KEYS[3], '*', 'm', ARGV[6])
redis.call('HSET', KEYS[1], 'sent', ARGV[5], unpack(ARGV, 8))
if is_end then
  redis.call('HSET', KEYS[1], 'end_sent', '1')
else
  redis.call('HSET', KEYS[4], ARGV[7], KEYS[3] .. ' ' .. id)
end
return answer
"""
)


#: Pause between two looks at a full stream, in seconds (chosen: a pose stage of hundreds of frames
#: a second does not empty 256 MiB meanwhile).
_FULL_S = 0.25


class LostMessages(Exception):
    """The server has restarted and lost messages of this job; they must be sent again."""


class ChunkSender:
    """Sends the messages of one run of the decode task.

    Args:
        client: connection to the server; it waits while that is away or full.
        job: the job as its record is now.
        lease: its lease.
        max_bytes: memory that all jobs' chunks in its stream may take before it waits, in bytes.
    """

    def __init__(self, client: redis.Redis, job: Job, lease: Lease, max_bytes: int) -> None:
        self._client, self._max_bytes = client, max_bytes
        self._job, self._lease = job, lease
        self._sent = job.sent
        self._script = client.register_script(_SEND)

    def send(self, chunk: FrameChunk) -> None:
        """Send a chunk, once the chunks that wait for pose workers leave room for it.

        Raises:
            WorkOver: the job is not wanted any more, or another task has it.
            LostMessages: the server has lost chunks that were sent before.
        """
        before, self._sent = self._sent, chunk.chunk + 1
        stream = named(keys.frames(self._job.options.backend), self._job.priority)
        while bytes_of(self._client, stream) >= self._max_bytes:
            wait(_FULL_S, self._lease.check)
        decoded = chunk.frames[-1].index + 1
        self._send(stream, codec.pack(chunk), before, str(chunk.chunk), decoded=decoded)
        ACTIVITY.count_frames(len(chunk.frames))
        self._lease.note_step()

    def end(self, end: EndOfStream, frames: int, **description: float) -> None:
        """Say that all chunks are sent; raises as `send` does.

        Args:
            end: the message.
            frames: frames of the source.
            description: what else the job's record says of the source.
        """
        values = {"decoded": frames, "frames": frames, **description}
        stream = named(keys.KEYPOINTS, self._job.priority)
        self._send(stream, codec.pack(end), self._sent, "", **values)

    def _send(self, stream: str, payload: bytes, before: int, number: str, **values: float) -> None:
        fields = {"progress_s": time.time(), **values}
        flat = [part for name, value in fields.items() for part in (name, to_text(value))]
        names = [*self._lease.keys, stream, keys.sent(self._job.id)]
        arguments: list[Any] = [*self._lease.arguments, before, self._sent, payload, number, *flat]
        answer: Any = self._script(keys=names, args=arguments)
        if answer == b"behind":
            raise LostMessages
        self._lease.note(answer)
        self._lease.check()
