"""What is found in a set: repetitions, faults, what could not be judged, and the bar's scale."""

from dataclasses import dataclass
from typing import Annotated

from shared.data.fields import (
    Fraction,
    FractionOrNan,
    Listed,
    Number,
    NumberOrNan,
    Rounded,
    Seconds,
    SecondsOrNan,
    Whole,
)
from shared.data.labels import (
    BarSource,
    Failure,
    FaultUnit,
    LengthUnit,
    LiftPart,
    Partial,
    Verdict,
)

_NAN = float("nan")

#: Distance and velocity in the unit that `Rep.unit` names.
Distance = Annotated[float, Rounded(4, unit="m or trunk", nullable=True)]
Velocity = Annotated[float, Rounded(4, unit="m/s or trunk/s", nullable=True)]

Metres = Annotated[float, Rounded(4, unit="m", nullable=True)]
MetresPerSecond = Annotated[float, Rounded(4, unit="m/s", nullable=True)]

#: Lowest and highest likely value.
MetresInterval = tuple[
    Annotated[float, Rounded(4, unit="m")], Annotated[float, Rounded(4, unit="m")]
]
VelocityInterval = tuple[
    Annotated[float, Rounded(4, unit="m/s")], Annotated[float, Rounded(4, unit="m/s")]
]

ScoreInterval = tuple[Fraction, Fraction]

PxPerUnit = Annotated[float, Rounded(4, unit="px", nullable=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one deviation from good lifts takes off a score.

    Attributes:
        name: Identifier of the deviation (docs/score.md lists them), or of the fault evidence.
        text: The deviation in words, with its amount.
        part: Part of the repetition; null for the fault evidence, which is of the whole one.
        value: What was measured, in `unit`; null for the fault evidence.
        usual: Median of good lifts in that part, in `unit`; null likewise.
        unit: Unit of `value` and `usual`; null likewise.
        effect: Change of the score's log odds; negative lowers the score.
    """

    name: str
    text: str
    part: LiftPart | None = None
    value: NumberOrNan = _NAN
    usual: NumberOrNan = _NAN
    unit: FaultUnit | None = None
    effect: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition.

    Attributes:
        index: Number of the repetition, from 1.
        start_s: Time at which the bar leaves the floor, or its lowest place; where the clip begins
            later, the first time that it shows; null where unknown.
        top_s: Time at which lockout is reached, as far as the clip shows; null where unknown.
        end_s: Time at which the bar is back down, as far as the clip shows; null where unknown.
        concentric_s: Duration of the way up, from start to lockout; null where unknown.
        eccentric_s: Duration of the lowering; null where unknown.
        partial: Which part of the repetition the clip does not show; empty for a whole one.
        body_seen: Whether the lifter's body is seen in the way up. If not, the repetition is
            counted and the bar measured, but nothing is judged.
        unit: Unit of `rom` and `drift`, and with "/s" of `mean_velocity` and `peak_velocity`.
        rom: Range of motion: how far the bar rises; null where unknown.
        drift: Width of the bar's path, forward and back, on the way up; null where unknown.
        mean_velocity: Mean velocity of the way up; null where unknown.
        peak_velocity: Peak velocity of the way up; null where unknown.
        rom_m: Range of motion; null without a scale in metres.
        rom_m_interval: Lowest and highest likely range of motion; null without a scale in metres.
        drift_m: Width of the bar's path; null without a scale in metres.
        drift_m_interval: Lowest and highest likely width; null without a scale in metres.
        mean_velocity_m_s: Mean velocity; null without a scale in metres.
        mean_velocity_m_s_interval: Lowest and highest likely mean velocity; null without a scale in
            metres.
        peak_velocity_m_s: Peak velocity; null without a scale in metres.
        peak_velocity_m_s_interval: Lowest and highest likely peak velocity; null without a scale in
            metres.
        score: Probability that a coach calls the repetition good, 0 to 1, drawn toward 0.5 where
            little of it was seen; null where it is not judged.
        score_interval: Lowest and highest likely score; null without a score.
        verdict: The score in a word.
        undiminished: Log odds of the score of a repetition in which nothing deviates; with the
            effects of all contributions they are the log odds of the score. Null without a score.
        contributions: Everything that lowers the score, worst first.
        faults: Kinds of the faults of this repetition.
    """

    index: Annotated[int, Whole(1)]
    start_s: SecondsOrNan
    top_s: SecondsOrNan
    end_s: SecondsOrNan
    concentric_s: SecondsOrNan
    eccentric_s: SecondsOrNan
    partial: Partial = Partial.WHOLE
    body_seen: bool = True
    unit: LengthUnit = LengthUnit.TRUNK
    rom: Distance
    drift: Distance
    mean_velocity: Velocity
    peak_velocity: Velocity
    rom_m: Metres = _NAN
    rom_m_interval: MetresInterval | None = None
    drift_m: Metres = _NAN
    drift_m_interval: MetresInterval | None = None
    mean_velocity_m_s: MetresPerSecond = _NAN
    mean_velocity_m_s_interval: VelocityInterval | None = None
    peak_velocity_m_s: MetresPerSecond = _NAN
    peak_velocity_m_s_interval: VelocityInterval | None = None
    score: FractionOrNan
    score_interval: ScoreInterval | None = None
    verdict: Verdict = Verdict.NONE
    undiminished: NumberOrNan = _NAN
    contributions: Listed[Contribution] = ()
    faults: Listed[str] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed attempt at a repetition, which is not counted.

    Attributes:
        start_s: Time at which the bar, or the lifter without it, begins to rise.
        end_s: Time at which the bar is back down, or the lifter stands without it.
        failure: Why it is no repetition.
    """

    start_s: Seconds
    end_s: Seconds
    failure: Failure


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in one repetition.

    Attributes:
        kind: Identifier of the rule (docs/faults.md lists them).
        name: Name of the fault, for people.
        rep: Number of the repetition, from 1.
        from_s: Time at which the fault begins.
        to_s: Time at which the fault ends.
        shown_at: Index of the frame that shows it best.
        value: What was measured, in `unit`; null where it has no number.
        unit: Unit of `value` and `threshold`.
        threshold: Value beyond which it is a fault, in `unit`.
        confidence: Confidence that it is a fault.
        reason: Why the threshold is what it is.
        cue: What the lifter should do.
    """

    kind: str
    name: str
    rep: Annotated[int, Whole(1)]
    from_s: Seconds
    to_s: Seconds
    shown_at: Annotated[int, Whole()]
    value: NumberOrNan
    unit: FaultUnit
    threshold: Number
    confidence: Fraction
    reason: str
    cue: str


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A fault rule that gives no verdict on some repetitions.

    Attributes:
        kind: Identifier of the rule.
        name: Name of the fault, for people.
        reason: Why there is no verdict.
        reps: Numbers of the repetitions without a verdict, from 1; empty for the whole set.
    """

    kind: str
    name: str
    reason: str
    reps: Listed[Annotated[int, Whole(1)]] = ()


@dataclass(frozen=True, slots=True)
class BarScale:
    """How the bar was found, and the unit of its distances.

    Attributes:
        source: What the bar's path was read from.
        unit: Unit of the bar's distances.
        px_per_unit: Pixels of the source in one unit; null where unknown.
        low: Lowest likely value of `px_per_unit`; null where unknown.
        high: Highest likely value of `px_per_unit`; null where unknown.
        basis: What gives the scale, or why there are no metres, for people.
    """

    source: BarSource
    unit: LengthUnit
    px_per_unit: PxPerUnit
    low: PxPerUnit
    high: PxPerUnit
    basis: str
