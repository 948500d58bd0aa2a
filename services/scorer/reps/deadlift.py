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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion, frame_step_s, middle
from services.scorer.motion.uprightness import JUMPING, describe_wrong_way_up, is_jumping
from services.scorer.reps.exercise import Recognition, recognise_other
from services.scorer.reps.rep_boundaries import MIN_RISE, RepBoundaries
from shared.data.analysis import Exercise, Partial
from shared.data.anthropometry import (
    FOREARM_OVER_TRUNK,
    SHANK_OVER_TRUNK,
    THIGH_OVER_TRUNK,
    UPPER_ARM_OVER_TRUNK,
)
from shared.data.messages import Person
from shared.data.skeleton import (
    ARMS,
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

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Minimum median depth of the hands below the neck: of a repetition or posture, and of a repetition
#: in a shot shorter than `_MIN_WHOLE_S`, in trunk lengths. Chosen: half an arm, and less where
#: little is seen. Real repetitions measure 0.7 and more (0.33 in one of a second behind a plate),
#: squats -0.02 to 0.3 (medians of seven of eight kinds in a table of labelled postures).
_MIN_HANG, _MIN_HANG_SHORT = 0.5, 0.3

#: Maximum height of the hands over the ankles at the bottom, as a fraction of the hips' height:
#: of a repetition, of one whose start the clip does not show, and of a single posture. Derived:
#: hanging hands of a standing person are at 0.9, hands at the knees at 0.5 or less. Chosen: between
#: both, and the lower the less else is seen. Measured: 0.67 and less in whole real repetitions.
_MAX_LOW, _MAX_LOW_CUT_OFF, _MAX_LOW_POSTURE = 0.8, 0.9, 0.7

#: Maximum height of the hands at the top, likewise. Chosen: between the thighs (0.8 to 1.2 in real
#: repetitions that are seen well) and the shoulders (1.5), where a clean or a swing ends.
_MAX_TOP = 1.35

#: Percentiles that stand for bottom and top of a repetition. Chosen: a misplaced hand or two shall
#: not decide.
_BOTTOM, _TOP = 10, 90

#: Minimum confidence of a hand that can be too high at the top. Chosen: as
#: `faults.judging.GUESSED_CONFIDENCE`; behind a plate hands are placed too high.
_MIN_SEEN_CONFIDENCE = 0.5

#: Differences from the limits of hang, bottom and top that are one margin, in the units of the
#: limits. Chosen with poses of 166 real sets: nearly all are further within all three limits.
_HANG_MARGIN, _LOW_MARGIN, _TOP_MARGIN = 0.3, 0.3, 0.25

#: Growth of the confidence's log-odds for each margin within the limits. Chosen: repetitions that
#: are seen whole have 0.42 margins and more in 119 of 120 real sets, and a confidence of 0.9 then;
#: squats, presses, rows and swings are 0.25 and more outside.
_LOG_ODDS = 5.0

#: Confidence of a deadlift of which only a part is seen: a repetition in a shot shorter than
#: `_MIN_WHOLE_S`, and a lifter bent over a bar. Chosen: a part may belong to another lift.
_SHORT_CONFIDENCE, _BENT_CONFIDENCE = 0.7, 0.6

#: Minimum confidence of a deadlift. Chosen: below, most of the clip's repetitions are none, and the
#: others are so by little, as in a squat whose hands are misplaced once.
_MIN_CONFIDENCE = 0.3

#: Duration of a shot below which hands that stay high do not speak against a repetition, in
#: seconds. Chosen: less than a whole repetition (2 to 4 s); such a shot may show a lockout only.
_MIN_WHOLE_S = 2.0

#: Minimum height of the hips over the ankles and over the knees, for a lifter to count as bent over
#: a bar, in trunk lengths. Chosen: a person who sits, kneels or lies has lower hips. In 95 % of a
#: table of labelled deadlift postures, the hips are at least 0.35 over the knees.
_MIN_HIPS_OVER_ANKLES, _MIN_HIPS_OVER_KNEES = 0.4, 0.1

#: Maximum horizontal distance of the hands from the ankles, in trunk lengths. Chosen: the bar is
#: over the feet, and a foot has half a trunk length; in a plank the hands are three away.
_MAX_REACH = 1.0

#: Minimum fraction of the frames in which the lifter is bent over a bar, and the duration of a clip
#: from which the lifter must rise as well, in seconds. Chosen: real clips without a counted
#: repetition have 0.3 and more. A repetition takes 2 to 4 s, so a longer clip shows the rise.
_MIN_BENT_FRACTION, _MAX_BENT_ONLY_S = 0.2, 4.0

#: Percentile of the neck's height after the lowest bend that counts as risen. Chosen: a few frames
#: with a misplaced neck shall not count.
_RISEN = 95

#: Lengths of an arm and of a leg over that of the trunk. Derived: of their parts.
_ARM_OVER_TRUNK = UPPER_ARM_OVER_TRUNK + FOREARM_OVER_TRUNK
_LEG_OVER_TRUNK = THIGH_OVER_TRUNK + SHANK_OVER_TRUNK

NO_DEADLIFT = (
    "no deadlift was seen in this clip, so nothing was scored: film one whole rep from the side, "
    "with the picture upright"
)


@dataclass(frozen=True, eq=False)
class _Hands:
    """The lower hand of each row, (n,); NaN where unknown.

    Attributes:
        hang: Depth below the neck, in trunk lengths.
        height: Height over the ankles, as a fraction of the hips' height; over straight legs where
            no ankle is seen.
        confidence: Confidence of this hand, 0..1.
    """

    hang: F64
    height: F64
    confidence: F64


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
    hands = _find_hands(motion)
    kept = tuple(rep for rep in reps if _is_deadlift(hands, motion, rep))
    confidence = _confidence(hands, motion, kept, len(reps))
    if confidence >= _MIN_CONFIDENCE:
        return Recognition(kept, Exercise.DEADLIFT, confidence)
    if is_jumping(people, motion.time_s):
        return Recognition((), Exercise.UNKNOWN, 0.0, JUMPING)
    if not reps and _is_bent_over_bar(hands, motion):
        return Recognition((), Exercise.DEADLIFT, _BENT_CONFIDENCE)
    return Recognition((), *recognise_other(motion), NO_DEADLIFT)


def _find_hands(motion: Motion) -> _Hands:
    y, rows = motion.xy_px[..., 1], np.arange(len(motion))
    wrists = np.array([L_WRIST, R_WRIST])
    lower = wrists[np.nan_to_num(y[:, wrists], nan=-np.inf).argmax(1)]
    hand = y[rows, lower]
    ankle, hip = middle(y[:, L_ANKLE], y[:, R_ANKLE]), middle(y[:, L_HIP], y[:, R_HIP])
    unit_px = motion.trunk_length_px
    with np.errstate(divide="ignore", invalid="ignore"):
        height = np.where(ankle > hip, (ankle - hand) / (ankle - hip), np.nan)
    without_feet = 1 - (hand - hip) / (_LEG_OVER_TRUNK * unit_px)
    return _Hands(
        hang=(hand - y[:, NECK]) / unit_px,
        height=np.where(np.isnan(ankle), without_feet, height),
        confidence=motion.confidence[rows, lower],
    )


def _is_deadlift(hands: _Hands, motion: Motion, rep: RepBoundaries) -> bool:
    """Whether nothing that is seen of the hands speaks against a repetition."""
    if not _is_short(motion, rep):
        return not _margin(hands, rep) < 0
    return not _percentile(hands.hang[rep.start : rep.end + 1], 50) < _MIN_HANG_SHORT


def _is_short(motion: Motion, rep: RepBoundaries) -> bool:
    """Whether a repetition is in a shot that is too short to show it whole."""
    return bool(np.ptp(motion.time_s[motion.shot == motion.shot[rep.top]]) < _MIN_WHOLE_S)


def _margin(hands: _Hands, rep: RepBoundaries) -> float:
    """How far a repetition is within the limits of a deadlift, in margins; infinite if unseen."""
    rows = np.arange(rep.start, rep.end + 1)
    seen = rows[hands.confidence[rows] >= _MIN_SEEN_CONFIDENCE]
    max_low = _MAX_LOW_CUT_OFF if rep.partial is Partial.NO_START else _MAX_LOW
    margins = (
        (_percentile(hands.hang[rows], 50) - _MIN_HANG) / _HANG_MARGIN,
        (max_low - _percentile(hands.height[rows], _BOTTOM)) / _LOW_MARGIN,
        (_MAX_TOP - _percentile(hands.height[seen], _TOP)) / _TOP_MARGIN,
    )
    return min((margin for margin in margins if np.isfinite(margin)), default=np.inf)


def _confidence(hands: _Hands, motion: Motion, kept: Sequence[RepBoundaries], found: int) -> float:
    """Confidence that a clip shows deadlifts, 0..1; the less, the more repetitions are none."""
    if not kept:
        return 0.0
    whole = [_margin(hands, rep) for rep in kept if not _is_short(motion, rep)]
    certain = _SHORT_CONFIDENCE
    if whole:
        certain = 1 / (1 + math.exp(-_LOG_ODDS * min(float(np.median(whole)), 1.0)))
    return certain * math.sqrt(len(kept) / found)


def _percentile(values: F64, percentile: float) -> float:
    """Percentile of the known values; NaN, which is beyond no limit, if none is known."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, percentile)) if known.size else float("nan")


def _is_bent_over_bar(hands: _Hands, motion: Motion) -> bool:
    """Whether the lifter is bent over a bar in enough rows, and rises if the clip is long."""
    bent = _bent_rows(hands, motion)
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not bent.any() or bent.sum() < _MIN_BENT_FRACTION * here.sum():
        return False
    is_long = here.sum() * frame_step_s(motion.time_s) > _MAX_BENT_ONLY_S
    return not is_long or _rises_from(bent, motion)


def _rises_from(bent: Bools, motion: Motion) -> bool:
    """Whether the neck rises after the lowest of the bent rows of a shot."""
    neck = -motion.xy_px[:, NECK, 1] / motion.trunk_length_px
    for shot in np.unique(motion.shot[bent]):
        rows = np.flatnonzero((motion.shot == shot) & np.isfinite(neck))
        low = int(np.argmin(np.where(bent[rows], neck[rows], np.inf)))
        if np.percentile(neck[rows[low:]], _RISEN) - neck[rows[low]] >= MIN_RISE:
            return True
    return False


def _bent_rows(hands: _Hands, motion: Motion) -> Bools:
    """Rows in which hanging hands are at the knees or lower, over the feet, (n,).

    A trunk that bends towards the camera looks short; the unit of length is then that of the arms.
    """
    x, y = motion.xy_px[..., 0], motion.xy_px[..., 1]
    unit_px = np.fmax(motion.trunk_length_px, _arm_px(motion) / _ARM_OVER_TRUNK)
    hip = middle(y[:, L_HIP], y[:, R_HIP])
    reach_px = np.abs(middle(x[:, L_WRIST], x[:, R_WRIST]) - middle(x[:, L_ANKLE], x[:, R_ANKLE]))
    over_ankles = (middle(y[:, L_ANKLE], y[:, R_ANKLE]) - hip) / motion.trunk_length_px
    over_knees = (middle(y[:, L_KNEE], y[:, R_KNEE]) - hip) / motion.trunk_length_px
    is_low = (hands.height <= _MAX_LOW_POSTURE) & (hands.hang >= _MIN_HANG)
    sits = (over_ankles < _MIN_HIPS_OVER_ANKLES) | (over_knees < _MIN_HIPS_OVER_KNEES)
    return np.asarray(is_low & ~sits & ~(reach_px > _MAX_REACH * unit_px))


def _arm_px(motion: Motion) -> F64:
    """Length of the longer arm in the picture, (n,)."""
    arms = np.diff(motion.xy_px[:, ARMS], axis=2)  # (n, 2 sides, 2 parts, 2)
    return np.asarray(np.fmax.reduce(np.linalg.norm(arms, axis=-1).sum(-1), axis=1))
