"""Every key that Coach keeps in Redis. RQ keeps its own under `rq:`.

    coach:jobs                    sorted set   job ids by time of submission (Unix seconds)
    coach:jobs:active             set          ids of jobs that are queued or running
    coach:job:<id>                hash         the job's record, see `shared.queue.jobs`
    coach:job:<id>:posed          bitmap       bit k is set once chunk k has been through pose
    coach:job:<id>:results        hash         chunk number → KeypointChunk
    coach:job:<id>:analysis       string       Analysis, once all chunks are in
    coach:job:<id>:doorbell       list         rung for the decoder when a chunk leaves the window
    coach:stalled-jobs            string       held by the process that last looked for stalled jobs
    coach:alive:<stream>:<host>   string       a consumer of that stream lives on that machine
    coach:frames:<backend>        stream       FrameChunk in field `m`, for pose workers
    coach:keypoints               stream       KeypointChunk or EndOfStream in `m`, for scorers

Frames and keypoints live only until they are acknowledged; the keys of a job expire some time
after it has ended (`Settings.keep_jobs_s`).
"""

JOBS = "coach:jobs"
ACTIVE_JOBS = "coach:jobs:active"
KEYPOINTS = "coach:keypoints"
STALLED_JOB_MONITOR = "coach:stalled-jobs"

#: Consumer groups of the two streams.
POSE_GROUP = "pose"
SCORER_GROUP = "scorer"


def frames(backend: str) -> str:
    """Stream of frame chunks for the pose workers of one backend."""
    return f"coach:frames:{backend}"


def alive(stream: str, host: str) -> str:
    """Sign of life of a stream's consumers on one machine."""
    return f"coach:alive:{stream}:{host}"


def job(job_id: str) -> str:
    """Hash with a job's record."""
    return f"coach:job:{job_id}"


def posed(job_id: str) -> str:
    """Bitmap of the chunks that have been through pose."""
    return f"coach:job:{job_id}:posed"


def results(job_id: str) -> str:
    """Hash of the chunks whose keypoints are in."""
    return f"coach:job:{job_id}:results"


def analysis(job_id: str) -> str:
    """The finished analysis."""
    return f"coach:job:{job_id}:analysis"


def doorbell(job_id: str) -> str:
    """List on which the decoder waits for room in its window."""
    return f"coach:job:{job_id}:doorbell"


def all_of(job_id: str) -> tuple[str, ...]:
    """Every key of one job."""
    return tuple(key(job_id) for key in (job, posed, results, analysis, doorbell))
