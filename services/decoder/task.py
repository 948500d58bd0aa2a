"""The decode task: one video into the stream of frame chunks.

Reads: the source video; the job's record.
Writes: `frames:<backend>`, one message a chunk; EndOfStream to `keypoints`; progress.
Order: chunks leave in order; at most `window_chunks` of a job are in flight, the rest waits.
On failure: RQ runs the task again; it decodes anew and resumes at the first chunk not yet sent.
"""

import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from services.decoder.chunks import Chunk, chunks_of
from services.decoder.sampling import choose_every
from shared import logs
from shared.data import codec
from shared.data.messages import EndOfStream, FrameChunk
from shared.errors import QueueError, SourceError
from shared.media.source import Source, fingerprint, open_source
from shared.queue import keys, tasks
from shared.queue.connection import Client, connect
from shared.queue.jobs import Job, JobStore
from shared.queue.stalled_jobs import is_in_flight
from shared.settings import Settings

#: How long one wait for room lasts before the job is looked at again, seconds.
_WAIT_S = 1

_log = logging.getLogger(__name__)


def decode(job_id: str) -> None:
    """Decode the source of a job; the RQ task of this service."""
    settings = Settings()
    client = connect(settings.redis_url)
    store = JobStore(client, settings.keep_jobs_s)
    with logs.about(job_id):
        tasks.run_or_fail_job(store, job_id, lambda: _Decoding(client, store, settings).run(job_id))


class _Cancelled(Exception):
    """The job is no longer wanted."""


@dataclass
class _Decoding:
    """One run of the task."""

    client: Client
    store: JobStore
    settings: Settings

    def run(self, job_id: str) -> None:
        job = self.store.get(job_id)
        if job is None or not self.store.start(job_id):
            return
        path = Path(job.source)
        with open_source(path) as source:
            if fingerprint(path) != job.sha256:
                raise SourceError(f"{path} has changed since it was submitted; submit it again")
            try:
                self._send_all(job, source)
            except _Cancelled:
                _log.info("the job is no longer wanted")

    def _send_all(self, job: Job, source: Source) -> None:
        every = choose_every(job.options.every, source.info.fps)
        self.store.note(
            job.id, every=every, info=_described(source), frames=source.info.frames_estimate
        )
        done = self.store.scored_chunk_numbers(job.id) | set(range(job.sent))
        options = job.options
        chunks = 0
        for chunk in chunks_of(source, every, options.chunk_frames, options.analysis_side_px, done):
            chunks = chunk.number + 1
            if chunk.frames:
                self._send(job, chunk)
        frames = source.frames_read
        end = codec.pack(EndOfStream(job.id, chunks, source.end_reason))
        self._publish(job, keys.KEYPOINTS, end, decoded=frames, frames=frames)
        _log.info("decoded %d frames into %d chunks (%s)", frames, chunks, source.end_reason)

    def _send(self, job: Job, chunk: Chunk) -> None:
        """Send one chunk, as soon as the job's window has room for it."""
        window = self.settings.window_chunks
        while not self.store.wait_for_room(job.id, chunk.number, window, _WAIT_S):
            self._check_that_job_is_wanted(job.id)
            self._check_that_chunks_are_in_flight(job.id)
        payload = codec.pack(FrameChunk(job.id, chunk.number, chunk.frames, job.options.pose))
        stream = keys.frames(job.options.backend)
        self._publish(
            job, stream, payload, sent=chunk.number + 1, decoded=chunk.frames[-1].index + 1
        )

    def _publish(self, job: Job, stream: str, payload: bytes, **noted: int) -> None:
        """Send a message and note it; a full server is waited out."""
        self._check_that_job_is_wanted(job.id)
        while not self.store.send(job.id, stream, payload, **noted):
            _log.warning("Redis is full; waiting for the workers to make room")
            self.store.wait_for_change(job.id, _WAIT_S)
            self._check_that_job_is_wanted(job.id)

    def _check_that_job_is_wanted(self, job_id: str) -> None:
        if not self.store.is_active(job_id):
            raise _Cancelled

    def _check_that_chunks_are_in_flight(self, job_id: str) -> None:
        """Start over when chunks were lost that the window waits for (the server forgot them)."""
        job = self.store.get(job_id)
        if job is None or time.time() - job.progress_s < self.settings.stall_s:
            return
        if not is_in_flight(self.client, job):
            self.store.note(job_id, sent=0)
            raise QueueError("Redis has lost chunks that were in flight; sending them again")


def _described(source: Source) -> str:
    info = source.info
    return json.dumps({"width": info.width_px, "height": info.height_px, "fps": info.fps})
