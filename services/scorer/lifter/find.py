"""Who lifts: not the biggest and not the first, but whose hands go up and down with the hips. Pure.

A lift is told from hands that rise together with the shoulders, on hanging arms, while the hips
straighten. Waving, curls and pressing move the hands alone; walking moves all the body alike;
sitting and standing up leave the feet but move the hands little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.tracks import Track, centre_px, height_px, link
from shared.data.messages import FramePoses, Person
from shared.data.skeleton import HEAD, L_ANKLE, L_HIP, L_WRIST, NECK, R_ANKLE, R_HIP, R_WRIST

F64 = NDArray[np.float64]

#: What full evidence of lifting counts against standing in the picture at the same size.
_LIFT_WEIGHT = 20.0

#: Wrist travel of a full pull, in body heights: from 0.17 (bar on the floor) to 0.48 (hanging).
_FULL_TRAVEL = 0.3

#: Somebody else lifts as well when their evidence is at least this, and this share of the first's.
_SECOND_EVIDENCE, _SECOND_SHARE = 0.5, 0.5

#: A mirror shows the lifter's own motion at the same time: correlation of the wrists' heights. It
#: is farther away than the lifter, and shows them smaller by this factor at least.
_MIRROR_CORRELATION, _MIRROR_SIZE = 0.95, 0.9

#: Another track may be the lifter's (lost and found again) if its size is alike within this factor
#: and it begins within so many body heights of where the lifter was last seen.
_SAME_SIZE, _SAME_PLACE = 1.6, 1.0


@dataclass(frozen=True, eq=False)
class Lifter:
    """One lifter through a clip: frame position → the person there."""

    people: dict[int, Person]
    evidence: float


def find_lifters(frames: Sequence[FramePoses], shots: NDArray[np.int64]) -> list[Lifter]:
    """The lifters of a clip, the main one first; empty where there is nobody.

    Args:
        frames: a clip's analysed frames in order.
        shots: (n,), the uninterrupted stretch of film of each.
    """
    tracks = link(frames, shots)
    if not tracks:
        return []
    middle_px = _middle_of_picture(tracks)
    weight = {id(track): _weight(track, middle_px) for track in tracks}
    tracks.sort(key=lambda track: -weight[id(track)])
    first = _joined(tracks[0], tracks)
    lifters = [Lifter(first, evidence(first))]
    rest = [
        track for track in tracks if not any(track.people[p] is first.get(p) for p in track.people)
    ]
    for track in rest:
        other = evidence(track.people)
        if other >= max(_SECOND_EVIDENCE, _SECOND_SHARE * lifters[0].evidence) and not _is_mirror(
            track.people, first
        ):
            lifters.append(Lifter(_joined(track, rest), other))
            break
    return lifters


def evidence(people: dict[int, Person]) -> float:
    """How much of a lift a person's motion shows, 0..1: see the module's head."""
    rows = _rows(people)
    wrist, neck, hip, size = rows["wrist"], rows["neck"], rows["hip"], float(rows["size"])
    if np.isfinite(wrist).sum() < 3 or not np.isfinite(size):
        return 0.0
    travel = _spread(wrist) / size
    shoulders = _spread(neck) / size
    together = _together(wrist, neck)
    hanging = float(np.nanmean(wrist > neck)) if np.isfinite(wrist + neck).any() else 0.0
    bends = min(1.0, _spread(neck - hip) / (0.08 * size)) if np.isfinite(neck - hip).any() else 0.0
    return float(
        min(1.0, travel / _FULL_TRAVEL)
        * min(1.0, shoulders / max(0.5 * travel, 1e-6))
        * together
        * hanging
        * bends
    )


def _weight(track: Track, middle_px: F64) -> float:
    """How much speaks for a track being the lifter's: lifting, presence, size and place."""
    people = list(track.people.values())
    size = float(np.median([height_px(person) for person in people]))
    away = abs(float(np.median([centre_px(person)[0] for person in people])) - middle_px[0])
    place = 1 / (1 + (away / max(middle_px[1], 1.0)) ** 2)
    return float(len(people) * size * place * (1 + _LIFT_WEIGHT * evidence(track.people)))


def _middle_of_picture(tracks: Sequence[Track]) -> F64:
    """Where people are, across: middle and half width."""
    boxes = np.stack([person.box_px for track in tracks for person in track.people.values()])
    left, right = float(boxes[:, 0].min()), float(boxes[:, 2].max())
    return np.array([(left + right) / 2, (right - left) / 2])


def _joined(first: Track, tracks: Sequence[Track]) -> dict[int, Person]:
    """A track with those of the same person: in gaps, and in other stretches of film."""
    people = dict(first.people)
    size = float(np.median([height_px(person) for person in people.values()]))
    shots = {first.shot}
    for track in tracks:  # the likeliest first
        if track is first or people.keys() & track.people.keys():
            continue
        other = float(np.median([height_px(person) for person in track.people.values()]))
        new_stretch = track.shot not in shots
        if not new_stretch:
            near = _distance(people, track.people) <= _SAME_PLACE * size
            if not near or max(size / other, other / size) > _SAME_SIZE:
                continue
        people |= track.people
        shots.add(track.shot)
    return dict(sorted(people.items()))


def _distance(people: dict[int, Person], others: dict[int, Person]) -> float:
    """Distance in pixels at the moment at which two tracks are closest in time."""
    start, end = min(others), max(others)
    before = max((p for p in people if p < start), default=None)
    after = min((p for p in people if p > end), default=None)
    steps = []
    if before is not None:
        steps.append(np.linalg.norm(centre_px(people[before]) - centre_px(others[start])))
    if after is not None:
        steps.append(np.linalg.norm(centre_px(people[after]) - centre_px(others[end])))
    return float(min(steps, default=np.inf))


def _is_mirror(people: dict[int, Person], lifter: dict[int, Person]) -> bool:
    """Whether somebody moves as the lifter does at the same moments, but looks smaller."""
    common = sorted(people.keys() & lifter.keys())
    if len(common) < 5:
        return False
    mine, theirs = (_rows({p: who[p] for p in common}) for who in (people, lifter))
    both = np.isfinite(mine["wrist"] + theirs["wrist"])
    if both.sum() < 5 or mine["size"] > _MIRROR_SIZE * theirs["size"]:
        return False
    correlation = np.corrcoef(mine["wrist"][both], theirs["wrist"][both])[0, 1]
    return bool(correlation > _MIRROR_CORRELATION)


def _rows(people: dict[int, Person]) -> dict[str, F64]:
    """Heights in the picture through time, pixels downwards; `size` is the body's usual height."""
    xy = np.stack([person.xy_px for person in people.values()]).astype(np.float64)[..., 1]

    def mean(*joints: int) -> F64:
        seen = np.isfinite(xy[:, joints])
        total = np.where(seen, xy[:, joints], 0).sum(-1)
        return np.where(seen.any(-1), total / np.maximum(seen.sum(-1), 1), np.nan)

    head, feet = mean(HEAD, NECK), mean(L_ANKLE, R_ANKLE)
    heights = feet - head
    known = heights[np.isfinite(heights)]
    boxes = [height_px(person) for person in people.values()]
    size = float(np.percentile(known, 90)) * 1.08 if known.size else float(np.median(boxes))
    return {
        "wrist": mean(L_WRIST, R_WRIST),
        "neck": mean(NECK),
        "hip": mean(L_HIP, R_HIP),
        "size": np.array(max(size, 1.0)),
    }


def _spread(values: F64) -> float:
    seen = values[np.isfinite(values)]
    return float(np.subtract(*np.percentile(seen, [95, 5]))) if seen.size else 0.0


def _together(a: F64, b: F64) -> float:
    """Correlation of two series where both are known, 0 where there is none."""
    both = np.isfinite(a + b)
    if both.sum() < 3 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return 0.0
    return max(0.0, float(np.corrcoef(a[both], b[both])[0, 1]))
