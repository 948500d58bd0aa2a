"""The whole clip at once: who lifts, what they do, and what it is worth. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scorer import faults
from services.scorer.bar import bar_numbers, bar_path, held_reps
from services.scorer.capture import occlusion_of, tilt_of, warnings_of
from services.scorer.kinematics import Kinematics, angles_of, kinematics_of
from services.scorer.lifter import find_lifters
from services.scorer.measured import motion_of
from services.scorer.motion import Bar, LiftedSet, Motion, RepSpan
from services.scorer.posture_model import PostureModel
from services.scorer.reps import find_reps, phases_of
from services.scorer.style import tell_style
from services.scorer.tracks import segments_of
from services.scorer.wording import worst_of
from shared.jobs import Job, JobOptions
from shared.messages import (
    Analysis,
    BarPath,
    Fault,
    FramePoses,
    LifterAnalysis,
    LifterFrame,
    Person,
    Rep,
)
from shared.skeleton import F32

F64 = NDArray[np.float64]

#: What a fault that is beyond doubt takes off the score of its repetition. More separates good from
#: bad clips no better, and a fault that is found in one copy of a clip and not in another would
#: move the score by more than 0.03.
FAULT_COST = 0.08

#: All faults of a repetition together cost no more than this: they share causes.
_MAX_COST = 0.12


@dataclass(frozen=True, eq=False)
class Sighted:
    """One lifter as the pose stage saw them, one entry a frame; what `judge` starts from.

    index, time_s, segment, pose_ms: (n,). people: None where not seen. plates_px: (k, 5) each.
    """

    index: NDArray[np.int64]
    time_s: F64
    segment: NDArray[np.int64]
    people: tuple[Person | None, ...]
    plates_px: tuple[F32, ...]
    pose_ms: F64


def analyse(job: Job, frames: Sequence[FramePoses], model: PostureModel) -> Analysis:
    """Judge a clip from the people of all its analysed frames, in order."""
    segments = segments_of(frames)
    lifters = find_lifters(frames, segments)
    sighted = [_sighted(frames, segments, lifter.people) for lifter in lifters]
    judged = tuple(
        judge(one, job.options, model) for one in sighted or [_sighted(frames, segments, {})]
    )
    return Analysis(job.id, judged, _warnings(bool(lifters), job.end_reason))


def judge(sighted: Sighted, options: JobOptions, model: PostureModel) -> LifterAnalysis:
    """Judge one lifter's set; all that `--rescore` does again."""
    smooth_hz = None if options.pose.original else options.smooth_hz
    motion = motion_of(sighted.people, sighted.time_s, sighted.segment, smooth_hz)
    plates = sighted.plates_px
    reps = held_reps(motion, plates, find_reps(motion))
    bar = bar_path(
        motion, plates, options.plate_mm, options.height_cm, smooth=smooth_hz is not None
    )
    kinematics = kinematics_of(motion)
    style = tell_style(motion, reps, kinematics)
    scores = _scores(motion, model)
    found, abstentions = faults.judge(LiftedSet(motion, reps, bar, style), kinematics)
    lifting = _rows_of(reps, len(motion))
    effects = model.explain(motion.xy_px.astype(np.float32))
    costs = fault_costs(found, len(reps))
    posture = _mean(scores[lifting]) if np.isfinite(scores[lifting]).any() else _mean(scores)
    return LifterAnalysis(
        frames=_frames(sighted, motion, bar, kinematics, phases_of(motion, reps), scores),
        reps=tuple(
            _rep(
                number, span, motion, bar, _less(_mean(scores[_rows_of([span], 0)]), cost), effects
            )
            for number, (span, cost) in enumerate(zip(reps, costs, strict=True), start=1)
        ),
        faults=tuple(_shown(fault, sighted.index) for fault in found),
        abstentions=abstentions,
        contributions=worst_of(*effects, lifting),
        bar=BarPath(bar.source, bar.unit, bar.px_per_unit, bar.low, bar.high, bar.scale),
        score=_less(posture, float(costs.mean()) if len(costs) else 0.0),
        view=motion.view,
        turn_deg=motion.turn_deg,
        facing=motion.facing,
        style=style,
        torso_px=motion.torso_px,
        occlusion=occlusion_of(motion),
        tilt_deg=tilt_of(motion),
        warnings=warnings_of(motion, reps),
    )


def _sighted(
    frames: Sequence[FramePoses], segments: NDArray[np.int64], people: dict[int, Person]
) -> Sighted:
    return Sighted(
        index=np.array([frame.index for frame in frames], np.int64),
        time_s=np.array([frame.time_s for frame in frames]),
        segment=segments,
        people=tuple(people.get(position) for position in range(len(frames))),
        plates_px=tuple(frame.plates_px for frame in frames),
        pose_ms=np.array([frame.pose_ms for frame in frames]),
    )


def _scores(motion: Motion, model: PostureModel) -> F64:
    """Posture score of each row, (n,), NaN where too little is seen."""
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    return model.score(xy, confidence).astype(np.float64)


def _frames(
    sighted: Sighted,
    motion: Motion,
    bar: Bar,
    kinematics: Kinematics,
    phases: Sequence[str],
    scores: F64,
) -> tuple[LifterFrame, ...]:
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    filled, angles = motion.filled.astype(np.float32), angles_of(kinematics)
    bars = bar.xy_px.astype(np.float32)
    return tuple(
        LifterFrame(
            index=int(sighted.index[row]),
            time_s=float(sighted.time_s[row]),
            person=sighted.people[row],
            plates_px=sighted.plates_px[row],
            segment=int(sighted.segment[row]),
            xy_px=xy[row],
            confidence=confidence[row],
            filled=filled[row],
            bar_px=bars[row],
            phase=phases[row],
            angles=angles[row],
            score=float(scores[row]),
            pose_ms=float(sighted.pose_ms[row]),
        )
        for row in range(len(motion))
    )


def _rep(
    number: int, span: RepSpan, motion: Motion, bar: Bar, score: float, effects: tuple[F64, F64]
) -> Rep:
    rom, drift, mean_velocity, peak_velocity = bar_numbers(bar, motion, span)
    rows = np.arange(span.start, span.end + 1)
    start_s, top_s, lower_s, end_s = (
        float(motion.time_s[row]) for row in (span.start, span.top, span.lower, span.end)
    )
    lowered = end_s > lower_s
    return Rep(
        index=number,
        start_s=start_s,
        top_s=top_s,
        end_s=end_s,
        concentric_s=top_s - start_s,
        eccentric_s=end_s - lower_s if lowered else float("nan"),
        partial=span.partial,
        rom=rom,
        drift=drift,
        mean_velocity=mean_velocity,
        peak_velocity=peak_velocity,
        score=score,
        contributions=worst_of(*effects, rows),
    )


def fault_costs(found: Sequence[Fault], reps: int) -> F64:
    """What the faults of each repetition take off its score, (reps,).

    A posture's score does not know what moved before and after; a fault does. Each costs in
    proportion to how sure it is, from nothing where it is just told to `FAULT_COST` beyond doubt:
    what is barely a fault in one copy of a clip and barely none in another scores alike.
    """
    costs = np.zeros(reps)
    for fault in found:
        told = (fault.confidence - faults.MIN_CONFIDENCE) / (1 - faults.MIN_CONFIDENCE)
        costs[fault.rep - 1] += FAULT_COST * told
    return np.minimum(costs, _MAX_COST)


def _less(score: float, cost: float) -> float:
    return max(0.0, score - cost) if np.isfinite(score) else score


def _shown(fault: Fault, index: NDArray[np.int64]) -> Fault:
    """A fault with the number of the frame that shows it, instead of its row."""
    return replace(fault, shown_at=int(index[fault.shown_at]))


def _rows_of(reps: Sequence[RepSpan], rows: int) -> NDArray[np.int64]:
    """Rows in which the lifter lifts; all where there is no rep."""
    if not reps:
        return np.arange(rows)
    return np.concatenate([np.arange(rep.start, rep.end + 1) for rep in reps])


def _mean(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _warnings(anybody: bool, end_reason: str) -> tuple[str, ...]:
    warnings = []
    if not anybody:
        warnings.append("nobody was found in this clip: film the whole lifter, in good light")
    if end_reason == "truncated":
        warnings.append("the video is damaged or breaks off early; what can be read was analysed")
    return tuple(warnings)
