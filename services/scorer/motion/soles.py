"""Pitch of the soles, heel above toe: in the picture, and against the flat foot. Pure."""

import numpy as np
from numpy.typing import NDArray

from services.scorer.motion.geometry import MAX_TURN_DEG, foreshortening
from services.scorer.motion.motion import Motion
from shared.data.analysis import View
from shared.data.skeleton import sole_pitch_deg

F64 = NDArray[np.float64]

#: Maximum height of a sole above the floor, in trunk lengths. Measured: plates' rims taken for
#: soles lay 0.5 and more above it, soles less than 0.1.
_MAX_OFF_FLOOR = 0.25

#: Percentile and half-width (s) of the window that give the floor's height. Chosen: the lowest sole
#: may be misread, and a lifter who walks up to the camera stands lower in the picture.
_FLOOR_PERCENTILE, _FLOOR_WINDOW_S = 90, 2.5

#: Percentile of the main shot's pitches that is the flat foot's. Chosen: below the median, because
#: feet are flat for most of a set.
_FLAT_PERCENTILE = 35

#: Maximum pitch of a flat foot seen from the side, in degrees: the shoe's own shape, and a camera
#: that looks down on toes that point outwards. Chosen: real clips from the side measure 1 to 12°.
_MAX_FLAT_DEG = 10.0


def measured_pitch_deg(
    soles_px: F64, time_s: F64, shot: NDArray[np.int64], trunk_length_px: float
) -> F64:
    """Pitch of the soles in the picture, (n, 1); NaN where unseen, or too high to be a sole.

    Args:
        soles_px: (n, 2, 2), as `shared.data.messages.Person.sole_px`.
        time_s: (n,), as in `Motion`.
        shot: (n,), as in `Motion`.
        trunk_length_px: length of the upright trunk.
    """
    pitch = sole_pitch_deg(soles_px)
    lowest = soles_px[..., 1].max(-1)
    for number in np.unique(shot):
        rows = np.flatnonzero((shot == number) & np.isfinite(lowest))
        since, until = (
            np.searchsorted(time_s[rows], time_s[rows] + by)
            for by in (-_FLOOR_WINDOW_S, _FLOOR_WINDOW_S)
        )
        for row, first, last in zip(rows, since, until, strict=True):
            floor = np.percentile(lowest[rows[first : last + 1]], _FLOOR_PERCENTILE)
            if lowest[row] < floor - _MAX_OFF_FLOOR * trunk_length_px:
                pitch[row] = np.nan
    return pitch[:, None]


def foot_pitch_deg(motion: Motion) -> F64:
    """Heel above toe against the flat foot, (n,), of the foot with a visible sole.

    The flat foot's pitch is the clip's usual one. A foot that stands on its toes all through a clip
    is compared with the floor instead, which a camera at the side sees level.
    """
    known = motion.sole_deg[motion.main & np.isfinite(motion.sole_deg)]
    if not (known.size and motion.facing and motion.turn_deg <= MAX_TURN_DEG):
        return np.full(len(motion), np.nan)
    limit = _MAX_FLAT_DEG if motion.view is View.SIDE else np.inf
    flat = min(float(np.percentile(known, _FLAT_PERCENTILE)), limit)
    ahead = foreshortening(motion.turn_deg)
    pitch, usual = (np.tan(np.radians(angle)) * ahead for angle in (motion.sole_deg, flat))
    return np.asarray(np.degrees(np.arctan(pitch) - np.arctan(usual)))
