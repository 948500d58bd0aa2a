"""Judges a clip: lifters, reps, faults and scores. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.scorer import faults
from services.scorer.bar.attempts import describe_attempts
from services.scorer.bar.path import in_metres, measure_bar
from services.scorer.faults import DEFAULT_RULES, FaultRule
from services.scorer.motion.clip_quality import (
    describe_clip_problems,
    estimate_occlusion,
    estimate_tilt_deg,
    find_covered,
)
from services.scorer.motion.kinematics import displayed_angles
from services.scorer.observe import (
    LifterObservations,
    ObservedLift,
    observations_of,
    observe_lift,
    observe_lifters,
    observe_nobody,
)
from services.scorer.reps.phases import label_phases
from services.scorer.reps.rep_boundaries import RepBoundaries
from services.scorer.score.lift_model import LiftModel
from services.scorer.score.scoring import Score, score_lift
from shared.data.analysis import (
    Analysis,
    Attempt,
    Lifter,
    LifterFrame,
    Measured,
    Partial,
    Phase,
    Rep,
    Summary,
)
from shared.data.fields import Keypoints
from shared.data.job_options import JudgingOptions
from shared.data.messages import EndReason
from shared.data.poses import Poses
from shared.data.skeleton import MPI_15

F64 = NDArray[np.float64]


def judge_poses(
    poses: Poses,
    options: JudgingOptions,
    model: LiftModel,
    job: str = "",
    rules: Sequence[FaultRule] | None = None,
) -> Analysis:
    """Judge a clip from the people of all its analysed frames.

    Args:
        poses: people and plates of each frame, from the pose stage.
        options: how to judge.
        model: the model of good lifts.
        job: identity of the job.
        rules: the fault rules to judge by; by default all rules, as changed by `options.faults` and
            `options.rules`.

    Raises:
        UsageError: `options.faults` has an unknown fault or field, or an invalid value.
    """
    if poses.pose.options.original:
        options = replace(options, smooth_hz=0.0)
    options, rules = _with_rules(options, rules)
    lifters = observe_lifters(poses.frames)
    seen = lifters or [observe_nobody(poses.frames)]
    warnings = _clip_warnings(bool(lifters), poses)
    main, *others = [judge_lifter(one, options, model, rules) for one in seen]
    return Analysis(
        **vars(_with_warnings(main, warnings)),
        job=job,
        source=poses.source,
        pose=poses.pose,
        judging=options,
        posture_model=model.sha256,
        warnings=warnings,
        others=tuple(others),
    )


def judge_again(
    analysis: Analysis,
    options: JudgingOptions,
    model: LiftModel,
    rules: Sequence[FaultRule] | None = None,
) -> Analysis:
    """Judge the stored observations of an analysis again, without video or pose stage."""
    options, rules = _with_rules(options, rules)
    main, *others = [
        judge_lifter(observations_of(lifter), options, model, rules) for lifter in analysis.lifters
    ]
    again = vars(_with_warnings(main, analysis.warnings))
    return replace(
        analysis, **again, judging=options, posture_model=model.sha256, others=tuple(others)
    )


def judge_lifter(
    seen: LifterObservations,
    options: JudgingOptions,
    model: LiftModel,
    rules: Sequence[FaultRule] = DEFAULT_RULES,
) -> Lifter:
    """Judge one lifter's set."""
    lift = observe_lift(seen, options)
    if lift.refusal:
        return _unjudged(seen, lift)
    motion, reps = lift.motion, lift.reps
    results = faults.evaluate_rules(lift, rules)
    found, not_judged = faults.judge(lift, rules, results)
    scores = score_lift(lift, rules, results, model)
    kinds = [tuple(fault.kind for fault in found if fault.rep == n + 1) for n in range(len(reps))]
    return Lifter(
        frames=_frames(seen, lift, scores.frames, label_phases(motion, reps)),
        reps=tuple(
            _rep(number, rep, lift, scores.reps[number], kinds[number])
            for number, rep in enumerate(reps)
        ),
        faults=tuple(replace(fault, shown_at=int(seen.index[fault.shown_at])) for fault in found),
        not_judged=not_judged,
        attempts=_attempts(lift),
        bar=lift.bar.scale,
        summary=_summary(
            lift,
            **vars(scores.whole),
            unscored=scores.unscored,
            reps=len(reps),
            partial_reps=sum(rep.partial is not Partial.WHOLE for rep in reps),
            faults=tuple(sorted({fault.kind for fault in found})),
            warnings=(
                *describe_clip_problems(motion, [r.body_seen for r in reps], bool(lift.attempts)),
                *describe_attempts(_attempts(lift)),
            ),
        ),
    )


def _unjudged(seen: LifterObservations, lift: ObservedLift) -> Lifter:
    """A lifter who shows no deadlift: the skeleton, and why there is nothing else."""
    unscored = np.full(len(lift.motion), np.nan)
    return Lifter(
        frames=_frames(seen, lift, unscored, [None] * len(unscored)),
        reps=(),
        faults=(),
        not_judged=(),
        bar=lift.bar.scale,
        summary=_summary(
            lift,
            **vars(Score()),
            unscored=lift.refusal,
            reps=0,
            partial_reps=0,
            faults=(),
            warnings=(lift.refusal,),
        ),
    )


def _summary(lift: ObservedLift, **judged: Any) -> Summary:
    """A summary of what was judged, and of how the lifter was seen."""
    motion = lift.motion
    return Summary(
        **judged,
        view=motion.view,
        turn_deg=motion.turn_deg,
        facing=motion.facing,
        exercise=lift.exercise,
        exercise_confidence=lift.exercise_confidence,
        style=lift.style,
        style_confidence=lift.style_confidence,
        trunk_length_px=motion.trunk_length_px,
        occlusion=estimate_occlusion(motion),
        tilt_deg=estimate_tilt_deg(motion),
    )


def _with_rules(
    options: JudgingOptions, rules: Sequence[FaultRule] | None
) -> tuple[JudgingOptions, Sequence[FaultRule]]:
    """The rules to judge by, and options that list how they differ from the defaults."""
    if rules is None:
        return options, faults.rules_with(options.faults, options.rules)
    kinds = faults.kinds_of(rules)
    return replace(options, faults=faults.settings_of(rules), rules=kinds), rules


def _with_warnings(lifter: Lifter, warnings: tuple[str, ...]) -> Lifter:
    """The main lifter, with the warnings about the clip added to the summary.

    Those about the clip come first, unless the lifter's says why nothing was scored.
    """
    summary = lifter.summary
    both = replace(summary, warnings=(*warnings, *summary.warnings))
    if lifter.refusal:
        both = replace(summary, warnings=(*summary.warnings, *warnings))
    return replace(lifter, summary=both)


def _frames(
    seen: LifterObservations, lift: ObservedLift, scores: F64, phases: Sequence[Phase | None]
) -> tuple[LifterFrame, ...]:
    motion = lift.motion
    xy, confidence = motion.xy_px.astype(np.float32), motion.confidence.astype(np.float32)
    bar, angles = lift.bar.xy_px.astype(np.float32), displayed_angles(lift.kinematics)
    covered = find_covered(motion)
    return tuple(
        LifterFrame(
            index=int(seen.index[row]),
            time_s=float(seen.time_s[row]),
            score=float(scores[row]),
            confidence=float(confidence[row].mean()),
            phase=phases[row],
            keypoints=Keypoints(xy[row], confidence[row]),
            filled=tuple(MPI_15[joint] for joint in np.flatnonzero(motion.filled[row])),
            bar_px=bar[row],
            angles=angles[row],
            covered=bool(covered[row]),
            shot=int(seen.shot[row]),
            measured=Measured(seen.people[row], seen.plates[row]),
            pose_ms=float(seen.pose_ms[row]),
        )
        for row in range(len(motion))
    )


def _rep(
    number: int,
    rep: RepBoundaries,
    lift: ObservedLift,
    score: Score,
    faults: tuple[str, ...],
) -> Rep:
    motion, scale = lift.motion, lift.bar.scale
    measured = measure_bar(lift.bar, motion, rep)
    start_s, top_s, lower_s, end_s = (
        float(motion.time_s[row]) for row in (rep.start, rep.top, rep.lower, rep.end)
    )
    return Rep(
        index=number + 1,
        start_s=start_s,
        top_s=top_s,
        end_s=end_s,
        concentric_s=top_s - start_s,
        eccentric_s=end_s - lower_s if end_s > lower_s else float("nan"),
        partial=rep.partial,
        body_seen=rep.body_seen,
        unit=scale.unit,
        **vars(measured),
        **in_metres(measured, scale),
        **vars(score),
        faults=faults,
    )


def _attempts(lift: ObservedLift) -> tuple[Attempt, ...]:
    time_s = lift.motion.time_s
    return tuple(
        Attempt(float(time_s[one.start]), float(time_s[one.end]), one.failure)
        for one in lift.attempts
    )


def _clip_warnings(anybody: bool, poses: Poses) -> tuple[str, ...]:
    warnings = []
    if not anybody:
        warnings.append("nobody was found in this clip: film the whole lifter, in good light")
    if poses.end_reason is EndReason.TRUNCATED:
        warnings.append("the video is damaged or breaks off early; what can be read was analysed")
    if poses.skipped_frames:
        warnings.append(
            f"{poses.skipped_frames} of {len(poses)} analysed frames could not be looked at: what "
            "happens in them is missing here"
        )
    return tuple(warnings)
