"""Who lifts: people linked from frame to frame into tracks, and the track that moves the bar. Pure.

A person's place in a frame's list says nothing: detectors list people as they please.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shared.messages import Person, ScoredFrame
from shared.skeleton import L_WRIST, R_WRIST

#: A person is the same as in an earlier frame within this many body heights of the old place.
#: Between two frames, even at 5 a second, a lifter's middle moves by less.
_MAX_STEP = 0.5

#: A track that was not continued for so long, in seconds, is over: who comes back is told anew.
_MAX_GAP_S = 1.0

#: What a metre of wrist travel counts against standing in the picture. The lifter's wrists travel
#: about 0.35 body heights in a rep; a bystander's mostly far less.
_TRAVEL_WEIGHT = 4.0

#: Another track may fill in for the lifter's (lost and found again) if its size is alike within
#: this factor.
_MAX_SIZE_RATIO = 2.0


@dataclass(eq=False)
class Track:
    """One person through a clip: frame position → place in that frame's list of people."""

    places: dict[int, int] = field(default_factory=dict)
    heights_px: list[float] = field(default_factory=list)
    wrists_y_px: list[float] = field(default_factory=list)
    centre_px: np.ndarray = field(default_factory=lambda: np.zeros(2))
    last_s: float = 0.0

    @property
    def height_px(self) -> float:
        """Body height as usually seen."""
        return float(np.median(self.heights_px))

    def weight(self) -> float:
        """How much speaks for this being the lifter: presence, size, and travel of the wrists."""
        seen = [y for y in self.wrists_y_px if np.isfinite(y)]
        low, high = np.percentile(seen, [5, 95]) if seen else (0.0, 0.0)
        travel = float(high - low) / self.height_px
        return len(self.places) * self.height_px * (1 + _TRAVEL_WEIGHT * min(travel, 1.0))


def find_lifter(frames: Sequence[ScoredFrame]) -> list[int | None]:
    """The lifter's place among the people of each frame, None where they are not seen.

    Args:
        frames: a clip's analysed frames in order.
    """
    tracks = sorted(link(frames), key=Track.weight, reverse=True)
    places: dict[int, int] = {}
    for track in tracks:
        alike = max(track.height_px / tracks[0].height_px, tracks[0].height_px / track.height_px)
        if alike <= _MAX_SIZE_RATIO and not places.keys() & track.places.keys():
            places |= track.places
    return [places.get(position) for position in range(len(frames))]


def link(frames: Sequence[ScoredFrame]) -> list[Track]:
    """Link people from frame to frame, the nearest pairs first."""
    tracks: list[Track] = []
    for position, frame in enumerate(frames):
        time_s = frame.poses.time_s
        people = frame.poses.people
        open_tracks = [track for track in tracks if time_s - track.last_s <= _MAX_GAP_S]
        steps = sorted(
            (_step(track, person), t, p)
            for t, track in enumerate(open_tracks)
            for p, person in enumerate(people)
        )
        taken: dict[int, Track] = {}
        for step, t, p in steps:
            track = open_tracks[t]
            if step <= _MAX_STEP and p not in taken and track not in taken.values():
                taken[p] = track
        for p, person in enumerate(people):
            track = taken.get(p) or Track()
            if p not in taken:
                tracks.append(track)
            _extend(track, position, p, person, time_s)
    return tracks


def _extend(track: Track, position: int, place: int, person: Person, time_s: float) -> None:
    track.places[position] = place
    track.heights_px.append(_height_px(person))
    wrists = person.xy_px[[L_WRIST, R_WRIST], 1]
    seen = wrists[np.isfinite(wrists)]
    track.wrists_y_px.append(float(seen.mean()) if seen.size else np.nan)
    track.centre_px, track.last_s = _centre_px(person), time_s


def _step(track: Track, person: Person) -> float:
    """Distance of a person from a track's last place, in body heights."""
    distance = float(np.linalg.norm(_centre_px(person) - track.centre_px))
    return distance / max(track.heights_px[-1], _height_px(person))


def _centre_px(person: Person) -> np.ndarray:
    return (person.box_px[:2] + person.box_px[2:]) / 2


def _height_px(person: Person) -> float:
    """Longer side of the box: bent over the bar, a body is as long as it is high."""
    return max(1.0, float(np.max(person.box_px[2:] - person.box_px[:2])))
