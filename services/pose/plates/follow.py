"""Follows plates through the views of one chunk, forwards and backwards from detections. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.pose.plates.alignment import align_rims, faces
from services.pose.plates.circles import find_centres
from services.pose.plates.flow import plate_motion
from services.pose.plates.rims import MIN_RELATIVE_FRACTION, MIN_RIM_FRACTION, find_rims
from services.pose.plates.window import View
from shared.data.skeleton import F32

Bools = NDArray[np.bool_]

#: Maximum time between two detections, in seconds, and maximum rows. Chosen: in a chunk of 16 at 30
#: frames per second plates are detected twice, and followed over at most four rows backwards and
#: seven forwards; at a lower rate plates move further from row to row, and are detected more often.
_EVERY_S, _EVERY_ROWS = 0.27, 8

#: Maximum distance between a detection and a followed plate that are the same, in radii, and their
#: maximum difference in size, as a fraction. Chosen: rings of one plate are closer, and the plates
#: of the bar's other end are further away; a hub and its rim differ more.
_SAME_PLACE, _SAME_SIZE = 0.25, 0.15

#: Maximum distance of a followed plate from its next detection for both to count, in px of the
#: window. Chosen: a rim is traced to a pixel; what is further away has been lost.
_MAX_CORRECTION_PX = 2.0

#: Minimum fraction of a plate's pairs of points that agree on its motion, and minimum correlation
#: of its face there with what it looked like. Chosen: half of a face may be hidden, and fewer agree
#: by chance where a body passes; a blurred face still correlates by 0.6, what passes before it by
#: less.
_MIN_AGREEMENT, _MIN_ALIKE = 0.4, 0.6

#: Minimum fraction of the rim, and correlation of the face there, where the points do not agree.
#: Chosen: a shin, both hands and the lifter's trunk hide two thirds of a rim; chance edges along a
#: circle are fewer.
_MIN_PART, _MIN_ALIKE_PART = 0.3, 0.4

#: Maximum rows for which a lost plate is searched for where its velocity leads. Chosen: a hand
#: passes in that time; twice as many found no more in real clips, and the next detection does.
_MAX_LOST_ROWS = 2


@dataclass(eq=False)
class Track:
    """One plate in the rows of a chunk in which it is seen, in px of the window.

    Attributes:
        ellipses: Row → float32 (5,): centre x and y, half width, half height; and the visible
            fraction of the rim, or where only its face was followed, the correlation with it.
        detected: rows in which the rim was seen.
    """

    ellipses: dict[int, F32] = field(default_factory=dict)
    detected: set[int] = field(default_factory=set)


@dataclass(eq=False)
class _State:
    """A track while it is followed in one direction.

    Attributes:
        track: the track.
        anchor: float32 (5,), its ellipse in the row from which it is followed.
        face: float32 (samples,), what it looked like there.
        ellipse: float32 (5,), as in `Track`; where it is expected while it is lost.
        velocity: float32 (2,), in px per row in this direction.
        lost: rows for which it has not been seen.
    """

    track: Track
    anchor: F32
    face: F32
    ellipse: F32
    velocity: F32
    lost: int = 0

    def move(self, row: int, ellipse: F32, is_traced: bool) -> None:
        """Add a row in which the plate is seen, by its rim or else by its face."""
        before = self.ellipse[:2] - self.lost * self.velocity
        self.velocity = ((ellipse[:2] - before) / (self.lost + 1)).astype(np.float32)
        self.ellipse, self.lost = ellipse.astype(np.float32), 0
        self.track.ellipses[row] = self.ellipse.copy()
        if is_traced:
            self.track.detected.add(row)


def follow_plates(views: Sequence[View], step_s: float) -> list[Track]:
    """The plates of a chunk's views, each in the rows in which it is seen.

    Args:
        views: the views in order.
        step_s: usual time between two of them.
    """
    tracks: list[Track] = []
    every = _EVERY_ROWS
    if step_s > 0:
        every = min(max(round(_EVERY_S / step_s), 1), _EVERY_ROWS)
    keys = list(range(every // 2, len(views), every)) or [len(views) // 2]
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

    Where a plate shows two concentric rings, such as hub and rim, the outer one is tracked.
    """
    new: list[Track] = []
    here = [track for track in tracks if key in track.ellipses]
    for ellipse in found:
        near = [track for track in here if _is_same_place(track.ellipses[key], ellipse)]
        same = [track for track in near if _is_same_size(track.ellipses[key], ellipse)]
        if same:
            _correct(same[0], key, ellipse)
        elif all(_is_outer(ellipse, track.ellipses[key]) for track in near):
            here = [track for track in here if track not in near]
            for track in near:
                del track.ellipses[key]
            new.append(Track({key: ellipse.copy()}, {key}))
    return new


def _correct(track: Track, key: int, detected: F32) -> None:
    """Move a track by half of its distance to a second detection, or to it where it is far away."""
    track.detected.add(key)
    apart = detected[:2] - track.ellipses[key][:2]
    if float(np.abs(apart).max()) > _MAX_CORRECTION_PX:
        track.ellipses[key] = detected
        return
    for ellipse in track.ellipses.values():
        ellipse[:2] += apart / 2
    track.ellipses[key][4] = detected[4]


def _follow(
    views: Sequence[View], tracks: Sequence[Track], start: int, rows: range, others: Sequence[Track]
) -> None:
    """Follow tracks from the row `start` through consecutive rows, and add where they are seen."""
    if not tracks or not len(rows):
        return
    anchors = np.array([track.ellipses[start] for track in tracks], np.float32)
    looks = faces(views[start], anchors)
    states = []
    for track, anchor, look in zip(tracks, anchors, looks, strict=True):
        before = track.ellipses.get(start - rows.step, anchor)
        states.append(_State(track, anchor, look, anchor, anchor[:2] - before[:2]))
    for row in rows:
        _step(views[start], views[row], states, row)
        states = [
            state
            for state in states
            if state.lost <= _MAX_LOST_ROWS and not _joins(state, row, others)
        ]
        if not states:
            return


def _step(start: View, view: View, states: Sequence[_State], row: int) -> None:
    """Find each plate in the next view: by the points of its face, else by its rim.

    Both are compared with the view from which it is followed, so that errors do not add up.
    """
    anchors = np.array([state.anchor for state in states], np.float32)
    expected = np.array([state.ellipse for state in states], np.float32)
    expected[:, :2] += np.array([state.velocity for state in states], np.float32)
    motion, agreement = plate_motion(start, view, anchors, expected[:, :2])
    flown = expected.copy()
    flown[:, :2] = anchors[:, :2] + motion
    looks = np.array([state.face for state in states])
    flown[:, 4] = np.clip((faces(view, flown) * looks).sum(1), 0, 1)
    agrees = agreement >= _MIN_AGREEMENT
    is_seen = agrees & (flown[:, 4] >= _MIN_ALIKE)
    is_traced = np.zeros(len(states), bool)
    rest = np.flatnonzero(~is_seen)
    if len(rest):
        near = np.where(agrees[rest, None], flown[rest], expected[rest])
        flown[rest], is_traced[rest], is_alike = _by_rim(view, near, looks[rest])
        is_seen[rest] = is_traced[rest] | is_alike
    for n, state in enumerate(states):
        if is_seen[n]:
            state.move(row, flown[n], bool(is_traced[n]))
        else:
            state.ellipse = expected[n]
            state.lost += 1


def _by_rim(view: View, expected: F32, looks: F32) -> tuple[F32, Bools, Bools]:
    """Find plates by their rims near expected ellipses (n, 5).

    Returns:
        The ellipses (n, 5) as in `Track`; where the rim is seen, (n,); and where a part of it is
        seen around a face like `looks` (n, samples), (n,).
    """
    found = expected.copy()
    found[:, :2], part = align_rims(view, expected[:, :4])
    alike = np.clip((faces(view, found) * looks).sum(1), 0, 1)
    has_rim = part >= MIN_RIM_FRACTION
    found[:, 4] = np.where(has_rim, part, alike)
    return found, has_rim, (part >= _MIN_PART) & (alike >= _MIN_ALIKE_PART)


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
            other.detected.update(state.track.detected)
            state.track.ellipses.clear()
        return True
    return False


def _is_same_place(one: F32, other: F32) -> bool:
    apart = math.hypot(one[0] - other[0], one[1] - other[1])
    return bool(apart < _SAME_PLACE * min(one[3], other[3]))


def _is_outer(one: F32, other: F32) -> bool:
    """Whether one ring is larger than the other, and not much less visible."""
    return bool(one[3] > other[3] and one[4] > MIN_RELATIVE_FRACTION * other[4])


def _is_same_size(one: F32, other: F32) -> bool:
    return bool(abs(one[3] / other[3] - 1) < _SAME_SIZE)
