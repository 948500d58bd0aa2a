"""How well the clip shows the lifter, and what follows from it for the results. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import lean_deg
from services.scorer.motion.motion import Motion, frame_step_s
from shared.data.analysis import View
from shared.data.skeleton import (
    ARMS,
    L_ANKLE,
    L_HIP,
    LEGS,
    NECK,
    R_ANKLE,
    R_HIP,
    SEEN_CONFIDENCE,
)

#: Frame rate below which the user is warned, in frames per second. Chosen: a fast pull of 0.7 s has
#: about ten frames then.
_MIN_FPS = 15.0

#: Fraction of frames with the lifter below which the user is warned. Chosen: a fifth is missing.
#: Real clips have 0.83 and more (95 % of 39).
_MIN_SEEN_FRACTION = 0.8

#: Fraction of hidden joints above which the user is warned. Chosen: more than usual, since 0.03 of
#: the joints are hidden in the median of 39 real clips, and 0.16 in those with a plate in front.
_MAX_OCCLUSION = 0.2

#: Trunk length below which the user is warned, in pixels. Chosen: a wrist is 5 px wide then. The
#: trunks of real clips have 85 to 288 px.
_MIN_TRUNK_LENGTH_PX = 60.0

#: Tilt of the picture above which the user is warned, in degrees. Chosen: above a lifter's own
#: lean. 35 real clips measure -3.7 to 4.1°, and level rendered ones -2.8 to 1.0°, but -8° in sumo
#: stances at 25° off the side.
_MAX_TILT_DEG = 6.0

#: Minimum distance from neck to ankle of a lifter counted as standing, in trunk lengths. Chosen:
#: 0.3 less, for some bend, than trunk, thigh and shank together (2.4 in
#: `shared.data.anthropometry`). Real lifters who stand measure 2.2 and more.
_MIN_STANDING = 2.1

#: Maximum hip bend of a lifter counted as standing, in degrees. Chosen: just below the network's
#: error at the hip (11–17°).
_MAX_BENT_DEG = 10.0

#: Minimum length of the standing lifter whose tilt counts, over the greatest such length. Chosen: a
#: shorter one bends, or is misread.
_NEARLY_TALLEST = 0.95

#: Minimum fraction of the joints from shoulders to ankles that are likely seen of somebody who is
#: not covered. Chosen: half; from the side, the far arm is often guessed as well.
_MIN_SEEN_JOINTS = 0.5

#: Joints from shoulders to ankles. By definition.
_BODY = [joint for side in (*ARMS, *LEGS) for joint in side]


def estimate_occlusion(motion: Motion) -> float:
    """Fraction of joints that were unseen, uncertain or filled in while the lifter was seen."""
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not here.any():
        return float("nan")
    unseen = motion.confidence < SEEN_CONFIDENCE
    return float((unseen | motion.filled)[here].mean())


def find_covered(motion: Motion) -> NDArray[np.bool_]:
    """Rows in which most of the lifter's body is covered or out of the picture, (n,)."""
    known = np.isfinite(motion.xy_px).all(-1)
    seen = (known & (motion.confidence >= SEEN_CONFIDENCE))[:, _BODY].mean(1)
    return np.asarray((seen < _MIN_SEEN_JOINTS) & known.any(axis=-1))


def estimate_tilt_deg(motion: Motion) -> float:
    """Estimate the tilt of the picture in degrees, clockwise positive; NaN where unknown.

    A standing lifter is upright, so the tilt is that of the line from ankles to neck, in the frames
    in which it is longest. In a side view only the ankle with the higher confidence is used, since
    the far one is often misplaced. A lifter's own lean adds a few degrees of error.
    """
    ankles = motion.xy_px[:, [L_ANKLE, R_ANKLE]]
    better = motion.confidence[:, [L_ANKLE, R_ANKLE]].argmax(1)
    ankle = ankles[np.arange(len(motion)), better] if motion.view is View.SIDE else ankles.mean(1)
    hips, neck = motion.xy_px[:, [L_HIP, R_HIP]].mean(1), motion.xy_px[:, NECK]
    line, trunk, legs = ankle - neck, hips - neck, ankle - hips
    length = np.linalg.norm(line, axis=-1)
    bent_deg = lean_deg(trunk) - lean_deg(legs)
    is_long = length >= _MIN_STANDING * motion.trunk_length_px
    standing = is_long & (np.abs(bent_deg) <= _MAX_BENT_DEG)
    if not standing.any():
        return float("nan")
    upright = standing & (length >= _NEARLY_TALLEST * np.max(length[standing]))
    return float(np.median(-lean_deg(line[upright])))


def describe_clip_problems(
    motion: Motion, body_seen: Sequence[bool], has_attempts: bool = False
) -> tuple[str, ...]:
    """Describe what makes the clip hard to judge and what follows from it, one text per problem.

    Args:
        motion: the lifter's motion.
        body_seen: whether the lifter's body is seen, for each repetition.
        has_attempts: whether there are failed attempts.
    """
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not here.any():
        return ()
    checks = (
        (
            here.mean() < _MIN_SEEN_FRACTION,
            f"the lifter was found in only {here.sum()} of {len(here)} frames",
        ),
        (
            _fps(motion) < _MIN_FPS,
            f"only {_fps(motion):.0f} frames per second: times and velocities are coarse, and "
            "brief faults may be missed",
        ),
        (
            motion.view is View.FRONT,
            "filmed from the front or back, where trunk, hips and knees cannot be measured: film "
            "from the side next time",
        ),
        (
            motion.view is View.OBLIQUE,
            "filmed half from the front, where angles are less certain: film from the side next "
            "time",
        ),
        (
            estimate_occlusion(motion) > _MAX_OCCLUSION,
            f"plates or the rack hide {_name_fraction(estimate_occlusion(motion))} of the lifter: "
            "take this with care",
        ),
        (
            motion.trunk_length_px < _MIN_TRUNK_LENGTH_PX,
            "the lifter is small in the picture: come closer, or film in higher resolution",
        ),
        (
            abs(estimate_tilt_deg(motion)) > _MAX_TILT_DEG and motion.view is not View.UNKNOWN,
            f"the picture leans by about {abs(estimate_tilt_deg(motion)):.0f}°: level the camera",
        ),
        (
            not all(body_seen),
            f"the lifter is covered or out of the picture in {_name_reps(body_seen)}: counted by "
            "the bar, and not judged",
        ),
        (
            not body_seen and not has_attempts,
            "no repetition was found: film from before the pull to after the lowering",
        ),
    )
    return tuple(text for holds, text in checks if holds)


def _name_reps(body_seen: Sequence[bool]) -> str:
    numbers = [str(number) for number, is_seen in enumerate(body_seen, 1) if not is_seen]
    return f"rep{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"


def _fps(motion: Motion) -> float:
    step_s = frame_step_s(motion.time_s)
    return 1 / step_s if step_s > 0 else float("inf")


def _name_fraction(fraction: float) -> str:
    """A fraction of a body in words."""
    names = ((0.29, "a quarter"), (0.4, "a third"), (0.6, "half"))
    return next((name for most, name in names if fraction <= most), "most")
