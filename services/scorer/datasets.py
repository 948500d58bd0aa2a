"""Labelled postures to train on, from pictures and from tables of key points.

    good/ and bad/ folders of pictures         label by folder; each picture is a group
    folders of COCO-18 JSON files              label by folder name good…/bad…; a file is a group
    BODY_25 sequence JSON files                label by `condition`; a subject is a group

A group is what is never split between training and test: a lifter where that is known, else a clip.
Other readers of one picture's joints than this module's are passed in: poses are another service's.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import UsageError
from shared.messages import Person
from shared.skeleton import F32, mpi_from_openpose
from shared.source import IMAGE_SUFFIXES, open_source

#: Finds the lifter in a BGR picture, None if nobody is there.
FindLifter = Callable[[NDArray[np.uint8]], Person | None]

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


def read(path: Path, find_lifter: FindLifter) -> LabelledPoses:
    """Read a folder of labelled postures, whatever its format.

    Raises:
        UsageError: nothing in it can be read, or a file in it is damaged.
    """
    if not path.is_dir():
        raise UsageError(f"{path} is no folder; give folders with labelled pictures or tables")
    rows = [*_pictures(path, find_lifter), *_coco_files(path), *_sequences(path)]
    if not rows:
        raise UsageError(
            f"{path} holds no labelled postures: good/ and bad/ folders of pictures, good…/bad… "
            "folders of COCO-18 JSON, or BODY_25 sequences (see docs/score.md)"
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
