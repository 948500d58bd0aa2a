"""Follows plates through the views of one chunk, forwards and backwards from detections. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from services.pose.plates.alignment import align_rims, faces
from services.pose.plates.circles import find_centres
from services.pose.plates.flow import plate_motion
from services.pose.plates.rims import MIN_RIM_FRACTION, find_rims
from services.pose.plates.window import View
from shared.data.skeleton import F32

#: Row of a chunk in which plates are first detected, and rows from there to the next detection.
#: Chosen: in a chunk of 16, plates are detected twice and followed over at most four rows backwards
#: and seven forwards, a quarter of a second at 30 frames per second.
FIRST_ROW, EVERY_ROWS = 4, 8

#: Maximum distance between a detection and a followed plate that are the same, in radii, and their
#: maximum difference in size, as a fraction. Chosen: rings of one plate are closer, and the plates
#: of the bar's other end are further away; a hub and its rim differ more.
_SAME_PLACE, _SAME_SIZE = 0.25, 0.15

#: Minimum fraction of a followed plate's rim where its face looks as it did. Chosen: a shin, both
#: hands and the lifter's trunk hide two thirds of it; chance edges along a circle are fewer.
_MIN_PART = 0.3

#: Minimum correlation of a plate's face with what it looked like, where a part of the rim is seen
#: and where none is. Chosen: a blurred face still correlates by 0.6, what passes before it by less.
_MIN_ALIKE, _MIN_ALIKE_WITHOUT_RIM = 0.4, 0.6

#: Minimum fraction of a plate's points that agree on its motion. Chosen: half of a face may be
#: hidden; fewer agree by chance where a body passes.
_MIN_AGREEMENT = 0.4

#: Minimum difference between motion by flow and by velocity at which both are tried, in px of the
#: window. Chosen: the alignment of the rim finds a centre that is closer anyway.
_APART_PX = 2.0

#: Maximum rows for which a lost plate is searched for where its velocity leads. Chosen: a hand or a
#: shin passes in that time; later, the next detection finds it.
_MAX_LOST_ROWS = 4


@dataclass(eq=False)
class Track:
    """One plate in the rows of a chunk in which it is seen, in px of the window.

    Attributes:
        ellipses: Row → float32 (5,): centre x and y, half width, half height, visible fraction of
            the rim. Where that is below `MIN_RIM_FRACTION`, the plate was followed by its face.
    """

    ellipses: dict[int, F32] = field(default_factory=dict)


@dataclass(eq=False)
class _State:
    """A track while it is followed in one direction.

    Attributes:
        track: the track.
        ellipse: float32 (5,), as in `Track`; where it is expected while it is lost.
        velocity: float32 (2,), in px per row in this direction.
        face: float32 (samples,), what it looked like when its rim was last seen.
        lost: rows for which it has not been seen.
    """

    track: Track
    ellipse: F32
    velocity: F32
    face: F32
    lost: int = 0


def follow_plates(views: Sequence[View]) -> list[Track]:
    """The plates of a chunk's views, each in the rows in which it is seen."""
    tracks: list[Track] = []
    keys = list(range(FIRST_ROW, len(views), EVERY_ROWS)) or [len(views) // 2]
    for key, until in zip(keys, [*keys[1:], len(views) - 1], strict=True):
        found = find_rims(views[key], find_centres(views[key]))
        new = _anchor(tracks, key, found)
        tracks += new
        _follow(views, new, key, range(key - 1, -1, -1), tracks)
        tracks = [track for track in tracks if track.ellipses]
        here = [track for track in tracks if key in track.ellipses]
        _follow(views, here, key, range(key + 1, until + 1), tracks)
    return tracks


def _anchor(tracks: Sequence[Track], key: int, found: F32) -> list[Track]:
    """Move the tracks to what was detected in a row, and begin tracks for other detections.

    Of two rings of one plate the outer one is kept.
    """
    new: list[Track] = []
    here = [track for track in tracks if key in track.ellipses]
    for ellipse in found:
        near = [track for track in here if _is_same_place(track.ellipses[key], ellipse)]
        same = [track for track in near if _is_same_size(track.ellipses[key], ellipse)]
        if same:
            same[0].ellipses[key] = ellipse
        elif all(track.ellipses[key][3] < ellipse[3] for track in near):
            here = [track for track in here if track not in near]
            for track in near:
                del track.ellipses[key]
            new.append(Track({key: ellipse}))
    return new


def _follow(
    views: Sequence[View], tracks: Sequence[Track], start: int, rows: range, others: Sequence[Track]
) -> None:
    """Follow tracks from the row `start` through consecutive rows, and add where they are seen."""
    if not tracks or not len(rows):
        return
    ellipses = np.array([track.ellipses[start] for track in tracks], np.float32)
    looks = faces(views[start], ellipses)
    back = -rows.step
    states = []
    for track, ellipse, look in zip(tracks, ellipses, looks, strict=True):
        before = track.ellipses.get(start + back, ellipse)
        states.append(_State(track, ellipse, ellipse[:2] - before[:2], look))
    for row in rows:
        _step(views[row + back], views[row], states, row)
        states = [
            state
            for state in states
            if state.lost <= _MAX_LOST_ROWS and not _joins(state, row, others)
        ]
        if not states:
            return


def _step(before: View, after: View, states: Sequence[_State], row: int) -> None:
    """Find each plate in the next view, by flow or else where its velocity leads."""
    known = np.array([state.ellipse for state in states], np.float32)
    velocity = np.array([state.velocity for state in states], np.float32)
    flow, agreement = plate_motion(before, after, known)
    by_flow = (agreement >= _MIN_AGREEMENT) & np.array([state.lost == 0 for state in states])
    expected = known.copy()
    expected[:, :2] += np.where(by_flow[:, None], flow, velocity)
    aligned = _aligned(after, expected, known[:, :2] + velocity)
    looks, flown = faces(after, aligned), faces(after, expected)
    for n, state in enumerate(states):
        part = float(aligned[n, 4])
        if part >= MIN_RIM_FRACTION or (
            part >= _MIN_PART and float(looks[n] @ state.face) >= _MIN_ALIKE
        ):
            seen = aligned[n]
        elif by_flow[n] and float(flown[n] @ state.face) >= _MIN_ALIKE_WITHOUT_RIM:
            seen = np.append(expected[n, :4], np.float32(min(part, _MIN_PART)))
        else:
            state.lost += 1
            state.ellipse = np.append(known[n, :2] + velocity[n], known[n, 2:]).astype(np.float32)
            continue
        state.velocity = (seen[:2] - known[n, :2]).astype(np.float32)
        state.ellipse, state.lost = seen.astype(np.float32), 0
        state.track.ellipses[row] = state.ellipse
        if part >= MIN_RIM_FRACTION:
            state.face = looks[n]


def _aligned(view: View, expected: F32, by_velocity: F32) -> F32:
    """Ellipses (n, 5) aligned with their rims, near the expected ones or, where more is seen there,
    near the centres (n, 2) to which their velocities lead."""
    differ = np.flatnonzero(np.abs(expected[:, :2] - by_velocity).max(1) > _APART_PX)
    other = expected[differ]
    other[:, :2] = by_velocity[differ]
    both = np.concatenate([expected, other])
    both[:, :2], both[:, 4] = align_rims(view, both[:, :4])
    aligned, other = both[: len(expected)], both[len(expected) :]
    better = other[:, 4] > aligned[differ, 4]
    aligned[differ[better]] = other[better]
    return aligned


def _joins(state: _State, row: int, others: Sequence[Track]) -> bool:
    """Whether a track has come to where another one is seen; then it goes no further.

    A track that ended there and one that was found later are made one.
    """
    own = state.track.ellipses.get(row)
    if own is None:
        return False
    for other in others:
        there = other.ellipses.get(row)
        if other is state.track or there is None or not _is_same_place(own, there):
            continue
        if own[4] > there[4] and min(other.ellipses) <= row < max(other.ellipses):
            continue
        del state.track.ellipses[row]
        if _is_same_size(own, there) and not other.ellipses.keys() & state.track.ellipses.keys():
            other.ellipses.update(state.track.ellipses)
            state.track.ellipses.clear()
        return True
    return False


def _is_same_place(one: F32, other: F32) -> bool:
    apart = math.hypot(one[0] - other[0], one[1] - other[1])
    return bool(apart < _SAME_PLACE * min(one[3], other[3]))


def _is_same_size(one: F32, other: F32) -> bool:
    return bool(abs(one[3] / other[3] - 1) < _SAME_SIZE)
