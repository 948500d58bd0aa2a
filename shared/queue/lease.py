"""The right to decode or write one job, which one task has at a time.

The lease is a key with the task's token that expires by itself. A thread of the task renews it, and
learns so whether the job is still wanted. A task that finds the lease taken leaves the job alone.
One that has lost it (it was stopped for a while, or cut off) stops, and changes nothing any more:
each message is sent, and each result is moved to its place, only while the lease is held.
"""

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import redis

from shared.queue import keys
from shared.queue.job import Job, to_text
from shared.queue.patience import PASSING
from shared.queue.turns import Turn

#: Time after which the lease of a task that has died ends, in seconds (a stopped server or a busy
#: machine may delay several renewals).
LEASE_S = 12.0

#: Interval at which the lease is renewed and the job's state is read, in seconds: a cancelled job
#: stops within two of them.
_RENEW_S = 0.5

#: Time that a task has to notice that its work is over before its process is ended, in seconds
#: (longer than drawing or decoding one frame takes).
_NOTICE_S = 0.8

#: Pause between two tries to get an answer from a server that does not give one, in seconds.
_ANSWER_S = 0.5

_log = logging.getLogger(__name__)

#: A function for scripts: take or renew the lease of a job, if this run of the job is still wanted.
#:
#: Keys:
#:     KEYS[1]  coach:job:<id>        hash: reads `state`, `created_s`
#:     KEYS[2]  coach:job:<id>:lease  string: the holder's token
#: Arguments:
#:     ARGV[1]  `created_s` of the run that the task works on
#:     ARGV[2]  token of the task
#:     ARGV[3]  time after which the lease ends, ms
#: Returns "held", "taken" (another task has it) or "ended" (the job has ended, or has begun anew).
HOLD = """
local function hold()
  local run = redis.call('HMGET', KEYS[1], 'state', 'created_s')
  if (run[1] ~= 'queued' and run[1] ~= 'running') or run[2] ~= ARGV[1] then
    return 'ended'
  end
  local holder = redis.call('GET', KEYS[2])
  if holder == ARGV[2] then
    redis.call('PEXPIRE', KEYS[2], ARGV[3])
  elseif holder then
    return 'taken'
  else
    redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
  end
  return 'held'
end
"""

#: Hold the lease, and set fields of the record. Arguments: those of HOLD, then field, value, …
_RENEW = (
    "#!lua flags=allow-oom"
    + HOLD
    + """
local answer = hold()
if answer == 'held' and #ARGV > 3 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 4))
end
return answer
"""
)

#: Delete the lease KEYS[1], if its token begins with ARGV[1].
_RELEASE = """
local holder = redis.call('GET', KEYS[1])
if holder and string.sub(holder, 1, #ARGV[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""


class Reason(StrEnum):
    """Why a task's work is over before it is done."""

    ENDED = "the job has ended elsewhere"
    TAKEN = "another task works on the job"
    STOPPING = "this worker was asked to stop"
    GIVING_WAY = "the job has had its turn, and others wait; it goes on later"


class WorkOver(Exception):
    """The task must stop its work and change nothing any more."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass
class Stop:
    """A request to stop the process of a task.

    Attributes:
        asked: Set once the process was asked to stop.
        may_exit: Whether the process runs this task alone, so that it may be ended with it.
    """

    asked: threading.Event = field(default_factory=threading.Event)
    may_exit: bool = False


class Lease:
    """The lease of one task on one run of a job; a context manager once it is held.

    Args:
        client: connection to the server, which fails soon if that does not answer.
        job: the job.
        stop: the request to stop this process.
        grace_s: how long the work may go on after a request to stop, in seconds.
        turn: ends the work when others wait and it has had its turn; None to let them wait.
    """

    def __init__(
        self,
        client: redis.Redis,
        job: Job,
        stop: Stop,
        grace_s: float = 0.0,
        turn: Turn | None = None,
    ) -> None:
        self._client: Any = client
        self._stop = stop
        self._grace_s, self._turn = grace_s, turn
        self.keys = [keys.job(job.id), keys.lease(job.id)]
        token = f"{_prefix(os.getpid())}{uuid.uuid4().hex}"
        self.arguments: list[Any] = [to_text(job.created_s), token, round(LEASE_S * 1000)]
        self._renew = client.register_script(_RENEW)
        self._progress: dict[str, object] = {}
        self._over: Reason | None = None
        self._is_released = threading.Event()
        self._is_final = False
        self._leftovers: list[Callable[[], None]] = []

    def take(self) -> bool:
        """Take the lease; False if another task has it, or the job is not wanted any more."""
        try:
            self.confirm()
        except WorkOver:
            return False
        return True

    def check(self) -> None:
        """Raise WorkOver if the work must stop; asks no server, so that it may be called often."""
        if self._over is not None:
            raise WorkOver(self._over)

    def confirm(self, **values: object) -> None:
        """Make sure, at the server, that the lease is held; wait for a server that is away.

        Args:
            values: fields of the job's record that are set in the same step.

        Raises:
            WorkOver: it is not, or the process is asked to stop.
        """
        arguments = [*self.arguments, *_flat(values)]
        while True:
            self.check()
            try:
                answer = self._renew(keys=self.keys, args=arguments)
                break
            except PASSING as error:
                _log.warning("the server gives no answer (%s); waiting", error)
                if self._stop.asked.wait(_ANSWER_S):
                    raise WorkOver(Reason.STOPPING) from error
        self.note(answer)
        self.check()

    def note(self, answer: bytes) -> bool:
        """Take note of what a script with HOLD has answered; whether the lease is held."""
        reasons = {b"ended": Reason.ENDED, b"taken": Reason.TAKEN}
        self._over = self._over or reasons.get(answer)
        return answer not in reasons

    def note_step(self) -> None:
        """Note that a step is done: a chunk is sent, a part of a recording looked at."""
        if self._turn is not None:
            self._turn.note_step()

    def progress(self, **values: object) -> None:
        """Have fields of the record set with the next renewal."""
        self._progress = {**self._progress, **values}

    def begin_final_step(self) -> None:
        """Make sure of the lease; from now on the process is not ended with the job."""
        self._is_final = True
        self.confirm()

    def on_exit(self, remove: Callable[[], None]) -> None:
        """Have something removed if the process must be ended in the middle of its work."""
        self._leftovers.append(remove)

    def __enter__(self) -> Self:
        self._keeper = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_released.set()
        self._keeper.join(_NOTICE_S)  # it may wait for the server
        try:
            self._client.eval(_RELEASE, 1, self.keys[1], self.arguments[1])
        except redis.RedisError:
            pass  # it ends by itself

    def _keep(self) -> None:
        """Renew the lease until it is released, or the work is over."""
        asked_s = 0.0
        while self._over is None:
            if self._is_released.wait(_RENEW_S):
                return
            if self._stop.asked.is_set():
                asked_s += _RENEW_S
                if asked_s > self._grace_s:
                    self._over = Reason.STOPPING
            try:
                fields = _flat(self._due_progress())
                self.note(self._renew(keys=self.keys, args=[*self.arguments, *fields]))
                if self._turn is not None and self._turn.is_over():
                    self._over = self._over or Reason.GIVING_WAY
                    return
            except redis.RedisError:
                continue  # the next round may succeed
        if not self._is_released.wait(_NOTICE_S) and self._stop.may_exit and not self._is_final:
            _log.info("%s; ending this process", self._over.value)
            for remove in self._leftovers:
                remove()
            os._exit(1)

    def _due_progress(self) -> dict[str, object]:
        values, self._progress = self._progress, {}
        return values


def _flat(values: dict[str, object]) -> list[str]:
    """Fields of a record and the time of its progress, as a script takes them; none for none."""
    record = {**values, "progress_s": time.time()} if values else {}
    return [part for name, value in record.items() for part in (name, to_text(value))]


def release_of_process(client: Any, job_id: str, pid: int) -> None:
    """Delete a job's lease if a process of this machine had it that has died."""
    client.eval(_RELEASE, 1, keys.lease(job_id), _prefix(pid))


def _prefix(pid: int) -> str:
    """Beginning of the tokens of a process."""
    return f"{socket.gethostname()}:{pid}:"
