"""Tables of labelled keypoints, each read row by row: COCO-18, BODY_25 and MediaPipe-33.

The files are not trusted: their sizes are bounded, and the error about a damaged file names it.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from shared.data.anthropometry import SHOULDERS_OVER_TRUNK
from shared.data.skeleton import BLAZEPOSE_33, F32, mpi_from_blazepose, mpi_from_openpose
from shared.errors import UsageError

#: First word of a folder's or label's name → label.
LABELS = {"good": 1.0, "bad": 0.0}

#: `class` of a MediaPipe-33 row without its phase → label; other exercises are left out.
_CLASSES = {"d_correct": 1.0, "d_arms_narrow": 0.0, "d_arms_spread": 0.0, "d_spine_neutral": 0.0}

#: Aspect ratios (width over height) that are tried where a table does not state the picture's.
_ASPECTS = (16 / 9, 4 / 3, 1.0, 3 / 4, 9 / 16)

#: Maximum size of a file, in bytes. Chosen: known tables have at most 10 MB.
_MAX_FILE_BYTES = 64 * 2**20

#: Step between the frames taken from a sequence at camera rate. Chosen: neighbouring frames look
#: alike.
_SEQUENCE_STEP = 10

#: `condition` of a sequence → label. Posed faults are bad; "mixed" has no label and is left out.
_CONDITIONS = {
    "correct": 1.0,
    "grip_too_wide": 0.0,
    "grip_too_narrow": 0.0,
    "elbows_bent": 0.0,
    "knees_bad_stiff_leg": 0.0,
}


class Row(NamedTuple):
    """One labelled posture.

    Attributes:
        xy_px: float32 (15, 2), MPI-15 joints, NaN where unseen, origin top left.
        confidence: float32 (15,), 0..1.
        label: 1 good, 0 bad.
        group: Name of the lifter or recording, never split between training and test.
        clip: Name of the clip or picture; all clips have the same weight.
        turn_deg: Measured turn of the body from side-on, NaN if it was not measured.
    """

    xy_px: F32
    confidence: F32
    label: float
    group: str
    clip: str
    turn_deg: float = float("nan")


def coco_files(path: Path) -> Iterator[Row]:
    """COCO-18 below good… and bad… folders: a list of frames, each 18 points [x, y] or null.

    The files state no confidence; points that are given have a confidence of 1. Each file is a
    group; copies of a file are left out.
    """
    known = set()
    for file in sorted(path.rglob("*.json")):
        label = LABELS.get(file.parent.name.partition("_")[0])
        if label is None:
            continue
        frames = _json(file, list)
        digest = hashlib.sha256(file.read_bytes()).digest()
        if digest in known:
            continue
        known.add(digest)
        for frame in frames:
            points = _floats(file, [p or (np.nan, np.nan) for p in frame], (18, 2))
            confidence = np.asarray(np.isfinite(points).all(-1), np.float32)
            posture = mpi_from_openpose(points, confidence, "coco-18")
            name = f"{file.parent.name}/{file.name}"
            yield Row(*posture, label, name, name)


def sequences(path: Path) -> Iterator[Row]:
    """BODY_25: {"subject", "condition", "frames": [{"people": [75 numbers]}]}.

    Each subject is a group, each file a clip.
    """
    for file in sorted(path.rglob("*__*.json")):
        content = _json(file, dict)
        label = _CONDITIONS.get(content.get("condition", ""))
        if label is None:
            continue
        for frame in content["frames"][::_SEQUENCE_STEP]:
            if frame["people"]:
                values = _floats(file, frame["people"][0], (75,)).reshape(25, 3)
                posture = mpi_from_openpose(values[:, :2], np.asarray(values[:, 2]), "body-25")
                yield Row(*posture, label, f"lifter {content['subject']}", file.name)


def mediapipe(file: Path) -> Iterator[Row]:
    """MediaPipe-33: class, x1, y1, z1, v1, …, x33, y33, z33, v33.

    x and y are fractions of the picture's width and height. Such tables do not state who was
    filmed and are usually recorded by one person, so the whole table is one group. Consecutive rows
    of one class, in any phase, are a clip. The picture's aspect ratio is not stated either: the one
    that gives bodies human proportions is used.
    """
    names = [f"{part}{n}" for n in range(1, len(BLAZEPOSE_33) + 1) for part in "xyv"]
    listed, labels, clips = [], [], []
    before, run = "", 0
    for row in csv_rows(file, ("class", *names)):
        kind = row["class"].removesuffix("_up").removesuffix("_down")
        run += kind != before
        before = kind
        if kind in _CLASSES:
            listed.append(_floats(file, [row[name] for name in names], (len(BLAZEPOSE_33), 3)))
            labels.append(_CLASSES[kind])
            clips.append(f"run {run}")
    if not listed:
        return
    aspect = _aspect(np.stack(listed))
    for points, label, clip in zip(listed, labels, clips, strict=True):
        xy = points[:, :2] * np.array([1000 * aspect, 1000], np.float32)
        yield Row(*mpi_from_blazepose(xy, points[:, 2]), label, file.name, clip)


def _aspect(points: F32) -> float:
    """Width over height of the picture, from points (n, 33, 3) given as fractions of it."""

    def shoulders_over_trunk(aspect: float) -> float:
        xy = points[..., :2] * np.array([aspect, 1], np.float32)
        shoulders = np.linalg.norm(xy[:, 11] - xy[:, 12], axis=-1)
        trunk = np.linalg.norm(xy[:, 11:13].mean(1) - xy[:, 23:25].mean(1), axis=-1)
        upright = trunk >= np.percentile(trunk, 75)
        return float(np.median(shoulders[upright] / trunk[upright]))

    def error(aspect: float) -> float:
        return abs(shoulders_over_trunk(aspect) - SHOULDERS_OVER_TRUNK)

    return min(_ASPECTS, key=error)


def csv_rows(file: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Read the needed columns of a CSV file, row by row.

    Raises:
        UsageError: the file is damaged, too large, or lacks a column.
    """
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise UsageError(f"{file} is larger than {_MAX_FILE_BYTES} bytes")
        with file.open(newline="", encoding="utf-8") as text:
            table = csv.DictReader(text)
            missing = set(needed) - set(table.fieldnames or ())
            if missing:
                raise UsageError(f"{file} lacks the columns {', '.join(sorted(missing)[:5])}")
            for row in table:
                yield {name: row[name] or "" for name in needed}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}") from error


def _json(file: Path, kind: type) -> Any:
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise UsageError(f"{file} is larger than {_MAX_FILE_BYTES} bytes")
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(content, kind):
        raise UsageError(f"{file} holds no {kind.__name__} of postures")
    return content


def _floats(file: Path, values: Any, shape: tuple[int, ...]) -> F32:
    try:
        return np.array(values, np.float32).reshape(shape)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{file}: a posture must be numbers of shape {shape}") from error
