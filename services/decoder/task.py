"""The decode task: one video into the stream of frame chunks.

Reads: the source video; the job's record.
Writes: `frames:<backend>`, one message per chunk; EndOfStream to `keypoints`; progress.
Order: chunks are sent in order; at most `window_chunks` and `window_bytes` of a job are in flight.
On failure: another worker decodes again and resumes at the first chunk not yet sent. A server that
is away or full is waited for.
"""

import logging
import time
from pathlib import Path

from services.decoder.chunks import Chunk, chunks_of
from services.decoder.recording import look_through
from services.decoder.sampling import choose_every, is_adaptive
from services.decoder.window import choose_window
from shared import logs
from shared.data.messages import EndOfStream, FrameChunk
from shared.errors import SourceError
from shared.media.fingerprint import has_fingerprint, version_of
from shared.media.frames import Source
from shared.media.limits import SourceLimits
from shared.media.source import open_source
from shared.queue.in_flight import is_in_flight
from shared.queue.job import Job
from shared.queue.sending import ChunkSender, LostMessages
from shared.queue.task_run import TaskContext, TaskRun, run_task

#: Duration of one wait for room in the window, in seconds; whether the job is still wanted is
#: checked after each.
_WAIT_S = 1

#: Most analysed frames of one result: half an hour at 30 a second. Derived: judging takes 10 kB for
#: each, half a gigabyte in all.
MAX_FRAMES = 54_000

_log = logging.getLogger(__name__)


def decode(job_id: str) -> None:
    """Decode the source of a job; the RQ task of this service."""
    decode_job(TaskContext.current(), job_id)


def decode_job(context: TaskContext, job_id: str) -> None:
    """Decode the source of a job and send its chunks; an error fails the job."""
    with logs.about(job_id):
        run_task(context, "decode", job_id, _run)


def _run(run: TaskRun) -> None:
    if run.job.kind == "recording":
        look_through(run)
    else:
        _Decoding(run).run()


class _Decoding:
    """One run of the task."""

    def __init__(self, run: TaskRun) -> None:
        self._job_id, self._lease = run.job.id, run.lease
        self._client, self._store = run.client, run.store
        self._settings = run.settings
        self._largest = 1  # bytes of the largest chunk sent

    def run(self) -> None:
        """Send all chunks that are not sent yet, and again what the server has lost meanwhile."""
        while (job := self._store.get(self._job_id)) is not None and not job.end_sent:
            try:
                self._decode(job)
            except LostMessages:
                _log.warning("the server has lost chunks; sending them again")

    def _decode(self, job: Job) -> None:
        path = Path(job.source)
        self._sender = ChunkSender(self._client, job, self._lease, self._settings.in_flight_bytes)
        version = version_of(path)
        limits = SourceLimits.of(self._settings, is_set=bool(job.recording))
        with open_source(path, limits) as source:
            self._check_source(job)
            chunks = self._send_all(job, source)
            if version_of(path) != version:
                self._check_source(job)
            end = EndOfStream(job.id, chunks, source.end_reason)
            # The server may have forgotten what the record says of the source.
            self._sender.end(end, source.frames_read, **_description(job, source))
        _log.info("decoded %d frames into %d chunks (%s)", source.frames_read, chunks, end.reason)

    def _check_source(self, job: Job) -> None:
        if not has_fingerprint(Path(job.source), job.sha256, self._lease.check):
            raise SourceError(f"{job.source} has changed since it was submitted; submit it again")

    def _send_all(self, job: Job, source: Source) -> int:
        """Send the chunks that are not sent yet; the number of all."""
        every = choose_every(job.options.every, source.info.fps)
        estimate = source.info.frames_estimate
        self._store.update(job.id, frames=estimate, **_description(job, source))
        self._check_length(job, source.info.frames_estimate // every)
        done = self._store.stored_chunk_numbers(job.id) | set(range(job.sent))
        options = job.options
        adaptive = is_adaptive(options.every, source.info.frames_estimate)
        chunks = 0
        for chunk in chunks_of(
            source, every, options.chunk_frames, options.analysis_side_px, done, self._lease.check
        ):
            chunks = chunk.number + 1
            self._check_length(job, chunk.number * options.chunk_frames)
            if chunk.frames:
                self._wait_for_room(job, chunk)
                frames = chunk.frames
                self._sender.send(FrameChunk(job.id, chunk.number, frames, options.pose, adaptive))
        return chunks

    def _check_length(self, job: Job, frames: int) -> None:
        if frames > MAX_FRAMES:
            raise SourceError(
                f"{job.source} has more than {MAX_FRAMES} frames to analyse, too many for one "
                "result; find its sets with --sets on (convert it to MP4 first if it is of several "
                "takes), or analyse fewer frames with --every N"
            )

    def _wait_for_room(self, job: Job, chunk: Chunk) -> None:
        """Wait until the job's window has room for a chunk.

        Raises:
            LostMessages: the window waits for chunks that the server does not have any more.
        """
        size = sum(len(frame.image) for frame in chunk.frames)
        self._largest = max(self._largest, size)
        window = choose_window(self._settings, self._largest)
        while not self._store.wait_for_room(job.id, chunk.number, window, _WAIT_S):
            self._lease.check()
            now = self._store.get(job.id) or job
            waited_s = abs(time.time() - now.progress_s)  # the clock may be set back
            if waited_s > self._settings.stall_s and not is_in_flight(self._client, now):
                self._store.rewind(job.id)
                raise LostMessages


def _description(job: Job, source: Source) -> dict[str, float]:
    """The fields of a job's record that say what its source is like."""
    return {
        "width_px": source.info.width_px,
        "height_px": source.info.height_px,
        "fps": source.info.fps,
        "every": choose_every(job.options.every, source.info.fps),
    }
