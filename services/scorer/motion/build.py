"""From one lifter's sightings to their cleaned motion. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.filtering import filter_outliers_and_smooth
from services.scorer.motion.motion import Motion
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
    L_ANKLE,
    L_HIP,
    NECK,
    OUTLINE_LEVELS,
    R_ANKLE,
    R_HIP,
    sole_pitch_deg,
    trunk_length_px,
)

F64 = NDArray[np.float64]

#: Scatter of a joint that is never taken for an outlier, in trunk lengths: what the networks
#: tremble by from frame to frame.
_JOINT_FLOOR = 0.02

#: The same of the pitch of a sole, degrees.
_PITCH_FLOOR_DEG = 2.0

#: Feet stand on the floor. What lies higher than they usually do, by so many trunk lengths, is a
#: plate's rim that was taken for a sole: those were 0.5 and more, soles less than 0.1.
_OFF_FLOOR = 0.25
#: The floor at a moment is where this share of the soles in so many seconds before and after are
#: higher, percent: who walks up to the camera stands lower in the picture then.
_FLOOR, _STANDS_S = 90, 2.5

#: Heels and toes behind a plate are guessed with a confidence of up to 0.85, and put too high.
_SURE_FOOT = 0.9

#: Sine of the trunk's angle below horizontal from which it counts as upside down: a stiff-legged
#: start has shoulders below the hips by up to 15°, which is 0.26.
_MAX_HANG = 0.6

#: Two shots are seen alike when the trunk's length differs by no more than this factor, the turn by
#: no more than this, and the lifter does not face the other way.
_SAME_SIZE, _SAME_TURN_DEG = 1.25, 20.0

#: Nothing makes a trunk look longer than upright but a camera that comes nearer. Where the head is
#: out of the picture the network may stretch a person down to the floor, to 1.5 to 2 times.
_MAX_TRUNK = 1.4


def build_motion(
    people: Sequence[Person | None],
    time_s: F64,
    shot: NDArray[np.int64],
    cutoff_hz: float | None,
) -> Motion:
    """Clean a lifter's motion, stretch by stretch.

    Args:
        people: the lifter in each frame, None where not seen.
        time_s: (n,), as in `Motion`.
        shot: (n,), as in `Motion`.
        cutoff_hz: of the low-pass; None leaves all as it was measured, upside down or not.
    """
    if cutoff_hz is not None:
        people = _plausible(people)
    xy, confidence, feet, outline, soles, turn = _measured(people)
    length = upright_trunk_length_px(trunk_length_px(xy.astype(np.float32)).astype(np.float64))
    flat = np.concatenate([xy, feet], axis=1).reshape(len(people), 2 * (JOINTS + len(FEET)))
    flat_outline = outline.reshape(len(people), 2 * OUTLINE_LEVELS)
    pitch = _pitch_deg(soles, time_s, shot, length)
    filled = np.zeros(flat.shape, bool)
    floor = _JOINT_FLOOR * (length if np.isfinite(length) else 50.0)
    if cutoff_hz is not None:
        for number in np.unique(shot):
            rows = shot == number
            flat[rows], filled[rows] = filter_outliers_and_smooth(
                flat[rows], time_s[rows], cutoff_hz, floor
            )
            flat_outline[rows], _ = filter_outliers_and_smooth(
                flat_outline[rows], time_s[rows], cutoff_hz, floor
            )
            pitch[rows], _ = filter_outliers_and_smooth(
                pitch[rows], time_s[rows], cutoff_hz, _PITCH_FLOOR_DEG
            )
    points = flat.reshape(len(people), JOINTS + len(FEET), 2)
    either: NDArray[np.bool_] = np.asarray(filled.reshape(points.shape).any(-1))[:, :JOINTS]
    joints, feet = points[:, :JOINTS], points[:, JOINTS:]
    length, turned, facing, main = _seen_from(joints, feet, turn, shot)
    return Motion(
        time_s=time_s,
        shot=shot,
        xy_px=joints,
        confidence=np.where(np.isfinite(joints).all(-1), _bridged(confidence), 0.0),
        filled=either,
        outline_px=flat_outline.reshape(outline.shape),
        sole_deg=pitch[:, 0],
        main=main,
        trunk_length_px=length,
        turn_deg=turned,
        view=classify_view(turned),
        facing=facing,
    )


def _seen_from(
    joints: F64, feet: F64, turn: F64, shot: NDArray[np.int64]
) -> tuple[float, float, int, NDArray[np.bool_]]:
    """Trunk's length, turn and facing in the shot that shows most of the lifter; and `main`.

    A cut may lead to another place of the camera, or nearer.
    """
    seen = np.isfinite(joints[:, NECK, 0])
    most = int(np.bincount(shot, seen, minlength=1).argmax())
    main = shot == most
    length, turned, facing = _shot(joints[main], feet[main], turn[main])
    for number in np.unique(shot[~main]):
        rows = shot == number
        other_length, other_turn, other_facing = _shot(joints[rows], feet[rows], turn[rows])
        near = max(length, other_length) <= _SAME_SIZE * min(length, other_length)
        alike = abs(turned - other_turn) <= _SAME_TURN_DEG and facing * other_facing >= 0
        main[rows] = near and alike
    return length, turned, facing, main


def _shot(joints: F64, feet: F64, turn: F64) -> tuple[float, float, int]:
    length = upright_trunk_length_px(trunk_length_px(joints.astype(np.float32)).astype(np.float64))
    turned = estimate_turn_deg(turn, joints, length)
    is_front = classify_view(turned) is View.FRONT
    return length, turned, 0 if is_front else infer_facing(joints, feet, length)


def _plausible(people: Sequence[Person | None]) -> list[Person | None]:
    """The people without those upside down, or with a trunk far longer than it is in this clip."""
    people = [None if person and _is_upside_down(person) else person for person in people]
    unseen = np.full((JOINTS, 2), np.nan, np.float32)
    xy = np.array([unseen if person is None else person.xy_px for person in people])
    trunks = trunk_length_px(xy.reshape(-1, JOINTS, 2)).astype(np.float64)
    longest = _MAX_TRUNK * upright_trunk_length_px(trunks)
    return [
        None if length > longest else person for person, length in zip(people, trunks, strict=True)
    ]


def _measured(people: Sequence[Person | None]) -> tuple[F64, F64, F64, F64, F64, F64]:
    """Joints, confidences, feet, outlines, soles and turns as arrays; NaN where nobody is seen."""
    n = len(people)
    xy, confidence = np.full((n, JOINTS, 2), np.nan), np.zeros((n, JOINTS))
    feet = np.full((n, len(FEET), 2), np.nan)
    outline = np.full((n, 2, OUTLINE_LEVELS), np.nan)
    soles, turn = np.full((n, 2, 2), np.nan), np.full(n, np.nan)
    for row, person in enumerate(people):
        if person is not None:
            xy[row], confidence[row] = person.xy_px, person.confidence
            sure = person.feet_confidence >= _SURE_FOOT
            feet[row] = np.where(sure[:, None], person.feet_px, np.nan)
            outline[row], soles[row] = person.outline_px, person.sole_px
            turn[row] = person.turn_deg
    return xy, confidence, feet, outline, soles, turn


def _pitch_deg(soles: F64, time_s: F64, shot: NDArray[np.int64], trunk: float) -> F64:
    """How far soles (n, 2, 2) pitch, (n, 1); NaN for what is no sole."""
    pitch = sole_pitch_deg(soles)
    lowest = soles[..., 1].max(-1)
    for number in np.unique(shot):
        rows = np.flatnonzero((shot == number) & np.isfinite(lowest))
        since, until = (
            np.searchsorted(time_s[rows], time_s[rows] + by) for by in (-_STANDS_S, _STANDS_S)
        )
        for row, first, last in zip(rows, since, until, strict=True):
            floor = np.percentile(lowest[rows[first : last + 1]], _FLOOR)
            if lowest[row] < floor - _OFF_FLOOR * trunk:
                pitch[row] = np.nan
    return pitch[:, None]


def _is_upside_down(person: Person) -> bool:
    """Whether the neck hangs far below the hips, or the feet are above them: no lifter's do.

    Where the head leaves the picture the network may turn a person over.
    """
    hips, neck = person.xy_px[[L_HIP, R_HIP]].mean(0), person.xy_px[NECK]
    feet = person.xy_px[[L_ANKLE, R_ANKLE]].mean(0)
    hangs = neck[1] - hips[1] > _MAX_HANG * np.linalg.norm(neck - hips)
    return bool(hangs or feet[1] < hips[1])


def _bridged(confidence: F64) -> F64:
    """Confidence of filled joints: that of the nearest measured ones before; at least 0.1."""
    bridged = confidence.copy()
    for row in range(1, len(bridged)):
        gone = bridged[row] == 0
        bridged[row, gone] = bridged[row - 1, gone]
    return bridged
