"""From one lifter's measured poses to their cleaned motion. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.filtering import clean_by_shot
from services.scorer.motion.motion import Motion
from services.scorer.motion.plausibility import drop_impossible_people
from services.scorer.motion.soles import measured_pitch_deg
from services.scorer.motion.view import (
    classify_view,
    estimate_turn_deg,
    infer_facing,
    upright_trunk_length_px,
)
from shared.data.analysis import View
from shared.data.messages import Person
from shared.data.skeleton import (
    FEET,
    JOINTS,
    MIN_JUDGED_CONFIDENCE,
    NECK,
    OUTLINE_LEVELS,
    trunk_length_px,
)

F64 = NDArray[np.float64]

#: Minimum scatter of a joint that the outlier test assumes, in trunk lengths. Measured: a joint is
#: off its smoothed position by 0.004 to 0.018 in 39 real clips (medians of each).
_JOINT_FLOOR = 0.02

#: Trunk length that this scatter refers to where the real one is unknown, in pixels. Chosen: a
#: small lifter's.
_UNKNOWN_TRUNK_PX = 50.0

#: Minimum scatter that the outlier test assumes for the pitch of a sole, in degrees. Chosen: above
#: the jitter of soles, which was measured as 0 to 1.5° in 38 real clips (medians of each).
_PITCH_FLOOR_DEG = 2.0

#: Minimum confidence of a heel or toe. Measured: behind plates both are guessed, with a confidence
#: of up to 0.85, and placed too high.
_MIN_FOOT_CONFIDENCE = 0.9

#: Two shots show the lifter alike when the trunk lengths differ by no more than this factor, the
#: turns by no more than this angle, and the lifter does not face the other way. Chosen: within
#: this, one usual length and one turn serve both.
_SAME_SIZE, _SAME_TURN_DEG = 1.25, 20.0


@dataclass(frozen=True, eq=False)
class _Measured:
    """What was measured in each frame, as arrays; NaN where the lifter is not seen.

    Attributes:
        joints: float64 (n, 15, 2).
        confidence: float64 (n, 15).
        feet: float64 (n, 4, 2).
        outline: float64 (n, 2, 11).
        soles: float64 (n, 2, 2).
        turn: float64 (n,).
    """

    joints: F64
    confidence: F64
    feet: F64
    outline: F64
    soles: F64
    turn: F64


def build_motion(
    people: Sequence[Person | None],
    time_s: F64,
    shot: NDArray[np.int64],
    cutoff_hz: float | None,
) -> Motion:
    """Clean a lifter's motion, shot by shot.

    Args:
        people: the lifter in each frame, None where not seen.
        time_s: (n,), as in `Motion`.
        shot: (n,), as in `Motion`.
        cutoff_hz: cut-off of the low-pass, in hertz; None keeps everything as measured, even joints
            below `MIN_JUDGED_CONFIDENCE` and people who are upside down.
    """
    if cutoff_hz is not None:
        people = drop_impossible_people(people, shot)
    n, seen = len(people), _measured(people, 0.0 if cutoff_hz is None else MIN_JUDGED_CONFIDENCE)
    length = _upright_length_px(seen.joints)
    points = np.concatenate([seen.joints, seen.feet], axis=1)
    flat = points.reshape(n, 2 * points.shape[1])
    outline = seen.outline.reshape(n, 2 * OUTLINE_LEVELS)
    pitch = measured_pitch_deg(seen.soles, time_s, shot, length)
    filled = np.zeros(flat.shape, bool)
    floor = _JOINT_FLOOR * (length if np.isfinite(length) else _UNKNOWN_TRUNK_PX)
    if cutoff_hz is not None:
        flat, filled = clean_by_shot(flat, time_s, shot, cutoff_hz, floor)
        outline, _ = clean_by_shot(outline, time_s, shot, cutoff_hz, floor)
        pitch, _ = clean_by_shot(pitch, time_s, shot, cutoff_hz, _PITCH_FLOOR_DEG)
    points = flat.reshape(points.shape)
    joints, feet = points[:, :JOINTS], points[:, JOINTS:]
    length, turn_deg, facing, main = _main_shot(joints, feet, seen.turn, shot)
    confidence = _bridge_gaps(seen.confidence)
    return Motion(
        time_s=time_s,
        shot=shot,
        xy_px=joints,
        confidence=np.where(np.isfinite(joints).all(-1), confidence, 0.0),
        filled=np.asarray(filled.reshape(points.shape).any(-1))[:, :JOINTS],
        outline_px=outline.reshape(seen.outline.shape),
        sole_deg=pitch[:, 0],
        main=main,
        trunk_length_px=length,
        turn_deg=turn_deg,
        view=classify_view(turn_deg),
        facing=facing,
    )


def _measured(people: Sequence[Person | None], min_confidence: float) -> _Measured:
    n = len(people)
    measured = _Measured(
        joints=np.full((n, JOINTS, 2), np.nan),
        confidence=np.zeros((n, JOINTS)),
        feet=np.full((n, len(FEET), 2), np.nan),
        outline=np.full((n, 2, OUTLINE_LEVELS), np.nan),
        soles=np.full((n, 2, 2), np.nan),
        turn=np.full(n, np.nan),
    )
    for row, person in enumerate(people):
        if person is not None:
            sure = person.confidence >= min_confidence
            measured.joints[row] = np.where(sure[:, None], person.xy_px, np.nan)
            measured.confidence[row] = np.where(sure, person.confidence, 0)
            known = person.feet_confidence >= _MIN_FOOT_CONFIDENCE
            measured.feet[row] = np.where(known[:, None], person.feet_px, np.nan)
            measured.outline[row], measured.soles[row] = person.outline_px, person.sole_px
            measured.turn[row] = person.turn_deg
    return measured


def _main_shot(
    joints: F64, feet: F64, turn: F64, shot: NDArray[np.int64]
) -> tuple[float, float, int, NDArray[np.bool_]]:
    """Trunk length, turn and facing in the shot that shows most of the lifter, and `Motion.main`.

    After a cut the camera may stand elsewhere, or nearer.
    """
    seen = np.isfinite(joints[:, NECK, 0])
    most = int(np.bincount(shot, seen, minlength=1).argmax())
    main = shot == most
    length, turn_deg, facing = _describe_shot(joints[main], feet[main], turn[main])
    for number in np.unique(shot[~main]):
        rows = shot == number
        other_length, other_turn, other_facing = _describe_shot(
            joints[rows], feet[rows], turn[rows]
        )
        same_size = max(length, other_length) <= _SAME_SIZE * min(length, other_length)
        same_view = abs(turn_deg - other_turn) <= _SAME_TURN_DEG and facing * other_facing >= 0
        main[rows] = same_size and same_view
    return length, turn_deg, facing, main


def _describe_shot(joints: F64, feet: F64, turn: F64) -> tuple[float, float, int]:
    """Trunk length in pixels, turn in degrees and facing."""
    length = _upright_length_px(joints)
    turn_deg = estimate_turn_deg(turn, joints, length)
    is_front = classify_view(turn_deg) is View.FRONT
    return length, turn_deg, 0 if is_front else infer_facing(joints, feet, length)


def _upright_length_px(joints: F64) -> float:
    lengths = trunk_length_px(joints.astype(np.float32))
    return upright_trunk_length_px(lengths.astype(np.float64))


def _bridge_gaps(confidence: F64) -> F64:
    """Give joints without confidence that of the latest measurement before them."""
    bridged = confidence.copy()
    for row in range(1, len(bridged)):
        gone = bridged[row] == 0
        bridged[row, gone] = bridged[row - 1, gone]
    return bridged
