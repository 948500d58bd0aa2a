"""Why a lift has no score, in words. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import MAX_TURN_DEG
from services.scorer.observe import ObservedLift
from services.scorer.score.evidence import RepEvidence
from shared.data.analysis import View

F64 = NDArray[np.float64]

#: Minimum time in which the posture is known over all repetitions, in seconds. Chosen: the pull
#: alone takes longer in any lift with weight.
_MIN_SEEN_S = 1.0

#: Minimum fraction of the terms that are known, by weight. Chosen: half of what good and poor lifts
#: differ in.
_MIN_KNOWN = 0.5


def why_unscored(lift: ObservedLift, reps: Sequence[RepEvidence], known: F64) -> str:
    """Why a lift has no score, for people; "" where it has one.

    Args:
        lift: the lift.
        reps: the repetitions that can be judged.
        known: fraction of the terms that is known in each, (reps,), 0..1.
    """
    motion = lift.motion
    if lift.refusal:
        return lift.refusal
    if not lift.reps:
        return "no repetition is seen: film the whole lift, from the floor to the top and down"
    if not any(rep.body_seen for rep in lift.reps):
        return "the lifter is hidden in every repetition: film so that no plate is in the way"
    if motion.view is View.UNKNOWN:
        return "the camera's angle was not recognised: film from the side"
    if motion.turn_deg > MAX_TURN_DEG:
        return "posture cannot be judged from the front or back: film from the side"
    if motion.facing == 0:
        return "it is unclear which way the lifter faces: film from the side, feet included"
    if sum(rep.seen_s for rep in reps) < _MIN_SEEN_S:
        return "the lifter is seen for less than a second of the lift"
    if float(np.mean(known)) < _MIN_KNOWN:
        return "too little of the lifter is seen: film head to feet, with nothing in the way"
    return ""
