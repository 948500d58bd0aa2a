"""Labelled sequences of keypoints in the picture: COCO-18 and BODY_25.

folders good… and bad… of COCO-18 JSON     a file is a list of frames of 18 points or null
BODY_25 JSON                               {"subject", "condition", "frames": [{"people": …}]}
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from shared.data.messages import Person
from shared.data.skeleton import mpi_from_openpose
from shared.errors import UsageError
from training.recordings import LABELS, Recording, observations_of, person_of
from training.table_files import floats, json_of

#: Frames per second of COCO-18 files. They state none; at 8 Hz their repetitions take as long as
#: those of clips do.
_COCO_HZ = 8.0

#: Frames per second of BODY_25 files. They state none; 30 Hz is a camera's usual rate.
_BODY_25_HZ = 30.0

#: `condition` of a BODY_25 file → label. Posed faults are bad; "mixed" has no label and is left
#: out.
_CONDITIONS = {
    "correct": 1,
    "grip_too_wide": 0,
    "grip_too_narrow": 0,
    "elbows_bent": 0,
    "knees_bad_stiff_leg": 0,
}


def coco_recordings(path: Path) -> Iterator[Recording]:
    """COCO-18 below good… and bad… folders: a list of frames, each 18 points [x, y] or null.

    The files state no confidence; points that are given have a confidence of 1. Copies of a file
    are left out.

    Raises:
        UsageError: a file is damaged.
    """
    known = set()
    for file in sorted(path.rglob("*.json")):
        label = LABELS.get(file.parent.name.partition("_")[0])
        if label is None:
            continue
        frames = json_of(file, list)
        digest = hashlib.sha256(file.read_bytes()).digest()
        if digest in known:
            continue
        known.add(digest)
        people = [_coco_person(file, frame) for frame in frames]
        name = f"{file.parent.name}/{file.name}"
        seen = observations_of(people, _COCO_HZ)
        yield Recording(name, "", label, file.parent.name.partition("_")[0], seen)


def body_25_recordings(path: Path) -> Iterator[Recording]:
    """BODY_25: {"subject", "condition", "frames": [{"people": [75 numbers]}]}.

    Raises:
        UsageError: a file is damaged.
    """
    for file in sorted(path.rglob("*__*.json")):
        content = json_of(file, dict)
        label = _CONDITIONS.get(content.get("condition", ""))
        if label is None:
            continue
        try:
            people = [_body_25_person(file, frame["people"]) for frame in content["frames"]]
            lifter = f"{path.name}: {content['subject']}"
        except (KeyError, TypeError) as error:
            raise UsageError(f"{file} lacks {error} of a BODY_25 sequence") from error
        name = file.relative_to(path).as_posix()
        seen = observations_of(people, _BODY_25_HZ)
        yield Recording(name, lifter, label, content["condition"], seen)


def _coco_person(file: Path, frame: object) -> Person | None:
    if not isinstance(frame, list):
        raise UsageError(f"{file}: a frame must be a list of 18 points")
    points = floats(file, [point or (np.nan, np.nan) for point in frame], (18, 2))
    confidence = np.asarray(np.isfinite(points).all(-1), np.float32)
    return person_of(*mpi_from_openpose(points, confidence, "coco-18"))


def _body_25_person(file: Path, people: list[object]) -> Person | None:
    if not people:
        return None
    values = floats(file, people[0], (25, 3))
    seen = values[:, 2:] > 0
    points = np.where(seen, values[:, :2], np.nan).astype(np.float32)
    return person_of(*mpi_from_openpose(points, values[:, 2].copy(), "body-25"))
