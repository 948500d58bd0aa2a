"""Quantities of the body and its picture: proportions, jitter, soles, tilt, hidden joints."""

from collections.abc import Callable

import numpy as np

from services.scorer.motion.clip_quality import estimate_occlusion, estimate_tilt_deg
from services.scorer.motion.soles import measured_pitch_deg
from shared.data.analysis import View
from shared.data.anthropometry import (
    FOREARM_OVER_TRUNK,
    SHANK_OVER_TRUNK,
    THIGH_OVER_TRUNK,
    UPPER_ARM_OVER_TRUNK,
)
from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_SHOULDER,
    trunk_length_px,
)

from .observed import Observed
from .quantity import Quantity, Samples, highest, known, median


def _raw(one: Observed) -> np.ndarray:
    """The joints as the pose stage saw them, in trunk lengths, (n, 15, 2)."""
    unseen = np.full((15, 2), np.nan)
    seen = np.array([unseen if person is None else person.xy_px for person in one.seen.people])
    return seen / one.lift.motion.trunk_length_px


def _limb_ratios(one: Observed, left: int, right: int) -> np.ndarray:
    """Length of a limb on the lifter's left, (n,); side and oblique views only."""
    if one.lift.motion.view not in (View.SIDE, View.OBLIQUE):
        return np.zeros(0)
    ahead = 1 / np.cos(np.radians(one.lift.motion.turn_deg))
    along = (one.xy[:, left] - one.xy[:, right]) * (ahead, 1.0)
    return np.asarray(np.linalg.norm(along, axis=-1))


def _limb(left: int, right: int) -> Samples:
    return lambda one: [median(_limb_ratios(one, left, right))]


def _of_usual(*limbs: tuple[int, int, float]) -> Samples:
    """Length of limbs over their usual length, in each row."""

    def samples(one: Observed) -> list[float]:
        ratios = [_limb_ratios(one, left, right) / usual for left, right, usual in limbs]
        return known(np.concatenate(ratios)).tolist()

    return samples


def _shoulders(one: Observed) -> list[float]:
    if one.lift.motion.view is not View.FRONT:
        return []
    return [abs(median(one.xy[:, L_SHOULDER, 0] - one.xy[:, R_SHOULDER, 0]))]


def _standing(one: Observed) -> list[float]:
    line = np.linalg.norm(one.xy[:, NECK] - one.xy[:, [L_ANKLE, R_ANKLE]].mean(1), axis=-1)
    return [highest(line)]


def _trunk_stretch(one: Observed) -> list[float]:
    return [highest(trunk_length_px(_raw(one).astype(np.float32)))]


def _hang(one: Observed) -> list[float]:
    """Sine of the trunk's angle below horizontal, the greatest in each pull."""
    trunk = one.xy[:, NECK] - one.xy[:, [L_HIP, R_HIP]].mean(1)
    sine = trunk[:, 1] / np.linalg.norm(trunk, axis=-1)
    return [highest(sine[rep.start : rep.top + 1]) for rep in one.lift.reps]


def _jitter(one: Observed) -> list[float]:
    """Typical distance of a measured joint from its smoothed place."""
    return [median(np.linalg.norm(_raw(one) - one.xy, axis=-1))]


def _soles_px(one: Observed) -> np.ndarray:
    unseen = np.full((2, 2), np.nan)
    seen = [unseen if person is None else person.sole_px for person in one.seen.people]
    return np.array(seen, float)


def _soles_above_floor(one: Observed) -> list[float]:
    """Height of each sole above the lowest tenth of its shot's, in trunk lengths."""
    lowest = _soles_px(one)[..., 1].max(-1) / one.lift.motion.trunk_length_px
    lowest = lowest[one.lift.motion.main]
    known_soles = known(lowest)
    return (np.percentile(known_soles, 90) - known_soles).tolist() if known_soles.size else []


def _pitch_jitter(one: Observed) -> list[float]:
    motion = one.lift.motion
    raw = measured_pitch_deg(_soles_px(one), motion.time_s, motion.shot, motion.trunk_length_px)
    return [median(np.abs(raw[:, 0] - motion.sole_deg))]


def _flat_pitch(one: Observed) -> list[float]:
    motion = one.lift.motion
    soles = known(motion.sole_deg[motion.main])
    is_side = motion.view is View.SIDE and motion.facing
    return [float(np.percentile(soles, 35))] if soles.size and is_side else []


def _highest_pitch(one: Observed) -> list[float]:
    pitch = one.lift.kinematics.foot_pitch
    return [highest(pitch[rep.start : rep.top + 1]) for rep in one.lift.reps]


def _feet_confidence(one: Observed) -> list[float]:
    return [
        median(np.array(person.feet_confidence)) for person in one.seen.people if person is not None
    ]


def _seen_fraction(one: Observed) -> list[float]:
    return [float(np.mean([person is not None for person in one.seen.people]))]


def _of_clip(measure: Callable[[Observed], float]) -> Samples:
    return lambda one: [measure(one)]


_S = "services.scorer."
_A = "shared.data.anthropometry:"
BODY_QUANTITIES = (
    Quantity("thigh over trunk", f"{_A}THIGH_OVER_TRUNK", _limb(L_HIP, L_KNEE)),
    Quantity("shank over trunk", f"{_A}SHANK_OVER_TRUNK", _limb(L_KNEE, L_ANKLE)),
    Quantity("upper arm over trunk", f"{_A}UPPER_ARM_OVER_TRUNK", _limb(L_SHOULDER, L_ELBOW)),
    Quantity("forearm over trunk", f"{_A}FOREARM_OVER_TRUNK", _limb(L_ELBOW, L_WRIST)),
    Quantity("shoulders over trunk, front views", f"{_A}SHOULDERS_OVER_TRUNK", _shoulders),
    Quantity(
        "thigh and shank over usual, in each frame",
        f"{_S}motion.plausibility:_BODY_RANGE",
        _of_usual((L_HIP, L_KNEE, THIGH_OVER_TRUNK), (L_KNEE, L_ANKLE, SHANK_OVER_TRUNK)),
    ),
    Quantity(
        "arm over usual, in each frame",
        f"{_S}motion.plausibility:_ARM_RANGE",
        _of_usual(
            (L_SHOULDER, L_ELBOW, UPPER_ARM_OVER_TRUNK), (L_ELBOW, L_WRIST, FOREARM_OVER_TRUNK)
        ),
    ),
    Quantity("longest trunk over upright", f"{_S}motion.plausibility:_MAX_STRETCH", _trunk_stretch),
    Quantity("neck below hips in a pull, sine", f"{_S}motion.plausibility:_MAX_HANG", _hang),
    Quantity("neck to ankles, standing", f"{_S}motion.clip_quality:_MIN_STANDING", _standing),
    Quantity("jitter of a joint, trunk lengths", f"{_S}motion.build:_JOINT_FLOOR", _jitter),
    Quantity("jitter of a sole's pitch, °", f"{_S}motion.build:_PITCH_FLOOR_DEG", _pitch_jitter),
    Quantity(
        "confidence of heels and toes", f"{_S}motion.build:_MIN_FOOT_CONFIDENCE", _feet_confidence
    ),
    Quantity(
        "sole above the floor, trunk lengths",
        f"{_S}motion.soles:_MAX_OFF_FLOOR",
        _soles_above_floor,
    ),
    Quantity("flat foot's pitch, side views, °", f"{_S}motion.soles:_MAX_FLAT_DEG", _flat_pitch),
    Quantity(
        "highest foot pitch in a pull, °",
        f"{_S}faults.heels_lift:HeelsLift.threshold_deg",
        _highest_pitch,
    ),
    Quantity(
        "tilt of the picture, °",
        f"{_S}motion.clip_quality:_MAX_TILT_DEG",
        _of_clip(lambda one: estimate_tilt_deg(one.lift.motion)),
    ),
    Quantity(
        "fraction of hidden joints",
        f"{_S}motion.clip_quality:_MAX_OCCLUSION",
        _of_clip(lambda one: estimate_occlusion(one.lift.motion)),
    ),
    Quantity(
        "fraction of frames with the lifter",
        f"{_S}motion.clip_quality:_MIN_SEEN_FRACTION",
        _seen_fraction,
    ),
    Quantity(
        "length of the trunk, px",
        f"{_S}motion.clip_quality:_MIN_TRUNK_LENGTH_PX",
        _of_clip(lambda one: one.lift.motion.trunk_length_px),
    ),
)
