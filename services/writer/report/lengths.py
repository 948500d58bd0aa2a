"""Trunk lengths in centimetres and metres, and velocities that cannot be true. Pure."""

import math

from shared.data.analysis import LengthUnit, Lifter
from shared.data.anthropometry import TRUNK_OVER_STATURE

#: Trunk of a lifter in a clip without a scale, in metres. Derived: `TRUNK_OVER_STATURE` of 1.74 m;
#: adults have 0.42 to 0.60 m, so what is computed with it is called "about".
USUAL_TRUNK_M = round(TRUNK_OVER_STATURE * 1.74, 2)

#: Velocity beyond which a bar was misread, in m/s. Derived: half way up a pull of 0.6 m, a bar that
#: is faster than √(2 · 9.81 m/s² · 0.3 m) = 2.4 m/s flies past lockout by itself, and nobody throws
#: a deadlift.
MAX_VELOCITY_M_S = 2.4


def estimate_trunk_m(lifter: Lifter) -> float:
    """Length of a lifter's trunk in metres: by the bar's scale where there is one, else usual."""
    scale_px, trunk_px = lifter.bar.px_per_unit, lifter.summary.trunk_length_px
    if lifter.bar.unit is LengthUnit.METRE and scale_px > 0 and trunk_px > 0:
        return trunk_px / scale_px
    return USUAL_TRUNK_M


def metres_per_unit(lifter: Lifter) -> float:
    """Metres in one unit of the bar's distances."""
    return 1.0 if lifter.bar.unit is LengthUnit.METRE else USUAL_TRUNK_M


def is_possible(velocity_m_s: float) -> bool:
    """Whether a velocity is known, and one that a bar can have in a deadlift."""
    return math.isfinite(velocity_m_s) and 0 <= velocity_m_s <= MAX_VELOCITY_M_S
