"""The whole clip at once: who lifts, what they do, and what it is worth. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.scorer import faults
from services.scorer.bar.bar import drop_reps_without_bar, measure_bar, track_bar
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from services.scorer.motion.build import build_motion
from services.scorer.motion.clip_quality import (
    describe_clip_problems,
    estimate_occlusion,
    estimate_tilt_deg,
)
from services.scorer.motion.kinematics import Kinematics, compute_kinematics, displayed_angles
from services.scorer.motion.motion import Bar, LiftedSet, Motion, RepBoundaries
from services.scorer.reps.find import find_reps, label_phases
from services.scorer.reps.rep_boundaries import retime_by_bar
from services.scorer.reps.style import classify_style
from services.scorer.score.posture_model import PostureModel
from services.scorer.score.score_explanation import explain_score
from services.scorer.score.scoring import (
    compute_fault_costs,
    rows_of_reps,
    score_postures,
    score_set,
)
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
class LifterObservations:
    """One lifter as the pose stage saw them, one entry a frame; what `judge` starts from.

    index, time_s, shot, pose_ms: (n,). people: None where not seen. plates_px: (k, 5) each.
    """

    index: NDArray[np.int64]
    time_s: F64
    shot: NDArray[np.int64]
    people: tuple[Person | None, ...]
    plates_px: tuple[F32, ...]
    pose_ms: F64


def analyse(job: Job, frames: Sequence[FramePoses], model: PostureModel) -> Analysis:
    """Judge a clip from the people of all its analysed frames, in order."""
    shots = find_shots(frames)
    lifters = find_lifters(frames, shots)
    sighted = [_sighted(frames, shots, lifter.people) for lifter in lifters]
    judged = tuple(
        judge(one, job.options, model) for one in sighted or [_sighted(frames, shots, {})]
    )
    return Analysis(job.id, judged, _warnings(bool(lifters), job.end_reason))


def judge(sighted: LifterObservations, options: JobOptions, model: PostureModel) -> LifterAnalysis:
    """Judge one lifter's set; all that `--rescore` does again."""
    smooth_hz = None if options.pose.original else options.smooth_hz
    motion = build_motion(sighted.people, sighted.time_s, sighted.shot, smooth_hz)
    plates = sighted.plates_px
    reps = drop_reps_without_bar(motion, plates, find_reps(motion))
    bar = track_bar(motion, plates, options.plate_mm, options.height_cm, smooth_hz)
    reps = retime_by_bar(reps, bar, motion)
    kinematics = compute_kinematics(motion)
    style = classify_style(motion, reps, kinematics)
    postures = score_postures(motion, kinematics.plausible, model)
    found, abstentions = faults.judge(LiftedSet(motion, reps, bar, style), kinematics)
    effects = _effects(motion, postures, model)
    costs = compute_fault_costs(found, len(reps))
    scores = score_set(postures, kinematics.plausible, motion.time_s, reps, costs)
    return LifterAnalysis(
        frames=_frames(sighted, motion, bar, kinematics, label_phases(motion, reps), postures),
        reps=tuple(
            _rep(number, span, motion, bar, float(score), effects)
            for number, (span, score) in enumerate(zip(reps, scores.reps, strict=True), start=1)
        ),
        faults=tuple(_shown(fault, sighted.index) for fault in found),
        abstentions=abstentions,
        contributions=explain_score(*effects, rows_of_reps(reps, len(motion))),
        bar=BarPath(bar.source, bar.unit, bar.px_per_unit, bar.low, bar.high, bar.scale),
        score=scores.set_score,
        view=motion.view,
        turn_deg=motion.turn_deg,
        facing=motion.facing,
        style=style,
        trunk_length_px=motion.trunk_length_px,
        occlusion=estimate_occlusion(motion),
        tilt_deg=estimate_tilt_deg(motion),
        warnings=describe_clip_problems(motion, reps),
    )


def _sighted(
    frames: Sequence[FramePoses], shots: NDArray[np.int64], people: dict[int, Person]
) -> LifterObservations:
    return LifterObservations(
        index=np.array([frame.index for frame in frames], np.int64),
        time_s=np.array([frame.time_s for frame in frames]),
        shot=shots,
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
    sighted: LifterObservations,
    motion: Motion,
    bar: Bar,
    kinematics: Kinematics,
    phases: Sequence[str],
    scores: F64,
) -> tuple[LifterFrame, ...]:
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    filled, angles = motion.filled.astype(np.float32), displayed_angles(kinematics)
    bars = bar.xy_px.astype(np.float32)
    return tuple(
        LifterFrame(
            index=int(sighted.index[row]),
            time_s=float(sighted.time_s[row]),
            person=sighted.people[row],
            plates_px=sighted.plates_px[row],
            shot=int(sighted.shot[row]),
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
    number: int,
    span: RepBoundaries,
    motion: Motion,
    bar: Bar,
    score: float,
    effects: tuple[F64, F64],
) -> Rep:
    rom, drift, mean_velocity, peak_velocity = measure_bar(bar, motion, span)
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
        contributions=explain_score(*effects, rows),
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
