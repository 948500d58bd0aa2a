"""All sightings of plates in a clip, and the pose stage's tracks linked to paths. Pure.

The pose stage tracks plates within a chunk of frames. Here the tracks are linked over the seams
between chunks, and over short gaps, by place, size and velocity.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import FramePoses, Plate

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Maximum gap over which two tracks are linked, in seconds. Chosen: a plate that is hidden for
#: longer may have been lifted or put down, and is recognised by what it does instead.
_MAX_GAP_S = 0.4

#: Time at the end of a track from which its velocity is computed, in seconds. Chosen: four frames
#: at 30 per second, enough to average the jitter of a pixel.
_VELOCITY_S = 0.12

#: Maximum distance between where two tracks lead to, in radii: a fixed part and a part for each
#: second between them, where both velocities are known or not, and the most in all. Derived: within
#: a gap, an acceleration of 10 m/s² for a tenth of a second changes a velocity by 1 m/s (4 radii
#: per second); without velocities, a bar moves at up to 2 m/s (9 radii per second). The fixed part
#: is the jitter of a rim half hidden.
_MAX_APART, _PER_S_KNOWN, _PER_S_UNKNOWN, _MOST_APART = 0.3, 4.0, 9.0, 1.2

#: Maximum difference between the sizes of linked tracks, as a fraction. Chosen: as for plates of
#: one size in `plate_tracking`, and the scale of a camera that moves.
_MAX_SIZE_CHANGE = 0.15

#: Maximum distance, in radii of the larger ring, and maximum gap, in seconds, over which a track of
#: one ring of a plate is linked to a track of another ring of it, such as hub and rim. Chosen: the
#: rings have one centre, apart from the tilt of the bar; over a longer gap another plate's ring may
#: be at that place by chance.
_RING_APART, _RING_GAP_S = 0.2, 0.15

#: Maximum difference in size between sightings of one ring, as a fraction, and minimum fraction of
#: a plate's sightings that show its rim. Chosen: the jitter of a traced rim; a rim is seen less
#: often than letters and hubs where it is as dark as what is behind it.
SAME_RING, _MIN_RIM_SIGHTINGS = 0.06, 0.3

#: Minimum sightings of a plate whose path is of use. Chosen: circles that are no plates are rarely
#: found so often in one place.
_MIN_PATH = 5

#: Cost of a second of gap, and of a size that differs by the factor e, in radii of distance.
#: Chosen: among several tracks that could follow, the next one of the same size comes first.
_COST_PER_S, _COST_OF_SIZE = 1.0, 2.0


@dataclass(frozen=True, eq=False)
class PlateSightings:
    """All sightings of plates in a clip, in order of rows.

    Attributes:
        row: int64 (m,), the row of the motion.
        xy_px: float64 (m, 2), centres.
        height_px: float64 (m,), vertical diameters.
        track: int64 (m,), numbers of the pose stage's tracks, -1 where plates were not tracked.
    """

    row: Ints
    xy_px: F64
    height_px: F64
    track: Ints


@dataclass(frozen=True, eq=False)
class _Ends:
    """First or last sightings of tracks: row, time (n,), place (n, 2), velocity in px/s, size."""

    row: Ints
    time_s: F64
    xy_px: F64
    velocity: F64
    size_px: F64
    shot: Ints


def gather_sightings(plates: Sequence[Sequence[Plate]]) -> PlateSightings:
    """All sightings of a clip, from the plates of each row."""
    listed = [(row, plate) for row, seen in enumerate(plates) for plate in seen]
    places = [(plate.x_px, plate.y_px) for _, plate in listed]
    tracks = [-1 if plate.track is None else plate.track for _, plate in listed]
    return PlateSightings(
        row=np.array([row for row, _ in listed], np.int64),
        xy_px=np.array(places, np.float64).reshape(-1, 2),
        height_px=np.array([2 * plate.half_height_px for _, plate in listed], np.float64),
        track=np.array(tracks, np.int64),
    )


def link_tracks(seen: PlateSightings, time_s: F64, shot: Ints) -> list[Ints]:
    """The paths of single plates.

    Args:
        seen: all sightings.
        time_s: (n,), time of each row.
        shot: (n,), the shot of each row; no path leads over a cut.

    Returns:
        For each path the numbers of its sightings, at most one in a row, in order of rows.
    """
    tracks = _tracks(seen, shot)
    first = _ends(seen, time_s, shot, tracks, at_end=False)
    last = _ends(seen, time_s, shot, tracks, at_end=True)
    links: list[tuple[float, int, int]] = []
    order = np.argsort(last.time_s, kind="stable")
    for after in range(len(tracks)):
        begin, end = np.searchsorted(
            last.time_s[order], [first.time_s[after] - _MAX_GAP_S, first.time_s[after]]
        )
        before = order[begin:end]
        costs = _link_costs(last, before, first, after)
        links += [
            (float(cost), int(one), after)
            for one, cost in zip(before, costs, strict=True)
            if np.isfinite(cost)
        ]
    follower: dict[int, int] = {}
    followed: set[int] = set()
    for _, one, after in sorted(links):
        if one not in follower and after not in followed:
            follower[one] = after
            followed.add(after)
    paths = []
    for start in range(len(tracks)):
        if start in followed:
            continue
        path, at = [tracks[start]], start
        while at in follower:
            at = follower[at]
            path.append(tracks[at])
        paths.append(np.concatenate(path))
    return paths


def _tracks(seen: PlateSightings, shot: Ints) -> list[Ints]:
    """Sightings of each track of each shot, one a row; untracked ones are tracks of their own."""
    groups: dict[tuple[int, int], list[int]] = {}
    alone: list[list[int]] = []
    for number, (track, row) in enumerate(zip(seen.track, seen.row, strict=True)):
        if track < 0:
            alone.append([number])
            continue
        group = groups.setdefault((int(track), int(shot[row])), [])
        if not group or seen.row[group[-1]] != row:
            group.append(number)
    return [np.array(group, np.int64) for group in [*groups.values(), *alone]]


def _ends(
    seen: PlateSightings, time_s: F64, shot: Ints, tracks: Sequence[Ints], at_end: bool
) -> _Ends:
    own = np.array([track[-1 if at_end else 0] for track in tracks], np.int64)
    velocity = np.full((len(tracks), 2), np.nan)
    for n, track in enumerate(tracks):
        times = time_s[seen.row[track]]
        near = np.abs(times - times[-1 if at_end else 0]) <= _VELOCITY_S
        if near.sum() > 1:
            inside, at = times[near], seen.xy_px[track[near]]
            velocity[n] = (at[-1] - at[0]) / (inside[-1] - inside[0])
    row = seen.row[own]
    return _Ends(row, time_s[row], seen.xy_px[own], velocity, seen.height_px[own], shot[row])


def _link_costs(last: _Ends, before: Ints, first: _Ends, after: int) -> F64:
    """Cost of each track `before` (k,) being followed by the track `after`, infinite if it is not.

    Both are led on to the middle of the gap between them.
    """
    gap_s = first.time_s[after] - last.time_s[before]
    radius = np.maximum(last.size_px[before], first.size_px[after]) / 2
    one, other = last.velocity[before], first.velocity[after][None]
    is_known = np.isfinite(one).all(-1) & np.isfinite(other).all(-1)
    one = np.where(np.isfinite(one), one, np.where(np.isfinite(other), other, 0.0))
    other = np.where(np.isfinite(other), other, one)
    there = last.xy_px[before] + one * gap_s[:, None] / 2
    here = first.xy_px[after] - other * gap_s[:, None] / 2
    apart = np.linalg.norm(there - here, axis=-1) / radius
    limit = _MAX_APART + np.where(is_known, _PER_S_KNOWN, _PER_S_UNKNOWN) * gap_s
    size = np.abs(np.log(last.size_px[before] / first.size_px[after]))
    is_alike = (apart <= np.minimum(limit, _MOST_APART)) & (size <= np.log1p(_MAX_SIZE_CHANGE))
    is_ring = is_known & (apart <= _RING_APART) & (gap_s <= _RING_GAP_S)
    may_follow = (is_alike | is_ring) & (last.shot[before] == first.shot[after])
    cost = apart + _COST_OF_SIZE * size + _COST_PER_S * gap_s
    return np.where(may_follow, cost, np.inf)


def rim_height_px(heights_px: F64) -> float:
    """Height of the rim of a plate whose sightings have these heights (k,): the largest often seen.

    The others are those of the hub, of letters, or of a rim with its shadow.
    """
    for height in np.sort(heights_px)[::-1]:
        alike = np.abs(heights_px / height - 1) < SAME_RING
        if alike.mean() >= _MIN_RIM_SIGHTINGS:
            return float(np.median(heights_px[alike]))
    return float(np.median(heights_px))


def plate_paths_px(frames: Sequence[FramePoses], shots: Ints) -> list[F64]:
    """Where each plate of a clip is in each frame, each (n, 2); NaN where it is not seen.

    Args:
        frames: the clip's analysed frames.
        shots: (n,), the shot of each.
    """
    seen = gather_sightings([frame.plates for frame in frames])
    paths_px = []
    for path in link_tracks(seen, np.array([frame.time_s for frame in frames]), shots):
        if len(path) >= _MIN_PATH:
            xy_px = np.full((len(frames), 2), np.nan)
            xy_px[seen.row[path]] = seen.xy_px[path]
            paths_px.append(xy_px)
    return paths_px
