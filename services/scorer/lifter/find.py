"""Finds the lifters among the people of a clip, mainly by their motion. Pure.

Each track gets a weight from the evidence of a lift in its motion (`evidence.py`), its number of
frames, the person's size in the picture, and the distance from the middle. The heaviest track is
the main lifter, joined with other tracks of the same person. One more person is a lifter if their
evidence is strong and they are no mirror image (`mirror.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.evidence import measure_evidence
from services.scorer.lifter.mirror import is_mirror_image
from services.scorer.lifter.tracks import Track, box_centre_px, box_size_px, link_people
from shared.data.messages import FramePoses, Person

#: Weight of full evidence of a lift, relative to a person of the same size who shows none. Chosen:
#: a lifter outweighs a bystander who is several times larger and nearer to the middle.
_LIFT_WEIGHT = 20.0

#: Minimum evidence of a second lifter: absolute, and as a fraction of the main lifter's. Chosen:
#: half, because missing a second lifter is better than judging a bystander. Measured on 39 real
#: clips: main lifters have 0.23 to 1 (median 0.96), so a second lifter who is hidden as much may be
#: missed.
_MIN_SECOND_EVIDENCE, _MIN_SECOND_FRACTION = 0.5, 0.5

#: Another track of the same shot is the same person, lost and found again, if the sizes differ by
#: at most this factor and it begins within this distance, in body sizes, of where they were lost.
#: Chosen: a body that bends over changes the size of its box by less, and nobody walks further
#: while unseen.
_MAX_SIZE_RATIO, _MAX_STEP = 1.6, 1.0


@dataclass(frozen=True, eq=False)
class TrackedLifter:
    """One lifter through a clip.

    people: row → the person as seen there; rows that do not show the lifter are missing.
    evidence: how much of a lift their main track shows, 0..1.
    """

    people: dict[int, Person]
    evidence: float


def find_lifters(frames: Sequence[FramePoses], shots: NDArray[np.int64]) -> list[TrackedLifter]:
    """The lifters of a clip, the main one first; empty where there is nobody.

    Args:
        frames: a clip's analysed frames in order; their rows.
        shots: (n,), the shot of each, from `tracks.find_shots`.
    """
    tracks = link_people(frames, shots)
    if not tracks:
        return []
    left_px, right_px = _occupied_width(tracks)
    weights = {id(track): _weigh(track, left_px, right_px) for track in tracks}
    tracks.sort(key=lambda track: -weights[id(track)])
    main = _join_tracks(tracks[0], tracks)
    lifters = [TrackedLifter(main, measure_evidence(main))]
    min_evidence = max(_MIN_SECOND_EVIDENCE, _MIN_SECOND_FRACTION * lifters[0].evidence)
    rest = [
        track
        for track in tracks
        if not any(track.people[row] is main.get(row) for row in track.people)
    ]
    for track in rest:
        evidence = measure_evidence(track.people)
        if evidence >= min_evidence and not is_mirror_image(track.people, main):
            lifters.append(TrackedLifter(_join_tracks(track, rest), evidence))
            break
    return lifters


def _weigh(track: Track, left_px: float, right_px: float) -> float:
    """Weight of a track: frames × size × closeness to the middle × evidence of a lift."""
    people = list(track.people.values())
    off_middle_px = abs(
        float(np.median([box_centre_px(person)[0] for person in people])) - (left_px + right_px) / 2
    )
    centrality = 1 / (1 + (off_middle_px / max((right_px - left_px) / 2, 1.0)) ** 2)
    lifting = 1 + _LIFT_WEIGHT * measure_evidence(track.people)
    return float(len(people) * _median_size_px(track.people) * centrality * lifting)


def _occupied_width(tracks: Sequence[Track]) -> tuple[float, float]:
    """Left and right end of the part of the picture in which there are people, pixels."""
    boxes = np.stack([person.box_px for track in tracks for person in track.people.values()])
    return float(boxes[:, 0].min()), float(boxes[:, 2].max())


def _join_tracks(first: Track, tracks: Sequence[Track]) -> dict[int, Person]:
    """A track with others of the same person: in its gaps, and in other shots.

    Args:
        first: the track to extend.
        tracks: candidates, the heaviest first. In another shot the heaviest is taken.
    """
    people = dict(first.people)
    size_px = _median_size_px(people)
    shots = {first.shot}
    for track in tracks:
        if track is first or people.keys() & track.people.keys():
            continue
        if track.shot in shots:
            other_px = _median_size_px(track.people)
            is_near = _step_px(people, track.people) <= _MAX_STEP * size_px
            if not is_near or max(size_px / other_px, other_px / size_px) > _MAX_SIZE_RATIO:
                continue
        people |= track.people
        shots.add(track.shot)
    return dict(sorted(people.items()))


def _median_size_px(people: Mapping[int, Person]) -> float:
    return float(np.median([box_size_px(person) for person in people.values()]))


def _step_px(people: Mapping[int, Person], others: Mapping[int, Person]) -> float:
    """Distance between two tracks where one ends and the other begins; the shorter of both ends."""
    start, end = min(others), max(others)
    before = max((row for row in people if row < start), default=None)
    after = min((row for row in people if row > end), default=None)
    steps = []
    if before is not None:
        steps.append(np.linalg.norm(box_centre_px(people[before]) - box_centre_px(others[start])))
    if after is not None:
        steps.append(np.linalg.norm(box_centre_px(people[after]) - box_centre_px(others[end])))
    return float(min(steps, default=np.inf))
