"""Where people lift, from a look about once a second. Pure.

    low       hands at the knees or below, as at a bar on the floor and in a Romanian deadlift
    upright   hands clearly above the knees, the trunk upright

A person is lifting where the one is seen near the other, in one place. In doubt it counts: the
analysis of the set then says that it is no lift.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.data.gate import MAX_SAMPLES, Sample
from shared.data.messages import FramePoses, Person
from shared.data.skeleton import (
    F32,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_KNEE,
    R_WRIST,
)

#: Minimum height of the lower hand below the knees that counts as low, over the height from neck to
#: feet. Measured on eleven real sets once a second: with the bar at the floor 0.01 to 0.35, at the
#: lowest of Romanian deadlifts -0.07 to 0.01, standing -0.33 to -0.19.
LOW = -0.11

#: The same, at most which counts as upright.
UPRIGHT = -0.15

#: Minimum height of neck over hips that counts as upright, over the same height. Measured on the
#: same sets: standing 0.28 to 0.42, at the floor 0.10 to 0.39.
_UPRIGHT_TRUNK = 0.22

#: Minimum confidence of a person. Measured: MoveNet's finding network has no ghosts above 0.2.
_MIN_CONFIDENCE = 0.2

#: Longest time between low and upright of one lift, in seconds. Chosen: longer than a lifter stays
#: bent over the bar before a pull; who sits for long, with hands on the knees, is not lifting.
_RISE_S = 15.0

#: Farthest place of a lift's other posture, over the person's height in the picture (chosen: a
#: lifter does not walk while lifting).
_SAME_PLACE = 0.6

#: Longest pause between two low postures of one set, in seconds. Chosen: longer than lifters
#: breathe at the top; after longer ones a set is another one.
PAUSE_S = 15.0

#: The same where the clothes are another person's, in seconds (chosen: longer than a repetition).
_OTHERS_PAUSE_S = 5.0

#: Minimum colour distance of two people's clothes, in CIELAB, at which they count as different.
#: Chosen: the colours of one person stay within 20 while bending in uneven light.
OTHER_CLOTHES = 30.0

#: Time that is added before the first and after the last low posture, in seconds. Chosen: a
#: repetition that was missed between two looks, and the way up of the last one.
PAD_S = 5.0

#: Longest set, in seconds; a longer one is cut, so that no result is too large to be judged.
#: Chosen: twice as long as sets of twenty repetitions.
LONGEST_S = 300.0


@dataclass(frozen=True, slots=True)
class Found:
    """The sets found in the looks until now, and what the next part needs.

    Attributes:
        sets: From when to when each set lasts, in seconds, in order; nothing changes them any more.
        closed_s: Time of the last low posture in one of them, or in an earlier set.
        samples: What is still needed.
    """

    sets: tuple[tuple[float, float], ...]
    closed_s: float
    samples: tuple[Sample, ...]


def samples_of(frame: FramePoses) -> list[Sample]:
    """The people of one look, without ghosts."""
    seen = [one for one in frame.people if one.detection_confidence >= _MIN_CONFIDENCE]
    return [_sample(frame.time_s, person) for person in seen]


def find_sets(samples: Sequence[Sample], until_s: float, closed_s: float, is_end: bool) -> Found:
    """Group low postures to sets.

    Args:
        samples: the people of all looks that are still open, in order of time.
        until_s: time until which the recording was looked at.
        closed_s: time of the last low posture in a set that was found before.
        is_end: whether nothing follows.
    """
    groups = _groups(find_lifting(samples, closed_s))
    horizon_s = until_s - _RISE_S  # until here, all that makes a posture a lift is known
    done = [g for g in groups if is_end or g[-1].time_s + PAUSE_S < horizon_s]
    sets = []
    for number, group in enumerate(done):
        first_s, last_s = group[0].time_s, group[-1].time_s
        before_s = closed_s if number == 0 else done[number - 1][-1].time_s
        after_s = groups[number + 1][0].time_s if number + 1 < len(groups) else math.inf
        from_s = max(first_s - PAD_S, (before_s + first_s) / 2, 0.0)
        sets.append((from_s, min(last_s + PAD_S, (last_s + after_s) / 2)))
        closed_s = last_s
    open_from_s = min([horizon_s, *(group[0].time_s for group in groups[len(done) :])]) - _RISE_S
    kept = tuple(sample for sample in samples if sample.time_s >= open_from_s)
    return Found(tuple(sets), closed_s, kept[-MAX_SAMPLES:])


def are_other_clothes(one: F32, other: F32) -> bool:
    """Whether colours (2, 3) that are known of both are another person's."""
    distances = np.sqrt(((one - other) ** 2).sum(1))
    return bool((distances > OTHER_CLOTHES).any())  # NaN is not greater


def _groups(low: Sequence[Sample]) -> list[list[Sample]]:
    """Low postures of one set each, in order."""
    groups: list[list[Sample]] = []
    for sample in low:
        if groups and _continues(groups[-1], sample):
            groups[-1].append(sample)
        else:
            groups.append([sample])
    return groups


def _continues(group: Sequence[Sample], sample: Sample) -> bool:
    last = group[-1]
    pause_s = sample.time_s - last.time_s
    if sample.time_s - group[0].time_s > LONGEST_S or pause_s > PAUSE_S:
        return False
    return pause_s <= _OTHERS_PAUSE_S or not are_other_clothes(last.clothes_lab, sample.clothes_lab)


def find_lifting(samples: Sequence[Sample], closed_s: float) -> list[Sample]:
    """The low postures after a time that have an upright one near them."""
    upright = [sample for sample in samples if sample.is_upright]
    times_s = np.array([sample.time_s for sample in upright])
    x_px = np.array([sample.x_px for sample in upright])
    heights_px = np.array([sample.height_px for sample in upright])

    def is_lifting(low: Sample) -> bool:
        near_px = _SAME_PLACE * np.maximum(heights_px, low.height_px)
        is_near = (abs(times_s - low.time_s) <= _RISE_S) & (abs(x_px - low.x_px) <= near_px)
        return bool(is_near.any())

    return [s for s in samples if s.is_low and s.time_s > closed_s and is_lifting(s)]


def _sample(time_s: float, person: Person) -> Sample:
    left, top, right, bottom = map(float, person.box_px)
    y_px = person.xy_px[:, 1]
    wrist, knee, hip = (
        _lower(y_px, *pair) for pair in ((R_WRIST, L_WRIST), (R_KNEE, L_KNEE), (R_HIP, L_HIP))
    )
    feet = _lower(y_px, R_ANKLE, L_ANKLE)
    neck = float(y_px[NECK])
    height = (bottom if math.isnan(feet) else feet) - (top if math.isnan(neck) else neck)
    height = max(height, 1.0)
    hands, trunk = (wrist - knee) / height, (hip - neck) / height
    # Where hands or knees are not seen, as behind plates, the trunk tells.
    is_low = hands > LOW if not math.isnan(hands) else trunk < _UPRIGHT_TRUNK
    is_upright = (math.isnan(hands) or hands < UPRIGHT) and trunk > _UPRIGHT_TRUNK
    x_px, height_px = (left + right) / 2, bottom - top
    return Sample(time_s, x_px, height_px, is_low, is_upright, person.clothes_lab)


def _lower(y_px: F32, *joints: int) -> float:
    """Vertical position of the lower of two joints, in pixels; NaN if neither is seen."""
    seen = [float(y_px[joint]) for joint in joints if not math.isnan(y_px[joint])]
    return max(seen, default=math.nan)
