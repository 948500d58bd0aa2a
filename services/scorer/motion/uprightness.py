"""Whether the picture shows an upright body that holds together from frame to frame. Pure.

A lifter stands on the feet, so the legs point down in every phase of a deadlift. In a picture that
is turned without a mark they point up or aside. Networks that expect people to be upright fit an
upright skeleton even to a body that is upside down; its joints then jump about.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import frame_step_s, joints_px
from shared.data.messages import Person
from shared.data.skeleton import L_ANKLE, L_HIP, R_ANKLE, R_HIP, trunk_length_px

F64 = NDArray[np.float64]

#: Angle of the legs (hips to ankles) from straight down from which a body counts as lying, and from
#: which it counts as upside down, in degrees. Chosen: a quarter turn is 90°, so the limits are near
#: the middles between 0, 90 and 180. Measured: the legs of real lifters are at 1 to 29° (medians of
#: 39 clips), those of the same clips turned by 90° at 85 to 109°.
_LYING_DEG, _UPSIDE_DOWN_DEG = 50.0, 130.0

#: Fraction of the frames from which lying or hanging legs count. Chosen: most of them. Misplaced
#: ankles do so in up to 0.09 of the frames of real clips.
_MOST = 0.5

#: Maximum median jump of the joints between frames (second difference of their positions) that one
#: body can show, in trunk lengths. Chosen: a lifter would have to accelerate by 9 g all the time to
#: look like that at 30 frames per second. Measured: 0.02 to 0.10 in 39 real clips, 0.12 to 0.49
#: (median 0.31) in upside-down ones, and 0.13 to 1.0 (median 0.5) where frames are out of order.
_MAX_JUMP = 0.2

#: Minimum frame rate at which jumps are measured, in frames per second. Chosen: at lower rates a
#: lifter moves as far between two frames. The pictures of a folder, 10 per second, need not show
#: one motion at all.
_MIN_FPS = 12.0

_TURN_IT = "turn the video and analyse it again"
UPSIDE_DOWN = f"the picture is upside down, so nothing was scored: {_TURN_IT}"
LYING = (
    "the person lies in the picture, so nothing was scored: if it is upside down or on its side, "
    f"{_TURN_IT}"
)
JUMPING = (
    "the picture seems to be upside down or on its side, or its frames out of order, so nothing "
    f"was scored: {_TURN_IT}; if it is upright, film in better light"
)


def describe_wrong_way_up(people: Sequence[Person | None]) -> str:
    """What is wrong with the way up of a lifter in the picture, for people; "" if nothing is.

    Args:
        people: the lifter in each frame as measured, None where not seen.
    """
    angle = legs_from_down_deg(joints_px(people))
    angle = angle[np.isfinite(angle)]
    if angle.size and (angle >= _UPSIDE_DOWN_DEG).mean() > _MOST:
        return UPSIDE_DOWN
    return LYING if angle.size and (angle >= _LYING_DEG).mean() > _MOST else ""


def is_jumping(people: Sequence[Person | None], time_s: F64) -> bool:
    """Whether the joints jump about too much to be those of one body.

    Args:
        people: the lifter in each frame as measured, None where not seen.
        time_s: (n,), time of each frame.
    """
    return median_jump(joints_px(people), time_s) > _MAX_JUMP


def legs_from_down_deg(xy_px: F64) -> F64:
    """Angle of the legs from straight down, (n, 15, 2) → (n,), 0..180; NaN where unseen."""
    legs = xy_px[:, [L_ANKLE, R_ANKLE]].mean(1) - xy_px[:, [L_HIP, R_HIP]].mean(1)
    return np.asarray(np.abs(np.degrees(np.arctan2(legs[:, 0], legs[:, 1]))))


def median_jump(xy_px: F64, time_s: F64) -> float:
    """Median jump of the joints of (n, 15, 2) in trunk lengths; NaN at a low frame rate."""
    if len(time_s) < 3 or not 0 < frame_step_s(time_s) < 1 / _MIN_FPS:
        return float("nan")
    jumps = np.linalg.norm(np.diff(xy_px, 2, axis=0), axis=-1)
    trunks = trunk_length_px(xy_px.astype(np.float32))
    if not np.isfinite(jumps).any() or not np.nanmedian(trunks) > 0:
        return float("nan")
    return float(np.nanmedian(jumps) / np.nanmedian(trunks))
