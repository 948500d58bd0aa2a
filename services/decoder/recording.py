"""The decode task of a recording: which parts show lifting; each becomes a clip and a job.

    key frames ──→ where it moves ──→ a look a second at the people ──→ sets ──→ clips, jobs

Reads: the recording; the looks' results, which pose workers and scorers give as for any clip.
Writes: `frames:<backend>`, one message per 16 looks; a clip in the folder of each set; the sets'
jobs; how far it was looked at.
Order: part by part, in order. The task goes to the end of the queue if others wait.
On failure: another worker looks at the part again, and finds the same sets.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from services.decoder.chunks import encode_frame
from services.decoder.gate.lifting import find_sets, samples_of
from services.decoder.gate.motion import LONGEST_GAP_S, Changes, Span
from services.decoder.set_clips import cut_set
from services.decoder.window import choose_window
from shared import logs
from shared.data.gate import GREY_PX, GateState
from shared.data.messages import EncodedFrame, FrameChunk, KeypointChunk
from shared.errors import SourceError
from shared.media.fingerprint import has_fingerprint
from shared.media.limits import SourceLimits
from shared.media.recording import Recording
from shared.queue.in_flight import is_in_flight
from shared.queue.lease import Reason, WorkOver
from shared.queue.sending import ChunkSender, LostMessages
from shared.queue.sets import Gate, new_set
from shared.queue.task_run import TaskRun

#: Length of a part, in seconds. Chosen: a set is found within minutes of the video, and what is
#: kept of a part is small: 300 grey pictures, 300 looks.
PART_S = 300.0

#: Time between two key frames that are compared, in seconds (chosen: motion lasts longer).
_KEY_STEP_S = 1.0

#: Time between two looks at the people, in seconds. Chosen: a lifter's hands are below the
#: knees for about a second in a repetition, and sets have several.
_LOOK_S = 1.0

#: Largest distance of key frames at which no others are looked at, in seconds.
_ENOUGH_S = 1.5 * _LOOK_S

#: Looks in a chunk, and the numbers that a part's chunks may have. Derived: 300 looks, and one
#: more at the beginning of each span.
_CHUNK, _PART_CHUNKS = 16, 32

#: Longer side of the pictures, in pixels. Derived: the finding network takes no larger ones.
_SIDE_PX = 448

#: Duration of one wait for results, in seconds.
_WAIT_S = 1

_log = logging.getLogger(__name__)


def look_through(run: TaskRun) -> None:
    """Look through the recording of a job, and have its sets analysed."""
    _Looking(run).run()


class _Looking:
    """One run of the task."""

    def __init__(self, run: TaskRun) -> None:
        self._job, self._lease, self._settings = run.job, run.lease, run.settings
        self._client, self._store = run.client, run.store
        self._path = Path(run.job.source)
        self._limits = SourceLimits.of(run.settings)
        keep_s = run.settings.keep_jobs_s
        self._gate = Gate(run.client, run.store, run.lease, run.job, keep_s)
        self._largest = 1

    def run(self) -> None:
        """Look at what was not looked at yet; then the recording waits for its sets."""
        if self._job.end_sent:
            return
        with Recording(self._path, self._limits) as recording:
            self._describe(recording)
            state = self._checked(self._gate.load() or _beginning())
            is_end = False
            while not is_end:
                state, is_end = self._look_at_part(recording, state)
                state = self._checked(state)
                self._lease.note_step()
        self._lease.confirm(end_sent=1, **self._description)

    def _describe(self, recording: Recording) -> None:
        width_px, height_px = recording.size_px
        self._length_s = recording.duration_s
        self._fps = recording.fps
        self._description = {
            "width_px": width_px,
            "height_px": height_px,
            "fps": self._fps,
            "frames": round(self._length_s * self._fps),
        }
        self._store.update(self._job.id, **self._description)

    def _checked(self, state: GateState) -> GateState:
        """Make sure that the file is the one that was submitted; it is read again if it changes."""
        stat = self._path.stat()
        version = f"{stat.st_size} {stat.st_mtime_ns}"
        if version == state.version:
            return state
        if not has_fingerprint(self._path, self._job.sha256, self._lease.check):
            raise SourceError(f"{self._path} has changed since it was submitted; submit it again")
        return replace(state, version=version)

    def _look_at_part(self, recording: Recording, state: GateState) -> tuple[GateState, bool]:
        while True:
            try:
                return self._look(recording, state)
            except LostMessages:
                _log.warning("the server has lost looks; sending them again")

    def _look(self, recording: Recording, state: GateState) -> tuple[GateState, bool]:
        """Look at one part; the state after it, and whether it was the last."""
        from_s, to_s = state.part * PART_S, (state.part + 1) * PART_S
        changes = self._changes(recording, from_s, to_s)
        has_more = bool(changes.times_s) and changes.times_s[-1] >= to_s
        is_end = not has_more and to_s >= self._length_s
        moving = changes.moving(state.noise)
        end_s = min(to_s, max(self._length_s, *changes.times_s, from_s)) if is_end else to_s
        spans = changes.spans(moving, from_s, end_s)
        chunks = self._survey(recording, spans, changes.times_s, state.part * _PART_CHUNKS)
        samples = list(state.samples)
        for frame in chain.from_iterable(chunk.frames for chunk in chunks):
            samples += samples_of(frame)
        found = find_sets(samples, end_s, state.closed_s, is_end)
        with logs.about(self._job.id):
            for part_s in found.sets:
                self._submit(recording, part_s)
        people_s = [sample.time_s for sample in samples]
        skipped = sum(len(chunk.frames) for chunk in chunks if chunk.is_skipped)
        after = GateState(
            part=state.part + 1,
            closed_s=found.closed_s,
            noise=changes.learned(state.noise, moving, people_s),
            samples=found.samples,
            version=state.version,
            skipped=state.skipped + skipped,
            sets=state.sets + len(found.sets),
        )
        self._gate.save(after, round(min(end_s, self._length_s or end_s) * self._fps))
        looked_s = sum(end - start for start, end in spans)
        _log.info("%.0f s: %.0f s with motion, %d sets", end_s, looked_s, len(found.sets))
        return after, is_end

    def _changes(self, recording: Recording, from_s: float, to_s: float) -> Changes:
        """How the key frames of a part and its surroundings change."""
        times_s, greys = [], []
        near_s = LONGEST_GAP_S
        for frame in recording.key_frames(max(0.0, from_s - near_s), to_s + near_s, _KEY_STEP_S):
            self._lease.check()
            times_s.append(frame.time_s)
            greys.append(frame.grey)
        return Changes.between(times_s, greys)

    def _survey(
        self, recording: Recording, spans: list[Span], keys_s: Sequence[float], first_chunk: int
    ) -> list[KeypointChunk]:
        """Have the people in some spans looked at about once a second."""
        self._gate.begin_part(first_chunk)
        job = self._store.get(self._job.id)
        if job is None:
            raise WorkOver(Reason.ENDED)
        sender = ChunkSender(self._client, job, self._lease, self._settings.in_flight_bytes)
        frames = self._looks(recording, spans, keys_s)
        number = first_chunk
        while batch := tuple(islice(frames, _CHUNK)):
            if number not in self._store.stored_chunk_numbers(job.id):
                self._wait(range(first_chunk, number), self._room_for(batch))
                options = job.options.pose
                sender.send(FrameChunk(job.id, number, batch, options, survey=True))
            number += 1
        numbers = range(first_chunk, number)
        self._wait(numbers, 1)
        chunks = self._gate.looks(numbers)
        if len(chunks) < len(numbers):
            raise LostMessages
        return chunks

    def _looks(
        self, recording: Recording, spans: list[Span], keys_s: Sequence[float]
    ) -> Iterator[EncodedFrame]:
        for start_s, end_s in spans:
            near = [t for t in keys_s if start_s - LONGEST_GAP_S < t < end_s + LONGEST_GAP_S]
            steps_s = np.diff(near)
            are_enough = len(near) > 1 and float(steps_s.max()) <= _ENOUGH_S
            for frame, size_px in recording.frames(start_s, end_s, _LOOK_S, are_enough):
                self._lease.check()
                yield encode_frame(frame, size_px, _SIDE_PX)

    def _room_for(self, batch: tuple[EncodedFrame, ...]) -> int:
        self._largest = max(self._largest, sum(len(frame.image) for frame in batch))
        return choose_window(self._settings, self._largest)

    def _wait(self, sent: range, room: int) -> None:
        """Wait until fewer than `room` of the sent chunks have no result.

        Raises:
            LostMessages: they are no longer at the server.
        """
        while len(set(sent) - self._store.stored_chunk_numbers(self._job.id)) >= room:
            self._lease.check()
            self._store.wait_for_result(self._job.id, _WAIT_S)
            now = self._store.get(self._job.id) or self._job
            waited_s = abs(time.time() - now.progress_s)
            if waited_s > self._settings.stall_s and not is_in_flight(self._client, now):
                raise LostMessages

    def _submit(self, recording: Recording, part_s: Span) -> None:
        """Cut a set out and have it analysed."""
        clip, sha256, part_s = cut_set(recording, self._job, part_s, self._settings, self._lease)
        job = new_set(self._job, clip, sha256, part_s)
        self._gate.submit(job, self._settings.task_timeout_s)
        _log.info("a set from %.0f to %.0f s: job %s", *part_s, job.id)


def _beginning() -> GateState:
    width, height = GREY_PX
    return GateState(0, -PART_S, np.zeros((height, width), np.float32), (), "")
