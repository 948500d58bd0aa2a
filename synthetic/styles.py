"""How each style of deadlift begins: angles of the legs, widths of feet and grip. Pure."""

from dataclasses import dataclass

from synthetic.settings import Lift

#: Radius of an Olympic plate, metres: the height of the bar's middle before the pull.
PLATE_RADIUS_M = 0.225

#: Distance of the bar ahead of the ankles, metres: over the middle of the foot.
BAR_AHEAD_M = 0.1


@dataclass(frozen=True)
class Style:
    """The start of a style.

    Attributes:
        shank_deg: Lean of the shank.
        thigh_deg: Elevation of the thigh above horizontal.
        toes_out_deg: Turn of the feet.
        ankle_half_m: Half distance of the ankles.
        knee_half_m: Half distance of the knees.
        grip_half_m: Half distance of the hands.
        bar_height_m: Height of the bar's middle.
    """

    shank_deg: float
    thigh_deg: float
    toes_out_deg: float
    ankle_half_m: float
    knee_half_m: float
    grip_half_m: float
    bar_height_m: float


_STYLES = {
    "conventional": Style(12.0, 33.0, 12.0, 0.14, 0.15, 0.26, PLATE_RADIUS_M),
    "sumo": Style(6.0, 27.0, 35.0, 0.36, 0.35, 0.19, PLATE_RADIUS_M),
    "romanian": Style(1.0, 70.0, 8.0, 0.12, 0.12, 0.26, PLATE_RADIUS_M + 0.1),
}


def style_of(lift: Lift) -> Style:
    """The style of a set."""
    return _STYLES[lift.style]
