"""Labelled sequences of 3D joints, filmed by a virtual camera at any turn.

    g_*.txt and b_*.txt    a frame a line: 16 joints "x,y,z" in metres, y up, separated by ";"

The joints: head, middle of the shoulders, spine, then right and left shoulder, hand; middle of the
hips, then right and left hip, knee, ankle, foot. Elbows are missing: nothing is said about bent
arms.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
from training.recordings import Recording, observations_of, person_of
from training.table_files import check_size

F64 = NDArray[np.float64]

#: Frames per second; the files state none.
_FPS = 30.0

#: Joints of a line.
_COUNT = 16

#: MPI-15 joint → joint of a line. Hands stand for wrists.
_JOINTS = {
    HEAD: 0, NECK: 1, R_SHOULDER: 3, L_SHOULDER: 4, R_WRIST: 5, L_WRIST: 6, R_HIP: 8, L_HIP: 9,
    R_KNEE: 10, L_KNEE: 11, R_ANKLE: 12, L_ANKLE: 13,
}  # fmt: skip

#: Middle of the hips, and the pairs (right, left) that state where the body's left side is.
_HIPS, _SIDES = 7, ((3, 4), (8, 9))

#: Pixels per metre of the virtual camera, and where the hips are in its picture. Chosen: a lifter
#: of usual size in a picture of 800 pixels.
_PX_PER_M, _CENTRE_PX = 300.0, 400.0

#: First letter of a file's name → label and condition.
_LABELS = {"g": (1, "good"), "b": (0, "bad")}


def skeleton_recordings(path: Path, turn_deg: float = 0.0) -> Iterator[Recording]:
    """The recordings of a folder, filmed by a camera that is `turn_deg` off the side.

    Lines that are damaged are left out.
    """
    for file in sorted(path.rglob("*_*.txt")):
        if file.name[:2] not in ("g_", "b_"):
            continue
        label, condition = _LABELS[file.name[0]]
        joints_m = _read(file)
        if not len(joints_m):
            continue
        xy = project(joints_m, turn_deg)
        confidence = np.ones(JOINTS, np.float32)
        people = [person_of(row.astype(np.float32), confidence, turn_deg) for row in xy]
        name = file.relative_to(path).as_posix()
        yield Recording(name, "", label, condition, observations_of(people, _FPS))


def _read(file: Path) -> F64:
    """The whole lines of a file, (n, 16, 3)."""
    check_size(file)
    rows = []
    for line in file.read_text("utf-8", errors="replace").splitlines():
        try:
            points = [[float(x) for x in p.split(",")] for p in line.strip().strip(";").split(";")]
        except ValueError:
            continue
        if len(points) == _COUNT and all(len(point) == 3 for point in points):
            rows.append(points)
    return np.array(rows, np.float64).reshape(-1, _COUNT, 3)


def project(joints_m: F64, turn_deg: float) -> F64:
    """The picture of joints (n, 16, 3): MPI-15 joints (n, 15, 2) in pixels, elbows NaN.

    The body's own turn about the vertical is taken out first, by the line through its shoulders and
    hips; then it is turned by `turn_deg` from side-on towards the camera.
    """
    off = joints_m - np.median(joints_m[:, _HIPS], axis=0)
    left = _median_axis(off, _SIDES)
    yaw = np.arctan2(left[2], left[0])
    x, z = off[..., 0], off[..., 2]
    lateral = np.cos(yaw) * x + np.sin(yaw) * z
    ahead = -np.sin(yaw) * x + np.cos(yaw) * z
    if np.mean(ahead[:, 0] - ahead[:, _HIPS]) < 0:  # the head of one who bends over is ahead
        lateral, ahead = -lateral, -ahead
    turn = np.radians(turn_deg)
    across = np.cos(turn) * ahead + np.sin(turn) * lateral
    at = _CENTRE_PX + _PX_PER_M * np.stack([across, -off[..., 1]], axis=-1)
    xy = np.full((len(at), JOINTS, 2), np.nan)
    for joint, source in _JOINTS.items():
        xy[:, joint] = at[:, source]
    xy[:, CHEST] = (xy[:, NECK] + (xy[:, R_HIP] + xy[:, L_HIP]) / 2) / 2
    return xy


def _median_axis(off: F64, pairs: Sequence[tuple[int, int]]) -> F64:
    """Median vector from right to left over all frames, (3,)."""
    return np.asarray(sum(np.median(off[:, b] - off[:, a], axis=0) for a, b in pairs))
