"""The deviations from good lifts that lower a score: named, one-sided, each with its reason. Pure.

A term compares one value of a posture in one part of the repetition with good lifts in that part.
It looks in one direction only. Where both directions are faults there are two terms, and where the
other direction is none there is no term for it: arms cannot be too straight.
"""

from dataclasses import dataclass

from shared.data.analysis import LiftPart

_START, _LOW, _HIGH, _LOCKOUT, _DOWN_HIGH, _DOWN_LOW = LiftPart


@dataclass(frozen=True)
class Term:
    """One deviation.

    Attributes:
        name: Its identifier.
        value: The value that is compared, of `VALUES`.
        part: The part of the repetition.
        sign: 1 where more than good lifts is bad, -1 where less is.
        words: The deviation in words; `{}` stands for its amount.
        reason: Why it is bad.
        from_floor: Whether it holds for a lift from the floor only, not for one that begins at the
            top (Romanian).
    """

    name: str
    value: str
    part: LiftPart
    sign: int
    words: str
    reason: str
    from_floor: bool = False


_SQUAT = "The lift becomes a squat: the knees are in the bar's way."
_STIFF = "The back does the work of the legs."
_LEAN = "The further the trunk leans, the longer the lever that the back has to hold."
_AWAY = "Each centimetre between bar and legs lengthens the lever on the lower back."
_ARMS = "Bent elbows take load that belongs to legs and back, and strain the biceps."
_ROUND = "A spine that bends under load is loaded unevenly."
_NECK = "The neck goes on in line with the back."
_LOCK = "A lift is complete with hips and knees straight."

#: All terms, by the order of the lift.
TERMS: tuple[Term, ...] = (
    Term("hips_low_at_start", "thigh_elevation", _START, -1,
         "hips {} too low at the start", _SQUAT, True),
    Term("hips_high_at_start", "thigh_elevation", _START, 1,
         "hips {} too high at the start", _STIFF, True),
    Term("lean_at_start", "trunk_lean", _START, 1,
         "chest {} too low at the start", _LEAN, True),
    Term("shoulders_behind_bar_at_start", "shoulders_ahead", _START, -1,
         "shoulders {} too far behind the bar at the start", _SQUAT, True),
    Term("bar_ahead_at_start", "bar_ahead", _START, 1,
         "bar {} too far in front of the feet at the start", _AWAY, True),
    Term("arms_bent_off_the_floor", "elbow_bend", _LOW, 1,
         "arms bent {} too far as the bar leaves the floor", _ARMS),
    Term("lean_off_the_floor", "trunk_lean", _LOW, 1,
         "chest {} too low as the bar comes up to the knees", _LEAN),
    Term("knees_straight_off_the_floor", "knee", _LOW, 1,
         "knees {} too straight as the bar comes up to the knees", _STIFF, True),
    Term("bar_ahead_off_the_floor", "bar_ahead", _LOW, 1,
         "bar {} too far in front as it comes up to the knees", _AWAY),
    Term("back_round_off_the_floor", "back_bend", _LOW, 1,
         "back {} rounder as the bar comes up to the knees", _ROUND),
    Term("trunk_shorter_off_the_floor", "trunk_shortening", _LOW, 1,
         "trunk {} shorter than when standing", _ROUND),
    Term("head_back_off_the_floor", "head_tilt", _LOW, 1,
         "head {} too far back as the bar comes up to the knees", _NECK),
    Term("head_down_off_the_floor", "head_tilt", _LOW, -1,
         "head {} too far down as the bar comes up to the knees", _NECK),
    Term("lean_above_the_knees", "trunk_lean", _HIGH, 1,
         "chest {} too low above the knees", _LEAN),
    Term("knees_bent_above_the_knees", "knee", _HIGH, -1,
         "knees {} too bent as the bar passes them", _SQUAT),
    Term("bar_ahead_above_the_knees", "bar_ahead", _HIGH, 1,
         "bar {} too far in front above the knees", _AWAY),
    Term("hips_bent_at_lockout", "hip", _LOCKOUT, -1,
         "hips {} short of straight at the top", _LOCK),
    Term("knees_bent_at_lockout", "knee", _LOCKOUT, -1,
         "knees {} short of straight at the top", _LOCK),
    Term("leaning_back_at_lockout", "trunk_lean", _LOCKOUT, -1,
         "leaning back {} too far at the top", "Leaning back presses the spine together."),
    Term("knees_bent_lowering", "knee", _DOWN_HIGH, -1,
         "knees bend {} too early on the way down", _SQUAT),
)  # fmt: skip
