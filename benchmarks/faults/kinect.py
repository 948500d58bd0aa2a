"""Reps of one lifter in 3D (philip-g-mak's Kinect data), seen from any view.

SOURCE.txt beside the data says what they are: 50 good reps, 20 stiff-legged ones with a bent back,
20 squatted and 10 rounded ones, all posed, at 30 frames per second.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.scorer.observe import observe_lift
from shared.data.skeleton import (
    CHEST,
    HEAD,
    JOINTS,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

from .sets import ALL, NONE, LabelledSet, observations, person_of

F64 = NDArray[np.float64]

NAME = "Kinect, 1 lifter"

_FPS = 30.0

#: Points of a frame: each x, y and z in metres.
_POINTS = 16

#: Joint → its point in the data. It has no elbows.
_POINT_OF = {
    HEAD: 0, NECK: 1, R_SHOULDER: 3, L_SHOULDER: 4, R_WRIST: 5, L_WRIST: 6, R_HIP: 8, L_HIP: 9,
    R_KNEE: 10, L_KNEE: 11, R_ANKLE: 12, L_ANKLE: 13,
}  # fmt: skip

#: First number of the bad reps of each kind, and the faults they pose.
_BAD = (
    (40, frozenset({"rounded_back"})),
    (20, frozenset({"squatted"})),
    (0, frozenset({"stiff_legged", "rounded_back"})),
)

#: Pixels per metre of the projection. Chosen: a lifter is then as tall as in a usual clip.
_PX_PER_M = 300.0


def sets(folder: Path, turn_deg: float) -> Iterator[LabelledSet]:
    """All reps, the camera turned from the side towards the front; each is a set of its own."""
    for file in sorted((folder / "raw_data").glob("*.txt")):
        xy = project(read(file), turn_deg)
        known = np.asarray(np.isfinite(xy).all(-1), np.float32)
        people = [person_of(*frame, turn_deg) for frame in zip(xy, known, strict=True)]
        lift = observe_lift(observations(people, _FPS))
        kind, number = file.stem.split("_")
        present, absent = NONE, ALL
        if kind == "b":
            present = next(faults for first, faults in _BAD if int(number) >= first)
            absent = NONE
        yield LabelledSet(NAME, f"{turn_deg:.0f}°", file.stem, lift, present, absent)


def read(file: Path) -> F64:
    """The frames of a file, (n, 16, 3) in metres; broken lines are left out."""
    frames = []
    for line in file.read_text("utf-8").splitlines():
        try:
            points = [[float(x) for x in one.split(",")] for one in line.strip("; ").split(";")]
        except ValueError:
            continue
        if len(points) == _POINTS and all(len(point) == 3 for point in points):
            frames.append(points)
    return np.array(frames)


def project(points_m: F64, turn_deg: float) -> NDArray[np.float32]:
    """Joints in the picture, (n, 16, 3) → (n, 15, 2), by a camera with parallel rays.

    The yaw against the sensor is taken out by the mean direction of hips and shoulders, so that 0
    is straight at the lifter's side. The way ahead is the way in which the head is bent over. The
    chest is the middle of neck and hips, as MoveNet's.
    """
    points = points_m - np.median(points_m[:, 7], axis=0)
    across = np.median(points[:, 9] - points[:, 8] + points[:, 4] - points[:, 3], axis=0)
    yaw = np.arctan2(across[2], across[0])
    aside = np.cos(yaw) * points[..., 0] + np.sin(yaw) * points[..., 2]
    ahead = np.cos(yaw) * points[..., 2] - np.sin(yaw) * points[..., 0]
    sign = 1 if np.mean(ahead[:, 0] - ahead[:, 7]) > 0 else -1
    turn = np.radians(turn_deg)
    x = sign * (np.cos(turn) * ahead + np.sin(turn) * aside)
    flat = _PX_PER_M * np.stack([x, -points[..., 1]], axis=-1)
    xy = np.full((len(flat), JOINTS, 2), np.nan)
    for joint, point in _POINT_OF.items():
        xy[:, joint] = flat[:, point]
    xy[:, CHEST] = (xy[:, NECK] + xy[:, [R_HIP, L_HIP]].mean(1)) / 2
    return xy.astype(np.float32)
