"""Whether a plate's path is that of a lifted bar, where hands do not tell. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.motion import Motion
from services.scorer.plates.sightings import PlateSightings, rim_height_px
from shared.data.skeleton import JOINTS, L_ELBOW, L_WRIST, R_ELBOW, R_WRIST

F64 = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Minimum rise of a lifted bar, in radii of its plate, and maximum way sideways, as a fraction of
#: the rise. Derived: from the floor to the lockout a bar rises by 0.45 to 0.6 m, two to three radii
#: of 0.225 m; half of it may be hidden. Chosen: bars drift by up to a third, what rolls does not
#: rise.
MIN_RISE_RADII, _MAX_SIDEWAYS = 1.3, 0.6

#: Minimum radius of a plate that is known by its path alone, in trunk lengths, and minimum duration
#: of the path, in seconds. Chosen: 450 mm plates have 0.43, and more where the camera is near;
#: parts of bodies and machines look like smaller ones. Half of a fast pull takes as long.
_MIN_RADIUS, _MIN_DURATION_S = 0.3, 0.4

#: Minimum fraction of a path's frames with hands for the hands to speak against it, and minimum way
#: of the hands up and down, as a fraction of the plate's. Chosen: hands behind a plate are
#: misplaced by part of the way, but do not rest while the lifter stands up.
_MIN_KNOWN, _MIN_HANDS_WAY = 0.5, 0.4

#: Minimum way of the hands, in trunk lengths, beside which a plate rests, and its own maximum way,
#: as a fraction of theirs. Chosen: as for a repetition (`reps.rep_boundaries`); what is seen of a
#: lifted bar goes half of their way.
_MIN_LIFT, _MAX_REST_WAY = 0.3, 0.25

#: A circle is part of the body if it stays on a joint that moves: maximum distance from the joint
#: and maximum scatter around it, and minimum way of the joint, in trunk lengths. Chosen: heads,
#: shoulders and knees look like small plates; joints jitter by 0.02, and a plate that is lifted is
#: a trunk length from the shoulders and passes knees and hips.
_MAX_AWAY, _MAX_SCATTER, _MIN_JOINT_WAY = 0.4, 0.1, 0.25

#: Percentiles of a path's places between which its way is measured. Chosen: a few wrong places at
#: an end do not count.
_LOW, _HIGH = 5, 95

#: Joints of the body, without those that move with the bar.
_BODY = [joint for joint in range(JOINTS) if joint not in (L_WRIST, R_WRIST, L_ELBOW, R_ELBOW)]


def is_lifted(motion: Motion, seen: PlateSightings, path: Ints) -> bool:
    """Whether a path goes up or down as far, and as straight, as a lifted bar.

    Args:
        motion: the lifter's motion.
        seen: all sightings.
        path: numbers of the path's sightings.
    """
    sideways, rise = _way(seen.xy_px[path])
    radius = rim_height_px(seen.height_px[path]) / 2
    duration_s = float(np.ptp(motion.time_s[seen.row[path]]))
    if radius < _MIN_RADIUS * motion.trunk_length_px or duration_s < _MIN_DURATION_S:
        return False  # an unknown length of the trunk is no reason
    return rise >= MIN_RISE_RADII * radius and sideways <= _MAX_SIDEWAYS * rise


def rises_without_hands(hands: F64, seen: PlateSightings, path: Ints) -> bool:
    """Whether a path goes up or down while the hands rest: another lifter's bar.

    Args:
        hands: (n, 2), the middle of the hands in each row, NaN where unknown.
        seen: all sightings.
        path: numbers of the path's sightings.
    """
    held = hands[seen.row[path]]
    known = np.isfinite(held).all(-1)
    if known.mean() < _MIN_KNOWN:
        return False
    rise = _way(seen.xy_px[path[known]])[1]
    radius = rim_height_px(seen.height_px[path]) / 2
    return rise >= MIN_RISE_RADII * radius and _way(held[known])[1] < _MIN_HANDS_WAY * rise


def rests_without_hands(motion: Motion, hands: F64, seen: PlateSightings, path: Ints) -> bool:
    """Whether a path stays where it is while the hands go up or down: what they pass by.

    Args:
        motion: the lifter's motion.
        hands: (n, 2), the middle of the hands in each row, NaN where unknown.
        seen: all sightings.
        path: numbers of the path's sightings.
    """
    held = hands[seen.row[path]]
    known = np.isfinite(held).all(-1)
    if not known.any():
        return False
    hands_way = _way(held[known])[1]
    if not hands_way >= _MIN_LIFT * motion.trunk_length_px:
        return False
    return _way(seen.xy_px[path[known]])[1] < _MAX_REST_WAY * hands_way


def is_body_part(motion: Motion, seen: PlateSightings, path: Ints) -> bool:
    """Whether a path stays on a moving joint of the lifter, other than hands and elbows."""
    joints = motion.xy_px[seen.row[path]][:, _BODY]
    away = (seen.xy_px[path][:, None] - joints) / motion.trunk_length_px
    known = np.asarray(np.isfinite(away).all(-1))
    for n in np.flatnonzero(known.mean(0) >= _MIN_KNOWN):
        rows = known[:, n]
        is_on = float(np.linalg.norm(np.median(away[rows, n], axis=0))) < _MAX_AWAY
        stays = float(np.std(away[rows, n], axis=0).max()) < _MAX_SCATTER
        if is_on and stays and max(_way(joints[rows, n])) > _MIN_JOINT_WAY * motion.trunk_length_px:
            return True
    return False


def _way(xy_px: F64) -> tuple[float, float]:
    """Extent of places (k, 2), sideways and up."""
    low, high = np.percentile(xy_px, [_LOW, _HIGH], axis=0)
    return float(high[0] - low[0]), float(high[1] - low[1])
