"""Every key that Coach keeps in Redis. RQ keeps its own under `rq:`.

    coach:jobs                    sorted set   job ids by time of submission (Unix seconds)
    coach:jobs:active             set          ids of jobs that are queued or running
    coach:job:<id>                hash         the job's record, see `shared.queue.job`
    coach:job:<id>:posed          bitmap       bit k is set once the poses of chunk k are found
    coach:job:<id>:results        hash         chunk number → KeypointChunk
    coach:job:<id>:analysis       string       Analysis, once all chunks are in
    coach:job:<id>:doorbell       list         an entry wakes the decoder; pushed with each result
    coach:job:<id>:lease          string       token of the task that works on the job; expires
    coach:job:<id>:sent           hash         chunk number → stream and id of its message, until
                                               its poses are found
    coach:job:<id>:gate           string       GateState: how far a recording was looked at
    coach:job:<id>:sets           set          ids of the jobs of a recording's sets
    coach:batches                 set          batches with jobs that wait to begin
    coach:batch:<name>:waiting    sorted set   ids of such jobs by priority and time
    coach:batch:<name>:running    set          ids of its jobs that have begun and not ended
    coach:tasks:<name>:bell       list         an entry wakes a worker that waits for such a task
    coach:stalled-jobs            string       expires when the next check for stalled jobs is due
    coach:stalled-jobs:idle       set          ids of jobs whose task nobody had at the last check
    coach:paused                  string       services that take no new work, JSON: `pausing`
    coach:drain                   hash         service, host or host:pid → Unix time; workers that
                                               started before it finish what they have, and end
    coach:alive:<stream>:<host>   string       exists while a consumer of that stream lives there
    coach:workers                 sorted set   the keys below by time of refresh: `worker_register`
    coach:worker:<host>:<pid>     hash         a service process; expires when it is gone
    coach:frames:<backend>        stream       FrameChunk in field `m`, for pose workers
    coach:keypoints               stream       KeypointChunk or EndOfStream in `m`, for scorers
    … :high, … :low               streams      the same two for jobs of other than normal priority
    coach:dead                    stream       messages that nobody could handle: `dead_letters`

Messages in the streams are deleted when they are acknowledged. The record of a job expires
`Settings.keep_jobs_s` after the job has ended.
"""

from shared.queue.priorities import PRIORITIES, named

JOBS = "coach:jobs"
ACTIVE_JOBS = "coach:jobs:active"
KEYPOINTS = "coach:keypoints"
DEAD_LETTERS = "coach:dead"
STALLED_JOB_MONITOR = "coach:stalled-jobs"
WORKERS = "coach:workers"
IDLE_JOBS = "coach:stalled-jobs:idle"
PAUSED = "coach:paused"
DRAIN = "coach:drain"
BATCHES = "coach:batches"

#: Consumer groups of the two streams.
POSE_GROUP = "pose"
SCORER_GROUP = "scorer"


def frames(backend: str) -> str:
    """Stream of frame chunks for the pose workers of one backend."""
    return f"coach:frames:{backend}"


def by_priority(stream: str) -> tuple[str, ...]:
    """A stream's names for all priorities, the highest first."""
    return tuple(named(stream, priority) for priority in PRIORITIES)


def keypoints_of(frames_stream: str) -> str:
    """Stream for the keypoints of a stream's frames: that of the same priority."""
    ending = frames_stream.rpartition(":")[2]
    return f"{KEYPOINTS}:{ending}" if frames_stream.count(":") > 2 else KEYPOINTS


def bell(task: str) -> str:
    """List on which workers wait for tasks of a name."""
    return f"coach:tasks:{task}:bell"


def batch_waiting(batch: str) -> str:
    """Sorted set of a batch's jobs that have not begun."""
    return f"coach:batch:{batch}:waiting"


def batch_running(batch: str) -> str:
    """Set of a batch's jobs that have begun."""
    return f"coach:batch:{batch}:running"


def alive(stream: str, host: str) -> str:
    """Sign of life of a stream's consumers on one machine."""
    return f"coach:alive:{stream}:{host}"


def worker(host: str, pid: int) -> str:
    """Entry of a service process in the register."""
    return f"coach:worker:{host}:{pid}"


def job(job_id: str) -> str:
    """Hash with a job's record."""
    return f"coach:job:{job_id}"


def posed(job_id: str) -> str:
    """Bitmap of the chunks with found poses."""
    return f"coach:job:{job_id}:posed"


def results(job_id: str) -> str:
    """Hash of the chunks' results, by chunk number."""
    return f"coach:job:{job_id}:results"


def analysis(job_id: str) -> str:
    """String with a job's analysis."""
    return f"coach:job:{job_id}:analysis"


def doorbell(job_id: str) -> str:
    """List on which the decoder of a job waits for room in its window."""
    return f"coach:job:{job_id}:doorbell"


def lease(job_id: str) -> str:
    """String with the token of the task that decodes or writes a job."""
    return f"coach:job:{job_id}:lease"


def sent(job_id: str) -> str:
    """Hash of a job's messages to the pose workers, by chunk number."""
    return f"coach:job:{job_id}:sent"


def gate(job_id: str) -> str:
    """String with how far a recording was looked at."""
    return f"coach:job:{job_id}:gate"


def sets(job_id: str) -> str:
    """Set of the ids of the jobs that a recording's sets are."""
    return f"coach:job:{job_id}:sets"


def all_of(job_id: str) -> tuple[str, ...]:
    """Every key of one job."""
    names = (job, posed, results, analysis, doorbell, lease, sent, gate, sets)
    return tuple(name(job_id) for name in names)
