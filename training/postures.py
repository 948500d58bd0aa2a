"""Labelled single postures, from pictures and MediaPipe tables.

    good/ and bad/ folders of pictures         label by folder
    MediaPipe-33 CSV, one row per posture      label by `class`

They show no repetition, so they serve only the comparison with the original's way
(`training/raw_joints.py`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.data.anthropometry import SHOULDERS_OVER_TRUNK
from shared.data.messages import Person
from shared.data.skeleton import BLAZEPOSE_33, F32, mpi_from_blazepose
from shared.media.images import IMAGE_SUFFIXES
from shared.media.limits import DEFAULT_LIMITS, SourceLimits
from shared.media.source import open_source
from training.athletes import Athletes
from training.recordings import LABELS
from training.table_files import csv_rows, floats

#: Finds the lifter in a BGR picture, None if nobody is there.
FindLifter = Callable[[NDArray[np.uint8]], Person | None]

#: `class` of a MediaPipe-33 row without its phase → label; other exercises are left out.
_CLASSES = {"d_correct": 1, "d_arms_narrow": 0, "d_arms_spread": 0, "d_spine_neutral": 0}

#: Aspect ratios (width over height) that are tried where a table does not state the picture's.
_ASPECTS = (16 / 9, 4 / 3, 1.0, 3 / 4, 9 / 16)


class Posture(NamedTuple):
    """One labelled posture.

    Attributes:
        xy_px: float32 (15, 2), MPI-15 joints, NaN where unseen, origin top left.
        label: 1 good, 0 bad.
        source: Name of the folder or table it comes from.
        athlete: The lifter.
        clip: "source: picture", or the run of rows of one class in a table.
    """

    xy_px: F32
    label: int
    source: str
    athlete: str
    clip: str


def read_postures(
    path: Path,
    find_lifter: FindLifter,
    athletes: Athletes,
    limits: SourceLimits = DEFAULT_LIMITS,
) -> list[Posture]:
    """Read a folder of pictures or a MediaPipe table; none where it is neither.

    Raises:
        UsageError: the table is damaged.
        SourceError: a picture cannot be read.
    """
    if path.is_file() and path.suffix == ".csv":
        return list(_mediapipe(path, athletes))
    return list(_pictures(path, find_lifter, athletes, limits))


def _pictures(
    path: Path, find_lifter: FindLifter, athletes: Athletes, limits: SourceLimits
) -> Iterator[Posture]:
    for folder, label in LABELS.items():
        for file in sorted((path / folder).glob("*")):
            if file.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            with open_source(file, limits) as source:
                person = find_lifter(next(source.frames()).image.copy())
            name = f"{folder}/{file.name}"
            if person is not None:
                athlete = athletes.of(path.name, name)
                yield Posture(person.xy_px, label, path.name, athlete, f"{path.name}: {name}")


def _mediapipe(file: Path, athletes: Athletes) -> Iterator[Posture]:
    """MediaPipe-33: class, x1, y1, z1, v1, …, x33, y33, z33, v33.

    x and y are fractions of the picture's width and height. Such tables do not state who was filmed
    and are usually recorded by one person, so the whole table is one lifter. Consecutive rows of
    one class, in any phase, are a clip. The picture's aspect ratio is not stated either: the one
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
            listed.append(floats(file, [row[name] for name in names], (len(BLAZEPOSE_33), 3)))
            labels.append(_CLASSES[kind])
            clips.append(f"{file.name}: run {run}")
    if not listed:
        return
    aspect = _aspect(np.stack(listed))
    athlete = athletes.of(file.resolve().parent.name, file.name, f"the person of {file.name}")
    for points, label, clip in zip(listed, labels, clips, strict=True):
        xy = points[:, :2] * np.array([1000 * aspect, 1000], np.float32)
        xy_px, _ = mpi_from_blazepose(xy, points[:, 2])
        yield Posture(xy_px, label, file.name, athlete, clip)


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
