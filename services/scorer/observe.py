"""Computes motion, bar, reps and style from poses, for scoring, training and tests alike. Pure.

FramePoses of a clip ─ find_lifters ─→ LifterObservations ─ observe_lift ─→ ObservedLift
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.bar.attempts import FailedAttempt, part_attempts
from services.scorer.bar.bar_reps import add_bar_reps
from services.scorer.bar.idle_bar import drop_reps_without_bar
from services.scorer.bar.path import Bar, no_bar, track_bar
from services.scorer.bar.plate_height import plate_above_ankles
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.bar.retime import retime_by_bar
from services.scorer.lifter.find import find_lifters
from services.scorer.lifter.tracks import find_shots
from services.scorer.motion.build import build_motion
from services.scorer.motion.kinematics import Kinematics, compute_kinematics
from services.scorer.motion.motion import Motion
from services.scorer.reps.deadlift import recognise_deadlift
from services.scorer.reps.find import find_reps
from services.scorer.reps.rep_boundaries import RepBoundaries
from services.scorer.reps.style import classify_style
from shared.data.analysis import Exercise, Lifter, Style
from shared.data.job_options import JudgingOptions
from shared.data.messages import FramePoses, Person, Plate

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

_DEFAULTS = JudgingOptions()


@dataclass(frozen=True, eq=False)
class LifterObservations:
    """One lifter as the pose stage saw them, one entry per analysed frame.

    Attributes:
        index: int64 (n,), frame indices.
        time_s: float64 (n,), time of each frame.
        shot: int64 (n,), the shot of each frame.
        people: The lifter in each frame, None where not seen.
        plates: The plates that were seen in each frame.
        pose_ms: float64 (n,), time that the pose stage took.
    """

    index: Ints
    time_s: F64
    shot: Ints
    people: tuple[Person | None, ...]
    plates: tuple[tuple[Plate, ...], ...]
    pose_ms: F64


@dataclass(frozen=True, eq=False)
class ObservedLift:
    """A set as it was performed, before any judgement: the input of scores and fault rules.

    Attributes:
        motion: The lifter's motion.
        bar: The bar's path and its scale.
        reps: The repetitions; none where no deadlift was seen.
        exercise: What is being done.
        exercise_confidence: Confidence in that, 0..1.
        style: How the deadlift is done.
        style_confidence: Confidence in that, 0..1.
        kinematics: The angles of the body.
        refusal: Why nothing is scored, for people; "" where a deadlift was seen.
        attempts: The failed attempts.
    """

    motion: Motion
    bar: Bar
    reps: tuple[RepBoundaries, ...]
    exercise: Exercise
    exercise_confidence: float
    style: Style
    style_confidence: float
    kinematics: Kinematics
    refusal: str = ""
    attempts: tuple[FailedAttempt, ...] = ()


def observe_lifters(frames: Sequence[FramePoses]) -> list[LifterObservations]:
    """The lifters of a clip, the main one first; empty where there is nobody."""
    shots = find_shots(frames)
    return [_observations(frames, shots, lifter.people) for lifter in find_lifters(frames, shots)]


def observe_nobody(frames: Sequence[FramePoses]) -> LifterObservations:
    """The observations of a clip in which nobody is found."""
    return _observations(frames, find_shots(frames), {})


def observations_of(lifter: Lifter) -> LifterObservations:
    """The observations of a stored lifter, from which `--rescore` starts."""
    frames = lifter.frames
    return LifterObservations(
        index=np.array([frame.index for frame in frames], np.int64),
        time_s=np.array([frame.time_s for frame in frames], np.float64),
        shot=np.array([frame.shot for frame in frames], np.int64),
        people=tuple(frame.measured.person for frame in frames),
        plates=tuple(frame.measured.plates for frame in frames),
        pose_ms=np.array([frame.pose_ms for frame in frames], np.float64),
    )


def observe_lift(seen: LifterObservations, options: JudgingOptions = _DEFAULTS) -> ObservedLift:
    """Motion, bar, repetitions, style and angles of one lifter."""
    smooth_hz = options.smooth_hz or None
    motion = build_motion(seen.people, seen.time_s, seen.shot, smooth_hz)
    found = find_bar_plate(motion, seen.plates)
    rises = find_reps(motion)
    by_hands = drop_reps_without_bar(motion, found, rises)
    found_reps = add_bar_reps(motion, found, by_hands)
    recognised = recognise_deadlift(motion, seen.people, found_reps)
    if recognised.refusal:
        bar = no_bar(motion, options.plate_mm, options.height_cm)
    else:
        bar = track_bar(motion, found, options.plate_mm, options.height_cm, smooth_hz)
    timed = retime_by_bar(recognised.reps, bar, motion)
    kinematics = compute_kinematics(motion)
    idle = () if recognised.refusal else tuple(rep for rep in rises if rep not in by_hands)
    reps, attempts = part_attempts(motion, found, kinematics, timed, idle)
    plate_px = found.plate.diameter_px if found.plate else float("nan")
    seen_reps = [rep for rep in reps if rep.body_seen]
    plate_height = plate_above_ankles(motion, found, seen_reps)
    found_style = classify_style(motion, seen_reps, kinematics, plate_px, plate_height)
    return ObservedLift(
        motion=motion,
        bar=bar,
        reps=reps,
        exercise=recognised.exercise,
        exercise_confidence=recognised.confidence,
        style=found_style.style,
        style_confidence=found_style.confidence,
        kinematics=kinematics,
        refusal=recognised.refusal,
        attempts=() if recognised.refusal else attempts,
    )


def _observations(
    frames: Sequence[FramePoses], shots: Ints, people: dict[int, Person]
) -> LifterObservations:
    return LifterObservations(
        index=np.array([frame.index for frame in frames], np.int64),
        time_s=np.array([frame.time_s for frame in frames], np.float64),
        shot=shots,
        people=tuple(people.get(row) for row in range(len(frames))),
        plates=tuple(frame.plates for frame in frames),
        pose_ms=np.array([frame.pose_ms for frame in frames], np.float64),
    )
