"""Labelled postures to train on, from pictures, clips and tables of key points.

    good/ and bad/ folders of pictures         label by folder; each picture is a group
    clips with a CLIPS.csv beside them         label by clip, `good` or `bad…`; a lifter is a group
    folders of COCO-18 JSON files              label by folder name good…/bad…; a file is a group
    BODY_25 sequence JSON files                label by `condition`; a subject is a group
    MediaPipe-33 CSV, a row a posture          label by `class`; a burst of alike rows is a group

A group is what is never split between training and test: a lifter where that is known, else a clip.
What finds joints in pictures and clips is passed in: poses are another service's.
"""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion import Motion
from services.scorer.reps import find_reps
from shared.errors import UsageError
from shared.messages import Person
from shared.skeleton import BLAZEPOSE_33, F32, mpi_from_blazepose, mpi_from_openpose
from shared.source import IMAGE_SUFFIXES, open_source

#: Finds the lifter in a BGR picture, None if nobody is there.
FindLifter = Callable[[NDArray[np.uint8]], Person | None]

#: The main lifter's motion in a clip, None if nobody is there.
FindMotion = Callable[[Path], Motion | None]

#: Of clips, postures at this rate: neighbours say the same.
_CLIP_HZ = 10.0

#: Names of the table that labels clips.
_CLIPS_CSV = "CLIPS.csv"

#: `class` of a MediaPipe-33 row, less its phase → label; other exercises are left out.
_CLASSES = {"d_correct": 1.0, "d_arms_narrow": 0.0, "d_arms_spread": 0.0, "d_spine_neutral": 0.0}

#: Widths of a picture over its height that are tried where a table does not state it, and the ratio
#: of shoulders to trunk (Drillis & Contini 1966) that a front-on person must then have.
_ASPECTS, _SHOULDERS_TO_TRUNK = (16 / 9, 4 / 3, 1.0, 3 / 4, 9 / 16), 0.77

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


@dataclass(frozen=True, eq=False)
class LabelledPoses:
    """Postures of one source.

    xy_px: float32 (n, 15, 2); confidence: float32 (n, 15); label: float64 (n,), 1 good, 0 bad;
    group: (n,) strings.
    """

    source: str
    xy_px: F32
    confidence: F32
    label: NDArray[np.float64]
    group: NDArray[np.str_]


def read(path: Path, find_lifter: FindLifter, find_motion: FindMotion) -> LabelledPoses:
    """Read a folder or table of labelled postures, whatever its format.

    Raises:
        UsageError: nothing in it can be read, or a file in it is damaged.
    """
    if path.suffix == ".csv" and path.is_file():
        rows = list(_mediapipe(path))
    elif path.is_dir():
        rows = [
            *_pictures(path, find_lifter),
            *_clips(path, find_motion),
            *_coco_files(path),
            *_sequences(path),
        ]
    else:
        raise UsageError(f"{path} is no folder or CSV table of labelled postures")
    if not rows:
        raise UsageError(
            f"{path} holds no labelled postures: good/ and bad/ folders of pictures, clips with a "
            f"{_CLIPS_CSV}, good…/bad… folders of COCO-18 JSON, BODY_25 sequences, or a "
            "MediaPipe-33 table (see docs/score.md)"
        )
    xy, confidence, label, group = zip(*rows, strict=True)
    return LabelledPoses(
        path.name, np.stack(xy), np.stack(confidence), np.array(label), np.array(group)
    )


#: xy_px (15, 2), confidence (15,), label, group.
_Row = tuple[F32, F32, float, str]


def _pictures(path: Path, find_lifter: FindLifter) -> Iterator[_Row]:
    for folder, label in (("good", 1.0), ("bad", 0.0)):
        for file in sorted((path / folder).glob("*")):
            if file.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            with open_source(file) as source:
                person = find_lifter(next(source.frames()).image)
            if person is not None:
                yield person.xy_px, person.confidence, label, f"{folder}/{file.name}"


def _clips(path: Path, find_motion: FindMotion) -> Iterator[_Row]:
    """Clips of a `CLIPS.csv` (file, video_label, lifter_group); their repetitions' frames."""
    table = path / _CLIPS_CSV
    if not table.is_file():
        return
    for row in _csv_rows(table, ("file", "video_label", "lifter_group")):
        label = {"good": 1.0, "bad": 0.0}.get(row["video_label"].partition(":")[0])
        file = path / Path(row["file"]).name
        motion = find_motion(file) if label is not None and file.exists() else None
        if motion is None or label is None:
            continue
        reps = find_reps(motion)
        spans = [np.arange(rep.start, rep.end + 1) for rep in reps]
        rows = np.concatenate(spans) if spans else np.arange(len(motion))
        fps = 1 / max(float(np.median(np.diff(motion.time_s))), 1e-3) if len(motion) > 1 else 1
        for place in rows[:: max(1, round(fps / _CLIP_HZ))]:
            xy = motion.xy_px[place].astype(np.float32)
            yield xy, motion.confidence[place].astype(np.float32), label, row["lifter_group"]


def _mediapipe(file: Path) -> Iterator[_Row]:
    """MediaPipe-33: class, x1, y1, z1, v1, …, x33, y33, z33, v33; x and y as shares of the picture.

    The picture's shape is not stated; the one is taken in which bodies have human proportions.
    """
    names = [f"{part}{n}" for n in range(1, len(BLAZEPOSE_33) + 1) for part in "xyv"]
    listed, labels, groups = [], [], []
    before, burst = "", 0
    for row in _csv_rows(file, ("class", *names)):
        label = _CLASSES.get(row["class"].removesuffix("_up").removesuffix("_down"))
        burst += row["class"] != before
        before = row["class"]
        if label is not None:
            values = [row[name] for name in names]
            listed.append(_floats(file, values, (len(BLAZEPOSE_33), 3)))
            labels.append(label)
            groups.append(f"burst {burst}")
    if not listed:
        return
    aspect = _aspect(np.stack(listed))
    for points, label, group in zip(listed, labels, groups, strict=True):
        xy = points[:, :2] * np.array([1000 * aspect, 1000], np.float32)
        yield *mpi_from_blazepose(xy, points[:, 2]), label, group


def _aspect(points: F32) -> float:
    """Width over height of the picture, from points (n, 33, 3) given as shares of it."""

    def proportion(aspect: float) -> float:
        xy = points[..., :2] * np.array([aspect, 1], np.float32)
        shoulders = np.linalg.norm(xy[:, 11] - xy[:, 12], axis=-1)
        trunk = np.linalg.norm(xy[:, 11:13].mean(1) - xy[:, 23:25].mean(1), axis=-1)
        upright = trunk >= np.percentile(trunk, 75)
        return float(np.median(shoulders[upright] / trunk[upright]))

    return min(_ASPECTS, key=lambda aspect: abs(proportion(aspect) - _SHOULDERS_TO_TRUNK))


def _csv_rows(file: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
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


def _coco_files(path: Path) -> Iterator[_Row]:
    """COCO-18: a list of frames, each 18 points [x, y] or null; no confidence is given."""
    for file in sorted(path.rglob("*.json")):
        label = {"good": 1.0, "bad": 0.0}.get(file.parent.name.partition("_")[0])
        if label is None:
            continue
        for frame in _json(file, list):
            points = _floats(file, [p or (np.nan, np.nan) for p in frame], (18, 2))
            sure = np.asarray(np.isfinite(points).all(-1), np.float32)
            yield *mpi_from_openpose(points, sure, "coco-18"), label, file.name


def _sequences(path: Path) -> Iterator[_Row]:
    """BODY_25: {"subject", "condition", "frames": [{"people": [75 numbers]}]}."""
    for file in sorted(path.rglob("*__*.json")):
        content = _json(file, dict)
        label = _CONDITIONS.get(content.get("condition", ""))
        if label is None:
            continue
        for frame in content["frames"][::_SEQUENCE_STEP]:
            if frame["people"]:
                values = _floats(file, frame["people"][0], (75,)).reshape(25, 3)
                xy, sure = mpi_from_openpose(values[:, :2], np.asarray(values[:, 2]), "body-25")
                yield xy, sure, label, f"lifter {content['subject']}"


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
