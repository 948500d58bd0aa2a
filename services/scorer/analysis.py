"""The whole clip at once: who lifts, what they do, and what it is worth. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scorer import faults
from services.scorer.bar.bar import bar_numbers, bar_path, held_reps
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import segments_of
from services.scorer.motion.build import motion_of
from services.scorer.motion.clip_quality import occlusion_of, tilt_of, warnings_of
from services.scorer.motion.kinematics import Kinematics, angles_of, kinematics_of
from services.scorer.motion.motion import Bar, LiftedSet, Motion, RepSpan
from services.scorer.reps.find import find_reps, phases_of
from services.scorer.reps.rep_boundaries import timed_by_bar
from services.scorer.reps.style import tell_style
from services.scorer.score.posture_model import PostureModel
from services.scorer.score.score_explanation import worst_of
from services.scorer.score.scoring import fault_costs, lifting_rows, posture_scores, set_scores
from shared.data.messages import (
    Analysis,
    BarPath,
    Fault,
    FramePoses,
    LifterAnalysis,
    LifterFrame,
    Person,
    Rep,
)
from shared.data.skeleton import F32
from shared.queue.jobs import Job, JobOptions

F64 = NDArray[np.float64]


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
    bar = bar_path(motion, plates, options.plate_mm, options.height_cm, smooth_hz)
    reps = timed_by_bar(reps, bar, motion)
    kinematics = kinematics_of(motion)
    style = tell_style(motion, reps, kinematics)
    postures = posture_scores(motion, kinematics.plausible, model)
    found, abstentions = faults.judge(LiftedSet(motion, reps, bar, style), kinematics)
    effects = _effects(motion, postures, model)
    costs = fault_costs(found, len(reps))
    scores = set_scores(postures, kinematics.plausible, motion.time_s, reps, costs)
    return LifterAnalysis(
        frames=_frames(sighted, motion, bar, kinematics, phases_of(motion, reps), postures),
        reps=tuple(
            _rep(number, span, motion, bar, float(score), effects)
            for number, (span, score) in enumerate(zip(reps, scores.reps, strict=True), start=1)
        ),
        faults=tuple(_shown(fault, sighted.index) for fault in found),
        abstentions=abstentions,
        contributions=worst_of(*effects, lifting_rows(reps, len(motion))),
        bar=BarPath(bar.source, bar.unit, bar.px_per_unit, bar.low, bar.high, bar.scale),
        score=scores.set_score,
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


def _effects(motion: Motion, postures: F64, model: PostureModel) -> tuple[F64, F64]:
    """What moves the scores of postures, as `PostureModel.explain`; NaN where there is no score."""
    effects, off = model.explain(motion.xy_px.astype(np.float32))
    unscored = np.isnan(postures)[:, None]
    return np.where(unscored, np.nan, effects), np.where(unscored, np.nan, off)


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


def _shown(fault: Fault, index: NDArray[np.int64]) -> Fault:
    """A fault with the number of the frame that shows it, instead of its row."""
    return replace(fault, shown_at=int(index[fault.shown_at]))


def _warnings(anybody: bool, end_reason: str) -> tuple[str, ...]:
    warnings = []
    if not anybody:
        warnings.append("nobody was found in this clip: film the whole lifter, in good light")
    if end_reason == "truncated":
        warnings.append("the video is damaged or breaks off early; what can be read was analysed")
    return tuple(warnings)
