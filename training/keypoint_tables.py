"""Tables of labelled key points, each read row by row: COCO-18, BODY_25 and MediaPipe-33.

Nothing in them is trusted: sizes are bounded, and a damaged file is refused by its name.
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

#: First word of a folder's or a label's name → label.
LABELS = {"good": 1.0, "bad": 0.0}

#: `class` of a MediaPipe-33 row, less its phase → label; other exercises are left out.
_CLASSES = {"d_correct": 1.0, "d_arms_narrow": 0.0, "d_arms_spread": 0.0, "d_spine_neutral": 0.0}

#: Aspect ratios (width over height) that are tried where a table does not state the picture's.
_ASPECTS = (16 / 9, 4 / 3, 1.0, 3 / 4, 9 / 16)

#: A table larger than this is none of ours.
_MAX_FILE_BYTES = 64 * 2**20

#: From sequences at camera rate, each so many-th frame: neighbours say the same.
_SEQUENCE_STEP = 10

#: `condition` of a sequence → label. Posed faults are bad; "mixed" is neither and left out.
_CONDITIONS = {
    "correct": 1.0,
    "grip_too_wide": 0.0,
    "grip_too_narrow": 0.0,
    "elbows_bent": 0.0,
    "knees_bad_stiff_leg": 0.0,
}


class Row(NamedTuple):
    """One labelled posture: xy_px float32 (15, 2), confidence float32 (15,), label 1 or 0.

    group: what is never split between training and test. clip: what counts as one example.
    """

    xy_px: F32
    confidence: F32
    label: float
    group: str
    clip: str


def coco_files(path: Path) -> Iterator[Row]:
    """COCO-18 below good… and bad… folders: a list of frames, each 18 points [x, y] or null.

    No confidence is given. A file is a group, and one that repeats another is passed over.
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
            sure = np.asarray(np.isfinite(points).all(-1), np.float32)
            posture = mpi_from_openpose(points, sure, "coco-18")
            name = f"{file.parent.name}/{file.name}"
            yield Row(*posture, label, name, name)


def sequences(path: Path) -> Iterator[Row]:
    """BODY_25: {"subject", "condition", "frames": [{"people": [75 numbers]}]}; by subject."""
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
    """MediaPipe-33: class, x1, y1, z1, v1, …, x33, y33, z33, v33; x and y as shares of the picture.

    Such tables do not tell who was filmed and are made by one person at a desk: the whole table is
    a group. A stretch of one class, whatever its phase, counts as a clip. Nor do they state the
    picture's shape; the one is taken in which bodies have human proportions.
    """
    names = [f"{part}{n}" for n in range(1, len(BLAZEPOSE_33) + 1) for part in "xyv"]
    listed, labels, clips = [], [], []
    before, stretch = "", 0
    for row in csv_rows(file, ("class", *names)):
        kind = row["class"].removesuffix("_up").removesuffix("_down")
        stretch += kind != before
        before = kind
        if kind in _CLASSES:
            listed.append(_floats(file, [row[name] for name in names], (len(BLAZEPOSE_33), 3)))
            labels.append(_CLASSES[kind])
            clips.append(f"stretch {stretch}")
    if not listed:
        return
    aspect = _aspect(np.stack(listed))
    for points, label, clip in zip(listed, labels, clips, strict=True):
        xy = points[:, :2] * np.array([1000 * aspect, 1000], np.float32)
        yield Row(*mpi_from_blazepose(xy, points[:, 2]), label, file.name, clip)


def _aspect(points: F32) -> float:
    """Width over height of the picture, from points (n, 33, 3) given as shares of it."""

    def proportion(aspect: float) -> float:
        xy = points[..., :2] * np.array([aspect, 1], np.float32)
        shoulders = np.linalg.norm(xy[:, 11] - xy[:, 12], axis=-1)
        trunk = np.linalg.norm(xy[:, 11:13].mean(1) - xy[:, 23:25].mean(1), axis=-1)
        upright = trunk >= np.percentile(trunk, 75)
        return float(np.median(shoulders[upright] / trunk[upright]))

    return min(_ASPECTS, key=lambda aspect: abs(proportion(aspect) - SHOULDERS_OVER_TRUNK))


def csv_rows(file: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a CSV file, their needed columns; raises UsageError where it is damaged."""
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
