"""How well the clip shows the lifter, and what that costs in trust. Pure."""

from collections.abc import Sequence

import numpy as np

from services.scorer.motion.motion import Motion
from shared.data.analysis import View
from shared.data.skeleton import L_ANKLE, L_HIP, MIN_CONFIDENCE, NECK, R_ANKLE, R_HIP

#: Below these, what is said of a clip is to be taken with care: frames a second (a fast pull then
#: has some ten frames), share of frames with the lifter, share of joints hidden, body height in
#: pixels (a wrist is then 5 px across), lean of the picture in degrees.
_MIN_FPS, _MIN_SEEN, _MAX_OCCLUSION, _MIN_TRUNK_LENGTH_PX, _MAX_TILT_DEG = 15.0, 0.8, 0.3, 60.0, 6.0

#: Neck to ankle of somebody who stands, in trunk lengths: the legs' 1.4 and the trunk's own, less
#: some bend.
_STANDING = 2.1

#: Whose hips are bent further does not stand upright, degrees.
_MAX_BENT_DEG = 10.0

#: A joint that the network is not even half sure of counts as hidden.
_SURE = 0.5


def estimate_occlusion(motion: Motion) -> float:
    """Share of joints that were unseen, unsure or filled in while the lifter was there."""
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not here.any():
        return float("nan")
    hidden = (motion.confidence[here] < max(_SURE, MIN_CONFIDENCE)) | motion.filled[here]
    return float(hidden.mean())


def estimate_tilt_deg(motion: Motion) -> float:
    """By how much the picture leans, degrees, clockwise positive; NaN where nothing tells.

    Who stands stands upright: the line from ankles to neck in the frames in which it is longest. A
    lifter seen from the side leans by a few degrees himself, and the far ankle is often misplaced.
    """
    ankles = motion.xy_px[:, [L_ANKLE, R_ANKLE]]
    better = motion.confidence[:, [L_ANKLE, R_ANKLE]].argmax(1)
    ankle = ankles[np.arange(len(motion)), better] if motion.view is View.SIDE else ankles.mean(1)
    hips, neck = motion.xy_px[:, [L_HIP, R_HIP]].mean(1), motion.xy_px[:, NECK]
    line, trunk, legs = ankle - neck, hips - neck, ankle - hips
    length = np.linalg.norm(line, axis=-1)
    bent = np.degrees(np.arctan2(*trunk.T) - np.arctan2(*legs.T))
    standing = (length >= _STANDING * motion.trunk_length_px) & (np.abs(bent) <= _MAX_BENT_DEG)
    if not standing.any():
        return float("nan")
    upright = standing & (length >= 0.95 * np.max(length[standing]))
    return float(np.median(np.degrees(np.arctan2(-line[upright, 0], line[upright, 1]))))


def describe_clip_problems(motion: Motion, reps: Sequence[object]) -> tuple[str, ...]:
    """What makes this clip hard to judge, each with its cost, in words."""
    here = np.isfinite(motion.xy_px[:, NECK, 0])
    if not here.any():
        return ()
    checks = (
        (
            here.mean() < _MIN_SEEN,
            f"the lifter was found in only {here.sum()} of {len(here)} frames",
        ),
        (
            _fps(motion) < _MIN_FPS,
            f"{_fps(motion):.0f} frames a second are few: times and velocities are coarse, and "
            "what is short may be missed",
        ),
        (
            motion.view is View.FRONT,
            "seen from the front or back, angles of trunk, hips and knees cannot be read: most "
            "faults are not judged",
        ),
        (
            motion.view is View.OBLIQUE,
            f"the camera stands about {motion.turn_deg:.0f}° off the side: angles are corrected "
            "for it and less sure",
        ),
        (
            estimate_occlusion(motion) > _MAX_OCCLUSION,
            f"{estimate_occlusion(motion):.0%} of the joints are hidden, often by plates: what "
            "stands on them is less sure",
        ),
        (
            motion.trunk_length_px < _MIN_TRUNK_LENGTH_PX,
            "the lifter is small in the picture: come closer, or film in higher resolution",
        ),
        (
            abs(estimate_tilt_deg(motion)) > _MAX_TILT_DEG and motion.view is not View.UNKNOWN,
            f"the picture leans by about {abs(estimate_tilt_deg(motion)):.0f}°: level the camera",
        ),
        (not reps, "no repetition was found: film from before the pull to after the lowering"),
    )
    return tuple(text for holds, text in checks if holds)


def _fps(motion: Motion) -> float:
    steps = np.diff(motion.time_s)
    return 1 / float(np.median(steps)) if steps.size and np.median(steps) > 0 else float("inf")
