"""A set in a few numbers."""

from dataclasses import dataclass
from typing import Annotated

from shared.data.fields import (
    DegreesOrNan,
    Fraction,
    FractionOrNan,
    Listed,
    NumberOrNan,
    Rounded,
    Whole,
)
from shared.data.labels import Exercise, Style, Verdict, View
from shared.data.reps import Contribution, ScoreInterval

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A set in a few numbers.

    Attributes:
        score: Probability that a coach calls the set good, 0 to 1, drawn toward 0.5 where little
            of it was seen; null where nothing could be scored.
        score_interval: Lowest and highest likely score; null without a score.
        verdict: The score in a word.
        unscored: Why there is no score, for people; empty where there is one.
        undiminished: Log odds of the score of a set in which nothing deviates; with the effects of
            all contributions they are the log odds of the score. Null without a score.
        reps: Number of repetitions, partial ones included.
        partial_reps: Number of repetitions that the clip does not show whole.
        faults: Kinds of the faults that were found.
        contributions: Everything that lowers the score, on average over the repetitions, worst
            first.
        view: From where the camera sees the lifter.
        turn_deg: Angle of the camera from the lifter's side, 0 (side) to 90 (front or back); null
            where unknown.
        facing: 1 if the lifter faces right in the picture, -1 if left, 0 if towards the camera or
            away.
        exercise: What is being done; nothing but a deadlift is scored.
        exercise_confidence: Confidence that this is the exercise; 0 where it is unknown.
        style: How the deadlift is done. A trap bar or a band is not told from a bar.
        style_confidence: Confidence that this is the style; 0 where it is unknown. From the side,
            no style is certain.
        trunk_length_px: Length of the upright trunk (hips to neck), pixels of the source; null
            where unknown.
        occlusion: Fraction of the joints that were unseen, interpolated or of low confidence while
            the lifter was in the picture; null where the lifter is never seen.
        tilt_deg: Roll of the picture, clockwise; null where unknown.
        warnings: What makes this clip hard to judge, or why nothing was scored, for people.
    """

    score: FractionOrNan
    score_interval: ScoreInterval | None = None
    verdict: Verdict = Verdict.NONE
    unscored: str = ""
    undiminished: NumberOrNan = _NAN
    reps: Annotated[int, Whole()]
    partial_reps: Annotated[int, Whole()]
    faults: Listed[str]
    contributions: Listed[Contribution]
    view: View
    turn_deg: DegreesOrNan
    facing: Annotated[int, Whole(-1, 1)]
    exercise: Exercise
    exercise_confidence: Fraction
    style: Style
    style_confidence: Fraction
    trunk_length_px: Annotated[float, Rounded(2, unit="px", nullable=True)]
    occlusion: Annotated[float, Rounded(3, unit="0..1", low=0, high=1, nullable=True)]
    tilt_deg: DegreesOrNan
    warnings: Listed[str] = ()
