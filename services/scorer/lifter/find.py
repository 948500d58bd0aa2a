"""Finds the lifters among the people of a clip, by their motion and the bars they hold. Pure.

The pieces of each person's track are joined (`joining.py`). Each person gets a weight from the
evidence of a lift in their motion (`evidence.py`), the number of frames, their size in the picture,
and the distance from the middle. The heaviest is the main lifter. One more person is a lifter if
two bars are lifted, one by each. Where no bar is seen to be lifted by anybody, as in front views,
strong evidence of a lift by a second person beside the first must do. A mirror image (`mirror.py`)
is no lifter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.lifter.evidence import measure_evidence
from services.scorer.lifter.joining import JoinedPerson, join_pieces, overlap
from services.scorer.lifter.mirror import is_mirror_image
from services.scorer.lifter.pieces import describe_piece, median_size_px
from services.scorer.lifter.tracks import box_centre_px, link_people
from services.scorer.plates.sightings import plate_paths_px
from shared.data.messages import FramePoses, Person

F64 = NDArray[np.float64]

#: Weight of full evidence of a lift, relative to a person of the same size who shows none. Chosen:
#: a lifter outweighs a bystander who is several times larger and nearer to the middle.
_LIFT_WEIGHT = 20.0

#: Minimum evidence of a lift, 0..1, that a person with a moving bar in their hands is given, and
#: factor by which their weight grows. Chosen: half of the evidence, because a body behind plates
#: shows little of the lift; and enough weight to come before a person nearer to the middle who
#: moves the same way, without a bar.
_BAR_EVIDENCE, _BAR_WEIGHT = 0.5, 3.0

#: Minimum evidence of a second lifter where no bar is seen to be lifted: absolute, and as a
#: fraction of the main lifter's. Chosen: main lifters have 0.23 to 1 in 39 real clips (median
#: 0.96), and a false second lifter is worse than a missed one.
_MIN_SECOND_EVIDENCE, _MIN_SECOND_FRACTION = 0.6, 0.6

#: Minimum fraction of a second lifter's rows that also show the main lifter, and maximum overlap
#: (intersection over union) of their boxes there. Chosen: two lifters are two bodies, seen at once.
_MIN_AT_ONCE, _MAX_OVERLAP = 0.5, 0.5


@dataclass(frozen=True, eq=False)
class TrackedLifter:
    """One lifter through a clip.

    people: row → the person as seen there; rows that do not show the lifter are missing.
    evidence: how much of a lift their motion shows, 0..1.
    """

    people: dict[int, Person]
    evidence: float


def find_lifters(
    frames: Sequence[FramePoses],
    shots: NDArray[np.int64],
    bars: Sequence[F64] | None = None,
) -> list[TrackedLifter]:
    """The lifters of a clip, the main one first; empty where there is nobody.

    Args:
        frames: a clip's analysed frames in order; their rows.
        shots: (n,), the shot of each, from `tracks.find_shots`.
        bars: position of each bar in each row, (n, 2) in pixels of the source, NaN where unseen; by
            default the paths of the frames' plates.
    """
    tracks = link_people(frames, shots)
    if not tracks:
        return []
    if bars is None:
        bars = plate_paths_px(frames, shots)
    left_px, right_px = _occupied_width([track.people for track in tracks])
    weights = {id(track): _weigh(track.people, False, left_px, right_px) for track in tracks}
    tracks.sort(key=lambda track: -weights[id(track)])
    everybody = join_pieces([describe_piece(track, bars) for track in tracks])
    everybody.sort(key=lambda one: -_weigh(one.people, bool(one.lifted), left_px, right_px))
    main, *rest = everybody
    lifters = [TrackedLifter(main.people, measure_evidence(main.people))]
    for one in rest:
        evidence = measure_evidence(one.people)
        if _is_second_lifter(one, evidence, main, lifters[0].evidence):
            return [*lifters, TrackedLifter(one.people, evidence)]
    return lifters


def _weigh(people: Mapping[int, Person], lifts_bar: bool, left_px: float, right_px: float) -> float:
    """Weight of a person: frames × size × closeness to the middle × evidence of a lift."""
    off_middle_px = abs(
        float(np.median([box_centre_px(person)[0] for person in people.values()]))
        - (left_px + right_px) / 2
    )
    centrality = 1 / (1 + (off_middle_px / max((right_px - left_px) / 2, 1.0)) ** 2)
    lifting = 1 + _LIFT_WEIGHT * measure_evidence(people)
    if lifts_bar:
        lifting = _BAR_WEIGHT * max(lifting, 1 + _LIFT_WEIGHT * _BAR_EVIDENCE)
    return float(len(people) * median_size_px(people) * centrality * lifting)


def _occupied_width(tracks: Sequence[Mapping[int, Person]]) -> tuple[float, float]:
    """Left and right end of the part of the picture in which there are people, pixels."""
    boxes = np.stack([person.box_px for people in tracks for person in people.values()])
    return float(boxes[:, 0].min()), float(boxes[:, 2].max())


def _is_second_lifter(
    one: JoinedPerson, evidence: float, main: JoinedPerson, main_evidence: float
) -> bool:
    """Whether somebody else lifts besides the main lifter."""
    if main.lifted or one.lifted:
        if not (main.own_bars(one) and one.own_bars(main)):
            return False
    elif evidence < max(_MIN_SECOND_EVIDENCE, _MIN_SECOND_FRACTION * main_evidence):
        return False
    return _is_other_body(one.people, main.people) and not is_mirror_image(one.people, main.people)


def _is_other_body(people: Mapping[int, Person], main: Mapping[int, Person]) -> bool:
    """Whether two people are seen at once in different places."""
    common = people.keys() & main.keys()
    if not common or len(common) < _MIN_AT_ONCE * len(people):
        return False
    shared = np.median([overlap(people[row].box_px, main[row].box_px) for row in common])
    return bool(shared < _MAX_OVERLAP)
