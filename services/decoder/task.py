"""The decode task: one video into the stream of frame chunks.

Reads: the source video; the job's record.
Writes: `frames:<backend>`, one message per chunk; EndOfStream to `keypoints`; progress.
Order: chunks are sent in order; at most `window_chunks` and `window_bytes` of a job are in flight.
On failure: RQ runs the task again; it decodes again and resumes at the first chunk not yet sent.
"""

import logging
import time
from pathlib import Path

from services.decoder.chunks import Chunk, chunks_of
from services.decoder.sampling import choose_every, is_adaptive
from services.decoder.window import choose_window
from shared import logs
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk
from shared.errors import QueueError, SourceError
from shared.media.fingerprint import fingerprint
from shared.media.frames import Source
from shared.media.limits import SourceLimits
from shared.media.source import open_source
from shared.queue import keys, tasks
from shared.queue.job import Job
from shared.queue.stalled_jobs import is_in_flight
from shared.settings import read_settings

#: Duration of one wait for room in the window, in seconds; the job's state is checked after each.
_WAIT_S = 1

_log = logging.getLogger(__name__)


def decode(job_id: str) -> None:
    """Decode the source of a job; the RQ task of this service."""
    decode_job(tasks.TaskContext.current(read_settings()), job_id)


def decode_job(context: tasks.TaskContext, job_id: str) -> None:
    """Decode the source of a job and send its chunks; an error fails the job."""
    with logs.about(job_id):
        decoding = _Decoding(context)
        tasks.run_or_fail_job(context.store, job_id, lambda: decoding.run(job_id))


class _Cancelled(Exception):
    """The job is not active any more."""


class _Decoding:
    """One run of the task."""

    def __init__(self, context: tasks.TaskContext) -> None:
        self.client, self.store = context.client, context.store
        self.settings = context.settings
        self.largest = 0  # of the chunks so far, in bytes

    def run(self, job_id: str) -> None:
        job = self.store.get(job_id)
        if job is None or not self.store.start(job_id):
            return
        path = Path(job.source)
        with open_source(path, SourceLimits.of(self.settings)) as source:
            if fingerprint(path) != job.sha256:
                raise SourceError(f"{path} has changed since it was submitted; submit it again")
            try:
                self._send_all(job, source)
            except _Cancelled:
                _log.info("the job has ended elsewhere; stopping")

    def _send_all(self, job: Job, source: Source) -> None:
        every = choose_every(job.options.every, source.info.fps)
        self.store.update(
            job.id,
            width_px=source.info.width_px,
            height_px=source.info.height_px,
            fps=source.info.fps,
            every=every,
            frames=source.info.frames_estimate,
        )
        done = self.store.stored_chunk_numbers(job.id) | set(range(job.sent))
        options = job.options
        adaptive = is_adaptive(options.every, source.info.frames_estimate)
        chunks = 0
        for chunk in chunks_of(source, every, options.chunk_frames, options.analysis_side_px, done):
            chunks = chunk.number + 1
            if chunk.frames:
                self._send(job, chunk, adaptive)
        frames = source.frames_read
        end = codec.pack(EndOfStream(job.id, chunks, source.end_reason))
        self._publish(job, keys.KEYPOINTS, end, decoded=frames, frames=frames)
        _log.info("decoded %d frames into %d chunks (%s)", frames, chunks, source.end_reason)

    def _send(self, job: Job, chunk: Chunk, adaptive: bool) -> None:
        """Send one chunk once the job's window has room for it."""
        options = job.options
        message = FrameChunk(job.id, chunk.number, chunk.frames, options.pose, adaptive)
        payload = codec.pack(message)
        self.largest = max(self.largest, len(payload))
        window = choose_window(self.settings, self.largest)
        while not self.store.wait_for_room(job.id, chunk.number, window, _WAIT_S):
            self._stop_if_cancelled(job.id)
            self._check_that_chunks_are_in_flight(job.id)
        stream = keys.frames(options.backend)
        self._publish(
            job, stream, payload, sent=chunk.number + 1, decoded=chunk.frames[-1].index + 1
        )

    def _publish(self, job: Job, stream: str, payload: bytes, **values: int) -> None:
        """Send a message and set fields of the record; wait while the server is full."""
        self._stop_if_cancelled(job.id)
        while not self.store.send(job.id, stream, payload, **values):
            _log.warning("Redis is full; waiting until workers free some of its memory")
            self.store.wait_for_result(job.id, _WAIT_S)
            self._stop_if_cancelled(job.id)

    def _stop_if_cancelled(self, job_id: str) -> None:
        if not self.store.is_active(job_id):
            raise _Cancelled

    def _check_that_chunks_are_in_flight(self, job_id: str) -> None:
        """Start over if the window waits for chunks that the server has lost."""
        job = self.store.get(job_id)
        if job is None or time.time() - job.progress_s < self.settings.stall_s:
            return
        if not is_in_flight(self.client, job):
            self.store.update(job_id, sent=0)
            raise QueueError("Redis has lost chunks that were in flight; sending them again")
