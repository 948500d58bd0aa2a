"""The angles of a lifter's body through time. Pure.

All are those of the sagittal plane. A camera that stands off the side sees what lies ahead of the
lifter foreshortened; that is put right by the cosine of its angle, up to `MAX_TURN_DEG`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from services.scorer.motion.plausibility import compute_plausibility
from services.scorer.motion.view import MAX_TURN_DEG
from shared.data.analysis import ANGLES, Angles, View
from shared.data.skeleton import (
    HEAD,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

F64 = NDArray[np.float64]

#: Of two sides that differ, the one that is seen better counts with this power of its confidence.
_SURENESS = 2.0

#: Both legs are as long. One that looks shorter is pointed at the camera, or its knee is misplaced
#: behind a plate; it counts with this power of its share.
_SHORT = 8.0

#: Levels of the trunk's outline (of 0 hips … 10 neck) that tell the back's bend; the uppermost is
#: the shoulder's. So many to each side of the middle must be known.
_BACK, _EACH_SIDE = range(0, 10), 2

#: The flat foot's pitch: so many percent of the main shot's soles are flatter.
_FLAT = 35

#: A flat foot seen from the side pitches by no more than this: the shoe's own shape, and a camera
#: that looks down while toes point outwards.
_MAX_FLAT_DEG = 10.0


#: An angle between limbs that are less plausible than this is not known.
_POSSIBLE = 0.5


@dataclass(frozen=True, eq=False)
class Kinematics:
    """Angles in degrees, one a row of the motion, NaN where unknown; each (n,).

    trunk_lean: hips to neck from upright, forward positive. thigh_elevation: knee to hip above
    horizontal: how high the hips stand. shank_lean: ankle to knee from upright, forward positive.
    hip, knee, elbow: 180 is straight; hip and knee are more where over-stretched. head_tilt: neck
    to head against the trunk, extension (looking up) positive. foot_pitch: heel above toe, against
    the clip's flat foot. back_flexion: the outline's lower half against its upper half, rounded
    positive, not yet compared with a neutral back. trunk_confidence, legs_confidence,
    arms_confidence: confidence of the least sure joint that the angles there stand on, on the side
    that is seen better, 0..1. plausible: how far the posture can be a body's, 0..1.
    """

    trunk_lean: F64
    thigh_elevation: F64
    shank_lean: F64
    hip: F64
    knee: F64
    elbow: F64
    head_tilt: F64
    foot_pitch: F64
    back_flexion: F64
    trunk_confidence: F64
    legs_confidence: F64
    arms_confidence: F64
    plausible: F64


def compute_kinematics(motion: Motion) -> Kinematics:
    """The angles of a motion; those that need to know where ahead is are NaN in front views."""
    xy = _sagittal(motion, motion.xy_px)
    hips, neck = xy[:, [L_HIP, R_HIP]].mean(1), xy[:, NECK]
    trunk = neck - hips

    plausible = compute_plausibility(motion)
    hips_there, arms_there = plausible.hips >= _POSSIBLE, plausible.arm >= _POSSIBLE
    legs_there = hips_there & (plausible.shank >= _POSSIBLE)
    elbows = _elbows(xy)
    thighs = xy[:, [L_HIP, R_HIP]] - xy[:, [L_KNEE, R_KNEE]]
    shanks = xy[:, [L_KNEE, R_KNEE]] - xy[:, [L_ANKLE, R_ANKLE]]

    def legs(both: F64) -> F64:
        confidence = motion.confidence[:, [[L_KNEE, R_KNEE], [L_ANKLE, R_ANKLE]]].min(1)
        return _weighted(both[:, 0], both[:, 1], confidence * _alike(thighs, shanks))

    return Kinematics(
        trunk_lean=_where(hips_there, _lean(trunk)),
        thigh_elevation=_where(hips_there, legs(90 - np.abs(_lean(thighs)))),
        shank_lean=_where(legs_there, legs(_lean(shanks))),
        hip=_where(hips_there, legs(_straightness(trunk[:, None], thighs))),
        knee=_where(legs_there, legs(_straightness(shanks, thighs))),
        elbow=_where(
            arms_there,
            _weighted(elbows[:, 0], elbows[:, 1], motion.confidence[:, _ARMS].min(-1)),
        ),
        head_tilt=_where(hips_there, _wrapped(_lean(trunk) - _lean(xy[:, HEAD] - neck))),
        foot_pitch=_foot_pitch(motion),
        back_flexion=_where(hips_there, _back_flexion(motion)),
        trunk_confidence=motion.confidence[:, _TRUNK].max(-1).min(-1),
        legs_confidence=motion.confidence[:, _LEGS].min(-1).max(-1),
        arms_confidence=motion.confidence[:, _ARMS].min(-1).max(-1),
        plausible=plausible.posture,
    )


_TRUNK = [[L_SHOULDER, R_SHOULDER], [L_HIP, R_HIP]]
_LEGS = [[L_HIP, L_KNEE, L_ANKLE], [R_HIP, R_KNEE, R_ANKLE]]
_ARMS = [[L_SHOULDER, L_ELBOW, L_WRIST], [R_SHOULDER, R_ELBOW, R_WRIST]]


def displayed_angles(kinematics: Kinematics) -> list[Angles]:
    """The angles that people look at, one a row, in single precision."""
    columns = [getattr(kinematics, name).astype(np.float32).tolist() for name in ANGLES]
    return [Angles(*row) for row in zip(*columns, strict=True)]


def _sagittal(motion: Motion, xy_px: F64) -> F64:
    """Ahead and up in pixels, (n, k, 2); NaN ahead where it cannot be told."""
    turn = 0.0 if np.isnan(motion.turn_deg) else motion.turn_deg
    facing = float(motion.facing) if motion.facing and turn <= MAX_TURN_DEG else np.nan
    return xy_px * (facing / np.cos(np.radians(min(turn, MAX_TURN_DEG))), -1.0)


def _where(there: NDArray[np.bool_], values: F64) -> F64:
    return np.where(there, values, np.nan)


def _foot_pitch(motion: Motion) -> F64:
    """Heel above toe against the flat foot, degrees, of the foot whose sole is seen.

    Feet are flat for most of a set, so the clip's usual pitch is that of a flat foot; but one that
    stands up all through a clip is told by the floor, which a camera at the side sees level.
    """
    known = motion.sole_deg[motion.main & np.isfinite(motion.sole_deg)]
    if not (known.size and motion.facing and motion.turn_deg <= MAX_TURN_DEG):
        return np.full(len(motion), np.nan)
    limit = _MAX_FLAT_DEG if motion.view is View.SIDE else np.inf
    flat = min(float(np.percentile(known, _FLAT)), limit)
    ahead = np.cos(np.radians(motion.turn_deg))
    pitch, usual = (np.tan(np.radians(angle)) * ahead for angle in (motion.sole_deg, flat))
    return np.asarray(np.degrees(np.arctan(pitch) - np.arctan(usual)))


def _back_flexion(motion: Motion) -> F64:
    """Bend of the dorsal outline, degrees: of two straight halves, fitted by least squares.

    Halves that meet half way up at an angle β rise over a straight line by tan(β/2)·min(x, 1-x) of
    the trunk's length, x running from 0 to 1; the line itself is free, as bodies taper.
    """
    dorsal = _dorsal_px(motion)
    if dorsal is None:
        return np.full(len(motion), np.nan)
    hips = motion.xy_px[:, [L_HIP, R_HIP]].mean(1)
    length = np.linalg.norm(motion.xy_px[:, NECK] - hips, axis=-1)
    part = dorsal[:, _BACK] / np.where(length > 0, length, np.nan)[:, None]
    x = np.linspace(0, 1, dorsal.shape[1])[_BACK]
    shape = np.stack([np.ones_like(x), x, np.minimum(x, 1 - x)], axis=-1)
    bend, seen = np.full(len(motion), np.nan), np.isfinite(part)
    for known in np.unique(seen, axis=0):
        if min(known[x < 0.5].sum(), known[x > 0.5].sum()) >= _EACH_SIDE:
            rows = (seen == known).all(-1)
            bend[rows] = part[rows][:, known] @ np.linalg.pinv(shape[known])[2]
    return np.asarray(2 * np.degrees(np.arctan(bend)))


def _dorsal_px(motion: Motion) -> F64 | None:
    """The outline's side that is the back, (n, 11); None where nothing tells which it is.

    Looking from hips to neck, the back of somebody who faces right lies on the left.
    """
    if motion.facing == 0:
        return None
    return motion.outline_px[:, 1 if motion.facing > 0 else 0]


def _alike(thighs: F64, shanks: F64) -> F64:
    """How much each leg's length, (n, 2), speaks for it beside the longer one's; at most 1."""
    length = np.nan_to_num(np.linalg.norm(thighs, axis=-1) + np.linalg.norm(shanks, axis=-1))
    share = length / np.maximum(length.max(-1, keepdims=True), 1e-9)
    return np.asarray(share ** (_SHORT / _SURENESS))


def _weighted(left: F64, right: F64, confidence: F64) -> F64:
    """Mean of two sides, each (n,), by confidence (n, 2), or the one that is known."""
    weight = np.maximum(confidence, 1e-3) ** _SURENESS
    weight = np.where(np.isfinite(np.stack([left, right], -1)), weight, 0)
    total = weight.sum(-1)
    both = np.nan_to_num(left) * weight[:, 0] + np.nan_to_num(right) * weight[:, 1]
    return np.where(total > 0, both / np.where(total > 0, total, 1), np.nan)


def _elbows(xy: F64) -> F64:
    """Both elbows, (n, 2)."""
    arms = ((L_SHOULDER, L_ELBOW, L_WRIST), (R_SHOULDER, R_ELBOW, R_WRIST))
    return np.stack([_between(xy[:, s] - xy[:, e], xy[:, w] - xy[:, e]) for s, e, w in arms], -1)


def _between(first: F64, second: F64) -> F64:
    """Angle between vectors (n, 2), degrees, 0..180."""
    cross = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return np.asarray(np.abs(np.degrees(np.arctan2(cross, (first * second).sum(-1)))))


def _lean(vector: F64) -> F64:
    """Angle from straight up towards ahead, degrees."""
    return np.asarray(np.degrees(np.arctan2(vector[..., 0], vector[..., 1])))


def _straightness(forward: F64, thighs: F64) -> F64:
    """180 less the bend between what leans forward in a bent joint and the thighs, degrees."""
    return np.asarray(180 - _wrapped(_lean(forward) - _lean(thighs)))


def _wrapped(degrees: F64) -> F64:
    return np.asarray((degrees + 180) % 360 - 180)
