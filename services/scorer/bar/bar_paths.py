"""Which paths of a shot are those of the bar's plate. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.lifted import is_lifted, rises_without_hands
from services.scorer.motion.motion import Motion
from services.scorer.plates.sightings import PlateSightings, rim_height_px

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Minimum fraction of a path's frames with hands in which its plate moves with them. Chosen: as for
#: the plate itself (`plate_tracking`).
_MIN_TRACKED = 0.4

#: Maximum distance from the end of one path to the start of the next if both are of one bar that
#: rested on the floor between them, in radii; and the same where the next path is of a smaller ring
#: of the plate. Chosen: a bar that is put down rolls by less, and another plate is a diameter away;
#: the rings of a plate have one centre, apart from the tilt of the bar.
_MAX_REST_STEP, _MAX_RING_STEP = 0.5, 0.2

#: Maximum difference of a path's usual size from the plate's, as a fraction. Chosen: rings beside
#: the rim are closer, other plates of a bar and those of a rack mostly further.
_MAX_PATH_SIZE_CHANGE = 0.15

#: Maximum fraction of a path's frames in which another path of the bar is seen elsewhere. Chosen:
#: tracks of one plate overlap by a frame or two.
_MAX_OVERLAP = 0.2


def choose_paths(
    motion: Motion, hands: F64, seen: PlateSightings, paths: Sequence[Ints], with_hands: Bools
) -> list[Ints]:
    """The paths of the bar's plate in a shot, the best first.

    Args:
        motion: the lifter's motion.
        hands: (n, 2), the middle of the hands in each row, NaN where unknown.
        seen: all sightings.
        paths: paths of single plates in the shot, as numbers of sightings.
        with_hands: bool (m,), sightings that move with the hands.
    """
    sizes = [rim_height_px(seen.height_px[path]) for path in paths]
    size = float(np.median(seen.height_px[with_hands])) if with_hands.any() else float("nan")
    chosen: list[Ints] = []
    place = np.full((len(motion), 2), np.nan)
    rated = _rated(motion, hands, seen, paths, with_hands)
    for by_hands, _, n in sorted(rated, reverse=True):
        rows = seen.row[paths[n]]
        size = sizes[n] if np.isnan(size) else size
        is_alike = by_hands or abs(sizes[n] / size - 1) < _MAX_PATH_SIZE_CHANGE
        step_px = np.linalg.norm(seen.xy_px[paths[n]] - place[rows], axis=-1)
        taken = np.isfinite(step_px)
        is_ring = taken.any() and np.median(step_px[taken]) < _MAX_RING_STEP * size / 2
        if is_alike and (is_ring or taken.mean() <= _MAX_OVERLAP):
            chosen.append(paths[n])
            place[rows[~taken]] = seen.xy_px[paths[n][~taken]]
    if not chosen:
        return []
    alike, rings = [], []
    for path, own_size in zip(paths, sizes, strict=True):
        if abs(own_size / size - 1) < _MAX_PATH_SIZE_CHANGE:
            alike.append(path)
        elif own_size < size:
            rings.append(path)
    chosen += _at_rest(seen, alike, place, _MAX_REST_STEP * size / 2)
    return chosen + _at_rest(seen, rings, place, _MAX_RING_STEP * size / 2)


def _rated(
    motion: Motion, hands: F64, seen: PlateSightings, paths: Sequence[Ints], with_hands: Bools
) -> Iterable[tuple[bool, float, int]]:
    """Paths that may be the bar's: by the hands or by what they do, how good, and their number."""
    for n, path in enumerate(paths):
        if rises_without_hands(hands, seen, path):
            continue
        own = int(with_hands[path].sum())
        known = int(np.isfinite(hands[seen.row[path]]).all(-1).sum())
        if own and own >= _MIN_TRACKED * known:
            yield True, own, n
        elif is_lifted(motion, seen, path):
            yield False, rim_height_px(seen.height_px[path]) * len(path), n


def _at_rest(
    seen: PlateSightings, others: Sequence[Ints], place: F64, step_px: float
) -> list[Ints]:
    """Those of other paths that begin where the bar was last seen, or end where it is seen next.

    Args:
        seen: all sightings.
        others: paths of the shot that are not the bar's yet.
        place: (n, 2), where the bar is seen in each row, NaN where it is not; rows of what is added
            are set.
        step_px: maximum distance between an end and a beginning.
    """
    added: list[Ints] = []
    forwards = sorted(others, key=lambda path: int(seen.row[path[0]]))
    backwards = sorted(others, key=lambda path: -int(seen.row[path[-1]]))
    for is_forwards, paths in ((True, forwards), (False, backwards)):
        for path in paths:
            rows, taken = seen.row[path], np.isfinite(place[:, 0])
            if taken[rows].any():
                continue
            end = path[0 if is_forwards else -1]
            row = int(seen.row[end])
            known = np.flatnonzero(taken[:row] if is_forwards else taken[row:])
            if not known.size:
                continue
            nearest = int(known[-1]) if is_forwards else row + int(known[0])
            if np.linalg.norm(seen.xy_px[end] - place[nearest]) < step_px:
                added.append(path)
                place[rows] = seen.xy_px[path]
    return added
