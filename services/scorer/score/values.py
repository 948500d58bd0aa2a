"""The values of a posture that are compared with good lifts: angles and distances. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import MAX_TURN_DEG, to_sagittal
from services.scorer.motion.motion import middle
from services.scorer.observe import ObservedLift
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import FaultUnit
from shared.data.skeleton import (
    L_ANKLE,
    L_HIP,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_SHOULDER,
    R_WRIST,
)

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Value:
    """A value of a posture.

    Attributes:
        unit: Its unit.
        error: Its error of measurement, in `unit`, as a standard deviation.
    """

    unit: FaultUnit
    error: float

    @property
    def min_width(self) -> float:
        """Smallest half width of good lifts that deviations are measured in: twice the error."""
        return 2 * self.error


#: Value → unit and error. All are those of the sagittal plane. Markerless angles have an RMSE of
#: 6–12° at the knee and 11–17° at the hip (doi 10.1177/17543371251348697), most of which is the
#: same in all lifts and drops out of a comparison. Measured on copies of 16 real clips (mirrored,
#: half the size, half the rate, strongly compressed): 0.4 to 2.9° and 0.006 to 0.017 trunk lengths
#: (medians, by part). Chosen: above that, since clothes and camera add theirs.
VALUES: dict[str, Value] = {
    "trunk_lean": Value(FaultUnit.DEGREE, 3.0),
    "thigh_elevation": Value(FaultUnit.DEGREE, 3.0),
    "hip": Value(FaultUnit.DEGREE, 4.0),
    "knee": Value(FaultUnit.DEGREE, 4.0),
    "elbow_bend": Value(FaultUnit.DEGREE, 5.0),
    "head_tilt": Value(FaultUnit.DEGREE, 6.0),
    "back_bend": Value(FaultUnit.DEGREE, 3.0),
    "bar_ahead": Value(FaultUnit.TRUNK_LENGTH, 0.03),
    "shoulders_ahead": Value(FaultUnit.TRUNK_LENGTH, 0.04),
    "trunk_shortening": Value(FaultUnit.TRUNK_LENGTH, 0.025),
}


def measure_postures(lift: ObservedLift) -> F64:
    """The values of each row of a lift, (n, len(VALUES)); NaN where unknown.

    Rows with an impossible posture, and lifts seen from more than `MAX_TURN_DEG` off the side or
    with an unknown facing, have none.

    `thigh_elevation` is the angle of knee to hip above horizontal; `bar_ahead` is how far the hands
    are ahead of the ankles, `shoulders_ahead` how far the shoulders are ahead of the hands, and
    `trunk_shortening` how much shorter the trunk (hips to neck) is than at lockout.
    """
    motion, angles = lift.motion, lift.kinematics
    if motion.facing == 0 or not motion.turn_deg <= MAX_TURN_DEG:
        return np.full((len(motion), len(VALUES)), np.nan)
    xy = to_sagittal(motion.xy_px, motion.facing, motion.turn_deg) / motion.trunk_length_px

    def both(left: int, right: int) -> F64:
        return middle(xy[:, left], xy[:, right])

    shoulders, hips = both(L_SHOULDER, R_SHOULDER), both(L_HIP, R_HIP)
    hands, ankles = both(L_WRIST, R_WRIST), both(L_ANKLE, R_ANKLE)
    trunk = np.linalg.norm(xy[:, NECK] - hips, axis=-1)
    columns = {
        "trunk_lean": angles.trunk_lean,
        "thigh_elevation": angles.thigh_elevation,
        "hip": angles.hip,
        "knee": angles.knee,
        "elbow_bend": 180 - angles.elbow,
        "head_tilt": angles.head_tilt,
        "back_bend": angles.back_flexion,
        "bar_ahead": (hands - ankles)[:, 0],
        "shoulders_ahead": (shoulders - hands)[:, 0],
        "trunk_shortening": _at_lockout(trunk, lift.reps) - trunk,
    }
    values = np.stack([columns[name] for name in VALUES], axis=-1)
    return np.where(angles.plausibility[:, None] > 0, values, np.nan)


def _at_lockout(length: F64, reps: tuple[RepBoundaries, ...]) -> float:
    """Median of a length (n,) between lockout and lowering of all repetitions; NaN if unseen."""
    rows = [np.arange(rep.top, rep.lower + 1) for rep in reps if rep.body_seen]
    known = length[np.concatenate(rows)] if rows else np.zeros(0)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else float("nan")
