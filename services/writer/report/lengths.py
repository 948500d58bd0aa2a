"""Trunk lengths in metres. Pure."""

from shared.data.analysis import LengthUnit, Lifter
from shared.data.anthropometry import USUAL_TRUNK_M


def estimate_trunk_m(lifter: Lifter) -> float:
    """Length of a lifter's trunk in metres: by the bar's scale where there is one, else usual."""
    scale_px, trunk_px = lifter.bar.px_per_unit, lifter.summary.trunk_length_px
    if lifter.bar.unit is LengthUnit.METRE and scale_px > 0 and trunk_px > 0:
        return trunk_px / scale_px
    return USUAL_TRUNK_M


def metres_per_unit(lifter: Lifter) -> float:
    """Metres in one unit of the bar's distances."""
    return 1.0 if lifter.bar.unit is LengthUnit.METRE else USUAL_TRUNK_M
