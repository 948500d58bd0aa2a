"""Whether a lifter's motion shows a deadlift at all. Pure.

    hands   hang from the shoulders all along, come down to the knees or lower, over the feet, and
            end at the thighs
    body    stands upright in the picture (`motion.uprightness`)

A repetition counts if its hands do so; how far they are within these limits says how certain it is.
A clip without one, such as a picture, shows a deadlift if the lifter is bent over the bar in enough
of its frames, and rises again in a longer clip. What is hidden speaks against nothing: behind
plates, networks guess where hands and feet are.
"""

import math
from collections.abc import Sequence

import numpy as np

from services.scorer.motion.motion import Motion
from services.scorer.motion.uprightness import JUMPING, describe_wrong_way_up, is_jumping
from services.scorer.reps.bent_over_bar import is_bent_over_bar
from services.scorer.reps.exercise import Recognition, recognise_other
from services.scorer.reps.hands import Hands, deadlift_margin, find_hands, is_deadlift, is_short
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Exercise
from shared.data.messages import Person

#: Growth of the confidence's log-odds for each margin within the limits. Chosen: the repetitions of
#: 153 of 156 real sets are 0.42 margins or more within the limits, and have a confidence of 0.89 or
#: more then; 54 sets of squats, good mornings and the like are 0.25 margins or more outside.
_LOG_ODDS = 5.0

#: Confidence of a deadlift of which only a part is seen: a repetition in a shot shorter than
#: `_MIN_WHOLE_S` or only of the bar, and a lifter bent over a bar. Chosen: a part may belong to
#: another lift.
_SHORT_CONFIDENCE, _BENT_CONFIDENCE = 0.7, 0.6

#: Minimum confidence of a deadlift. Chosen: below, most of the clip's repetitions are none, and the
#: others are so by little, as in a squat whose hands are misplaced once.
_MIN_CONFIDENCE = 0.3

#: Minimum confidence of another lift for people to be told of it. Chosen: more than one rise or
#: fall.
_MIN_OTHER_CONFIDENCE = 0.6

NO_DEADLIFT = (
    "no deadlift was seen in this clip, so nothing was scored: film one whole rep from the side, "
    "with the picture upright"
)

OTHER_LIFT = (
    "no deadlift was seen in this clip but another lift, so nothing was scored: film one whole rep "
    "of a deadlift from the side"
)


def recognise_deadlift(
    motion: Motion, people: Sequence[Person | None], reps: Sequence[RepBoundaries]
) -> Recognition:
    """Decide which repetitions are deadlifts, and whether any deadlift was seen.

    Args:
        motion: the lifter's motion.
        people: the lifter in each frame as measured, None where not seen.
        reps: the repetitions that were found.
    """
    if all(person is None for person in people):  # the clip's own warning says so
        return Recognition((), *recognise_other(motion))
    wrong = describe_wrong_way_up(people)
    if wrong:
        return Recognition((), Exercise.UNKNOWN, 0.0, wrong)
    if not motion.trunk_length_px > 0:
        return Recognition((), Exercise.UNKNOWN, 0.0, NO_DEADLIFT)
    if is_jumping(people, motion.time_s):
        return Recognition((), Exercise.UNKNOWN, 0.0, JUMPING)
    hands = find_hands(motion)
    kept = _deadlifts(hands, motion, reps)
    confidence = _confidence(hands, motion, kept, len(reps))
    if confidence >= _MIN_CONFIDENCE:
        return Recognition(kept, Exercise.DEADLIFT, confidence)
    if not reps and is_bent_over_bar(hands, motion):
        return Recognition((), Exercise.DEADLIFT, _BENT_CONFIDENCE)
    other, confidence = recognise_other(motion)
    is_told = other is Exercise.OTHER_LIFT and confidence >= _MIN_OTHER_CONFIDENCE
    return Recognition((), other, confidence, OTHER_LIFT if is_told else NO_DEADLIFT)


def _deadlifts(
    hands: Hands, motion: Motion, reps: Sequence[RepBoundaries]
) -> tuple[RepBoundaries, ...]:
    """Those repetitions that are deadlifts.

    Those that only the bar shows are what the others are; without others, the bar has decided.
    """
    others = [rep for rep in reps if _is_by_hands(rep)]
    are_deadlifts = {rep for rep in others if is_deadlift(hands, motion, rep)}
    if others and not are_deadlifts:
        return ()
    return tuple(rep for rep in reps if not _is_by_hands(rep) or rep in are_deadlifts)


def _is_by_hands(rep: RepBoundaries) -> bool:
    """Whether the hands tell what a repetition is."""
    return rep.body_seen and not rep.by_bar


def _confidence(hands: Hands, motion: Motion, kept: Sequence[RepBoundaries], found: int) -> float:
    """Confidence that a clip shows deadlifts, 0..1; the less, the more repetitions are none."""
    if not kept:
        return 0.0
    seen = [rep for rep in kept if _is_by_hands(rep)]
    whole = [deadlift_margin(hands, rep) for rep in seen if not is_short(motion, rep)]
    certain = _SHORT_CONFIDENCE
    if whole:
        certain = 1 / (1 + math.exp(-_LOG_ODDS * min(float(np.median(whole)), 1.0)))
    return certain * math.sqrt(len(kept) / found)
