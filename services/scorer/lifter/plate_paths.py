"""Plates linked from frame to frame: the paths of bars, for `holding`. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import FramePoses, Plate

F64 = NDArray[np.float64]

#: Maximum distance between two sightings of one plate, in its diameters: a fixed part and a part
#: for each second between them. Chosen: a bar moves by at most 2 m/s: 4.4 plates of 450 mm.
_MAX_STEP, _MAX_STEP_PER_S = 0.15, 4.5

#: Maximum change of a plate's height between two sightings, as a fraction. Chosen: as
#: `bar.plate_tracking.MAX_SIZE_CHANGE`, and room for a worse rim.
_MAX_SIZE_CHANGE = 0.2

#: Maximum gap in a path, in seconds. Chosen: the legs or blur hide a plate for less.
_MAX_GAP_S = 0.5

#: Minimum sightings of a plate. Chosen: circles that are no plates are rarely found so often in
#: one place.
_MIN_SIGHTINGS = 5


def link_plates(frames: Sequence[FramePoses], shots: NDArray[np.int64]) -> list[F64]:
    """Paths of the plates of a clip, each float64 (n, 2), NaN where not seen.

    Args:
        frames: a clip's analysed frames in order.
        shots: (n,), the shot of each; a path does not go on after a cut.
    """
    paths: list[list[tuple[int, Plate]]] = []
    for row, frame in enumerate(frames):
        current = [
            path
            for path in paths
            if shots[path[-1][0]] == shots[row]
            and frame.time_s - frames[path[-1][0]].time_s <= _MAX_GAP_S
        ]
        for plate, path in _match(current, frame, frames):
            if path is None:
                paths.append([(row, plate)])
            else:
                path.append((row, plate))
    return [_positions(path, len(frames)) for path in paths if len(path) >= _MIN_SIGHTINGS]


Path = list[tuple[int, Plate]]


def _match(
    paths: list[Path], frame: FramePoses, frames: Sequence[FramePoses]
) -> list[tuple[Plate, Path | None]]:
    """Each plate of a frame, with the path that it continues; the nearest pairs first."""
    pairs = sorted(
        (step, p, n)
        for p, path in enumerate(paths)
        for n, plate in enumerate(frame.plates)
        if (step := _step(path[-1][1], plate))
        <= _MAX_STEP + _MAX_STEP_PER_S * (frame.time_s - frames[path[-1][0]].time_s)
    )
    continued: dict[int, Path] = {}
    used: set[int] = set()
    for _, p, n in pairs:
        if n not in continued and p not in used:
            continued[n] = paths[p]
            used.add(p)
    return [(plate, continued.get(n)) for n, plate in enumerate(frame.plates)]


def _step(before: Plate, plate: Plate) -> float:
    """Distance of two sightings in diameters; infinite if their heights differ too much."""
    if abs(plate.half_height_px / max(before.half_height_px, 1e-6) - 1) > _MAX_SIZE_CHANGE:
        return float("inf")
    distance_px = np.hypot(plate.x_px - before.x_px, plate.y_px - before.y_px)
    return float(distance_px / max(2 * before.half_height_px, 1e-6))


def _positions(path: Path, rows: int) -> F64:
    xy_px = np.full((rows, 2), np.nan)
    for row, plate in path:
        xy_px[row] = plate.x_px, plate.y_px
    return xy_px
