"""People linked from frame to frame into tracks; a cut begins new tracks. Pure.

The order of people in a frame carries no identity: detectors list people in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import FramePoses, Person
from shared.data.skeleton import F32

#: Maximum distance between two sightings of one person, in body sizes: a fixed part and a part for
#: each second between them. Chosen: at 5 frames per second the middle of a lifter moves by less.
#: Measured on 39 real clips: the greatest step of a clip is 0.02 to 0.31 at its full rate (median
#: 0.10), so a few tracks break there, and are joined in `find`.
_MAX_STEP, _MAX_STEP_PER_S = 0.2, 1.0

#: Maximum ratio of sizes between two sightings of one person. Chosen: a body that is found whole
#: changes by less. Measured on 39 real clips: the greatest ratio of a clip is 1.05 to 2.35 (median
#: 1.23).
_MAX_SIZE_RATIO = 2.0

#: Maximum gap within a track, in seconds; a person who returns later begins a new track. Chosen: in
#: a longer time the person may have walked elsewhere.
_MAX_GAP_S = 1.0

#: Minimum mean change of a frame's thumbnail in a cut, 0..1 (padded portrait clips change little of
#: the picture), and its minimum ratio to the changes around it. Chosen: low enough for those clips;
#: people must jump as well.
_MIN_CUT_CHANGE, _MIN_CUT_RATIO = 0.012, 6.0

#: Frames before and after a change that it is compared with. Chosen: enough for a median that one
#: more cut does not move.
_CUT_NEIGHBOURS = 4

#: Minimum median step of every person's joints in a cut, in body sizes: a fixed part and a part for
#: each second between the frames. Chosen: a caption that appears changes the picture, but moves no
#: person. Measured on 39 real clips: the greatest step of a clip without a cut is 0.02 to 0.43
#: (median 0.05), so the thumbnails decide as well.
_MIN_JUMP, _MIN_JUMP_PER_S = 0.05, 0.3


@dataclass(eq=False)
class Track:
    """One person within one shot.

    Attributes:
        shot: Number of the shot.
        people: Row → the person there.
        centre_px: float32 (2,), centre of the box in the latest sighting.
        size_px: Size of the box in the latest sighting.
        last_s: Time of the latest sighting.
    """

    shot: int
    people: dict[int, Person] = field(default_factory=dict)
    centre_px: F32 = field(default_factory=lambda: np.zeros(2, np.float32))
    size_px: float = 0.0
    last_s: float = 0.0

    def extend(self, row: int, person: Person, time_s: float) -> None:
        """Add the next sighting."""
        self.people[row] = person
        self.centre_px, self.size_px = box_centre_px(person), box_size_px(person)
        self.last_s = time_s


def find_shots(frames: Sequence[FramePoses]) -> NDArray[np.int64]:
    """The shot that each frame belongs to, (n,), from 0; a cut begins the next.

    Frames without thumbnails, as in the training data, are all one shot.
    """
    thumbnails = [frame.thumbnail for frame in frames]
    if len({thumbnail.shape for thumbnail in thumbnails}) != 1 or not thumbnails[0].size:
        return np.zeros(len(frames), np.int64)
    change = np.abs(np.diff(np.stack(thumbnails), axis=0)).mean(-1)
    cut = np.zeros(len(frames), bool)
    for row in map(int, np.flatnonzero(change > _MIN_CUT_CHANGE)):
        low = max(0, row - _CUT_NEIGHBOURS)
        around = np.delete(change[low : row + _CUT_NEIGHBOURS + 1], row - low)
        stands_out = change[row] > _MIN_CUT_RATIO * (np.median(around) if around.size else 0)
        cut[row + 1] = stands_out and _all_jump(frames[row], frames[row + 1])
    return np.cumsum(cut)


def _all_jump(before: FramePoses, after: FramePoses) -> bool:
    """Whether nobody stays where somebody was; true if either frame shows nobody."""
    min_jump = _MIN_JUMP + _MIN_JUMP_PER_S * (after.time_s - before.time_s)
    for person in after.people:
        for other in before.people:
            steps = np.linalg.norm(person.xy_px - other.xy_px, axis=-1)
            known = steps[np.isfinite(steps)]
            if known.size and np.median(known) <= min_jump * box_size_px(person):
                return False
    return True


def link_people(frames: Sequence[FramePoses], shots: NDArray[np.int64]) -> list[Track]:
    """Link people from frame to frame, the nearest pairs first.

    Args:
        frames: a clip's analysed frames in order; their rows.
        shots: (n,), the shot of each, from `find_shots`.
    """
    tracks: list[Track] = []
    current: list[Track] = []
    for row, frame in enumerate(frames):
        shot = int(shots[row])
        current = [
            track
            for track in current
            if track.shot == shot and frame.time_s - track.last_s <= _MAX_GAP_S
        ]
        matches = _match(current, frame)
        for number, person in enumerate(frame.people):
            track = matches.get(number) or Track(shot)
            if number not in matches:
                tracks.append(track)
                current.append(track)
            track.extend(row, person, frame.time_s)
    return tracks


def _match(tracks: Sequence[Track], frame: FramePoses) -> dict[int, Track]:
    """Number of a person in the frame → the track that goes on with that person."""
    pairs = sorted(
        (step, t, p)
        for t, track in enumerate(tracks)
        for p, person in enumerate(frame.people)
        if (step := _step(track, person))
        <= _MAX_STEP + _MAX_STEP_PER_S * (frame.time_s - track.last_s)
    )
    matches: dict[int, Track] = {}
    used: set[int] = set()
    for _, t, p in pairs:
        if p not in matches and t not in used:
            matches[p] = tracks[t]
            used.add(t)
    return matches


def _step(track: Track, person: Person) -> float:
    """Distance of a person from a track's latest sighting, in body sizes; infinite if no match."""
    size_px = box_size_px(person)
    if max(size_px / track.size_px, track.size_px / size_px) > _MAX_SIZE_RATIO:
        return float("inf")
    distance_px = float(np.linalg.norm(box_centre_px(person) - track.centre_px))
    return distance_px / max(track.size_px, size_px)


def box_centre_px(person: Person) -> F32:
    """Centre of a person's box, (2,)."""
    return np.asarray((person.box_px[:2] + person.box_px[2:]) / 2, np.float32)


def box_size_px(person: Person) -> float:
    """Longer side of a person's box: a body bent over the bar is as long as it is high."""
    return max(1.0, float(np.max(person.box_px[2:] - person.box_px[:2])))
