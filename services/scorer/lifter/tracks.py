"""People linked from frame to frame into tracks; a cut begins new ones. Pure.

A person's place in a frame's list says nothing: detectors list people as they please.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import FramePoses, Person
from shared.data.skeleton import F32

#: A person is the same as in an earlier frame within this many body heights of the old place, and
#: so many more for each second since. Between frames at 5 a second a lifter's middle moves by less.
_STEP, _STEP_PER_S = 0.2, 1.0

#: Two looks at one person differ in size by less than this factor, whatever they do between.
_MAX_SIZE_STEP = 2.0

#: A track that was not continued for so long, in seconds, is over: who comes back is told anew.
_MAX_GAP_S = 1.0

#: Mean change of a frame's thumbnail, 0..1, that may be a cut (padded portrait clips change little
#: of the picture), and by which factor it must stand out from the changes around it.
_CUT, _CUT_FACTOR = 0.012, 6.0

#: A caption that appears changes the picture and no person. In a cut everybody jumps: their joints'
#: median step is above so many body heights, and so many more for each second between the frames.
_JUMP, _JUMP_PER_S = 0.05, 0.3

#: Frames looked at before and after for the changes around.
_CUT_NEIGHBOURS = 4


@dataclass(eq=False)
class Track:
    """One person through one stretch of film: frame position → the person there."""

    shot: int
    people: dict[int, Person] = field(default_factory=dict)
    centre_px: F32 = field(default_factory=lambda: np.zeros(2, np.float32))
    size_px: float = 0.0
    last_s: float = 0.0

    def extend(self, position: int, person: Person, time_s: float) -> None:
        """Take the person along as the next sighting."""
        self.people[position] = person
        self.centre_px, self.size_px = centre_px(person), height_px(person)
        self.last_s = time_s


def find_shots(frames: Sequence[FramePoses]) -> NDArray[np.int64]:
    """The uninterrupted stretch of film that each frame belongs to, (n,), from 0.

    Without thumbnails, as in clips to train on, no cut is seen.
    """
    thumbnails = [frame.thumbnail for frame in frames]
    if len({thumbnail.shape for thumbnail in thumbnails}) != 1 or not thumbnails[0].size:
        return np.zeros(len(frames), np.int64)
    change = np.abs(np.diff(np.stack(thumbnails), axis=0)).mean(-1)
    cut = np.zeros(len(frames), bool)
    for place in map(int, np.flatnonzero(change > _CUT)):
        low = max(0, place - _CUT_NEIGHBOURS)
        around = np.delete(change[low : place + _CUT_NEIGHBOURS + 1], place - low)
        stands_out = change[place] > _CUT_FACTOR * (np.median(around) if around.size else 0)
        cut[place + 1] = stands_out and _all_jump(frames[place], frames[place + 1])
    return np.cumsum(cut)


def _all_jump(before: FramePoses, after: FramePoses) -> bool:
    """Whether nobody stays where somebody was; holds where either frame shows nobody."""
    limit = _JUMP + _JUMP_PER_S * (after.time_s - before.time_s)
    for person in after.people:
        for other in before.people:
            steps = np.linalg.norm(person.xy_px - other.xy_px, axis=-1)
            known = steps[np.isfinite(steps)]
            if known.size and np.median(known) <= limit * height_px(person):
                return False
    return True


def link(frames: Sequence[FramePoses], shots: NDArray[np.int64]) -> list[Track]:
    """Link people from frame to frame, the nearest pairs first."""
    tracks: list[Track] = []
    current: list[Track] = []
    for position, frame in enumerate(frames):
        shot = int(shots[position])
        current = [
            track
            for track in current
            if track.shot == shot and frame.time_s - track.last_s <= _MAX_GAP_S
        ]
        taken = _matches(current, frame)
        for place, person in enumerate(frame.people):
            track = taken.get(place) or Track(shot)
            if place not in taken:
                tracks.append(track)
                current.append(track)
            track.extend(position, person, frame.time_s)
    return tracks


def _matches(tracks: Sequence[Track], frame: FramePoses) -> dict[int, Track]:
    """Place in the frame's list → the track that goes on with that person."""
    pairs = sorted(
        (step, t, p)
        for t, track in enumerate(tracks)
        for p, person in enumerate(frame.people)
        if (step := _step(track, person)) <= _STEP + _STEP_PER_S * (frame.time_s - track.last_s)
    )
    taken: dict[int, Track] = {}
    used: set[int] = set()
    for _, t, p in pairs:
        if p not in taken and t not in used:
            taken[p] = tracks[t]
            used.add(t)
    return taken


def _step(track: Track, person: Person) -> float:
    """Distance of a person from a track's last place, in body heights; infinite if no match."""
    size = height_px(person)
    if max(size / track.size_px, track.size_px / size) > _MAX_SIZE_STEP:
        return float("inf")
    return float(np.linalg.norm(centre_px(person) - track.centre_px)) / max(track.size_px, size)


def centre_px(person: Person) -> F32:
    """Middle of a person's box."""
    return np.asarray((person.box_px[:2] + person.box_px[2:]) / 2, np.float32)


def height_px(person: Person) -> float:
    """Longer side of the box: bent over the bar, a body is as long as it is high."""
    return max(1.0, float(np.max(person.box_px[2:] - person.box_px[:2])))
