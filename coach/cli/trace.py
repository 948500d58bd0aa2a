"""`coach trace`: where one frame of a job is or was, and what was seen in it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from coach.cli.ages import shown
from coach.files import load
from services.writer.contents import MANIFEST
from shared.data.frames import LifterFrame
from shared.data.skeleton import JOINTS
from shared.errors import UsageError
from shared.names import readable
from shared.queue.job import ACTIVE, Job
from shared.queue.job_store import JobStore
from shared.queue.servers import Servers
from shared.queue.whereabouts import Place, find_chunk, task_worker_of
from shared.settings import Settings

#: What is said of a chunk that waits for a stage, and of one that a worker has.
_WAITS = {"pose": "waits for a pose worker", "score": "waits for a scorer"}
_HAS = {"pose": "pose worker {} looks at it", "score": "scorer {} has its keypoints"}


def run(job_id: str, frame: int, settings: Settings, as_json: bool) -> None:
    """Print where a frame is.

    Args:
        job_id: the job.
        frame: number of the frame in the clip, from 0.
        settings: they name the deployment's servers.
        as_json: print one JSON document.

    Raises:
        UsageError: there is no such job, or the clip has no such frame.
    """
    server, job = Servers.of(settings).find(job_id)
    if 0 < job.frames <= frame and frame >= job.decoded:
        raise UsageError(f"{readable(job.source)} has {job.frames} frames; the first is 0")
    with server.errors():
        document = _trace(server.client, server.store, job, frame)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        print(f"{readable(job.source)}, frame {frame}: {document['said']}")


def _trace(client: Any, store: JobStore, job: Job, frame: int) -> dict[str, Any]:
    row = frame // job.every
    document: dict[str, Any] = {
        "job": job.id,
        "frame": frame,
        "state": job.state,
        "analysed_frame": row * job.every,
        "chunk": row // job.options.chunk_frames,
        "place": None,
        "worker": None,
        "seen": None,
    }
    about = f"chunk {document['chunk']}"
    if frame % job.every:
        about += f", looked at as frame {row * job.every} (one in {job.every} is)"
    if job.state in ACTIVE:
        place = find_chunk(client, job, document["chunk"])
        document["place"] = asdict(place)
        document["worker"] = place.worker or task_worker_of(client, job) or None
        said = _said_of(place, store, job, frame, document["worker"])
    elif job.state == "done":
        document["seen"], said = _seen_in(job, row * job.every)
    else:
        said = f"its job is {job.state}" + (f": {job.error}" if job.error else "")
    return {**document, "said": readable(f"{about}; {said}")}


def _said_of(place: Place, store: JobStore, job: Job, frame: int, worker: str | None) -> str:
    """Where a frame of an active job is, in words."""
    if place.stage == "dead":
        return f"no worker could handle it, so that it stays unseen: {place.cause}"
    if place.stage == "decode":
        if frame < job.decoded:
            return "decoded, and being sent (or sent again, if it was lost)"
        return f"not decoded yet ({worker} decodes)" if worker else "waits for a decoder"
    if place.stage == "stored":
        if not store.has_analysis(job.id):
            return "its keypoints are stored; judging waits for the last chunk of the clip"
        if frame < job.written:
            return "judged, drawn and written"
        return "judged; " + (f"{worker} writes" if worker else "waits for a writer")
    if not place.worker:
        return _WAITS[place.stage]
    said = _HAS[place.stage].format(place.worker)
    return f"{said}, delivery {place.deliveries}, last sign {shown(place.idle_s)} ago"


def _seen_in(job: Job, index: int) -> tuple[dict[str, Any] | None, str]:
    """What a result says of a frame, as JSON values and in words."""
    if not (Path(job.out) / MANIFEST).is_file():
        return None, f"done; its result is not at {job.out} any more, or not on this computer"
    analysis = load(job.out)
    found = next((frame for frame in analysis.frames if frame.index == index), None)
    if found is None:
        return None, "done; the analysis has no such frame"
    return _values_of(found), _in_words(found)


def _values_of(frame: LifterFrame) -> dict[str, Any]:
    joints = int((frame.joint_confidence > 0).sum())
    has_score = frame.score == frame.score  # noqa: PLR0124  (NaN where there is none)
    return {
        "time_s": float(frame.time_s),
        "phase": frame.phase,
        "score": float(frame.score) if has_score else None,
        "joints": joints,
        "filled": list(frame.filled),
        "covered": bool(frame.covered),
        "shot": frame.shot,
    }


def _in_words(frame: LifterFrame) -> str:
    values = _values_of(frame)
    if not values["joints"]:
        return f"done; at {values['time_s']:.2f} s the lifter is not seen"
    parts = [f"done; at {values['time_s']:.2f} s {values['joints']} of {JOINTS} joints are seen"]
    if values["filled"]:
        parts.append(f"{len(values['filled'])} of them interpolated")
    parts.append(f"phase {values['phase'] or 'none'}")
    if values["score"] is not None:
        parts.append(f"score {values['score']:.2f}")
    return ", ".join(parts)
