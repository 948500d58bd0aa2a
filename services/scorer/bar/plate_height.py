"""How high the bar is at the bottom of the repetitions, by its plate. Pure."""

from collections.abc import Sequence

import numpy as np

from services.scorer.bar.plate_tracking import BarPlate
from services.scorer.motion.motion import Motion, middle
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Partial
from shared.data.skeleton import L_ANKLE, R_ANKLE

#: Maximum difference of a plate's height in the picture from that of the tracked one, as a fraction
#: of it, and maximum horizontal distance from the hands, in trunk lengths, for it to be on the same
#: bar. Chosen: the other end of a bar that is turned by 25° is smaller by a tenth, and 0.6 trunk
#: lengths from the hands; other plates may lie beside the lifter.
_SAME_SIZE, _MAX_AWAY = 0.25, 1.0

#: Rows before and after a start in which plates are looked for. Chosen: not every row shows both.
_NEAR_ROWS = 2


def plate_above_ankles(motion: Motion, found: BarPlate, reps: Sequence[RepBoundaries]) -> float:
    """Median height of the near plate's centre over the ankles at the starts, in its diameters.

    A camera beside the lifter, above the bar, sees the nearer plate lower in the picture: of those
    that may be on the bar, the lowest is taken. The ankles are taken at lockout, since plates hide
    them at the start.

    Returns:
        The height; NaN where no plate moves with the hands, or no ankle is seen.
    """
    reps = [rep for rep in reps if rep.partial is not Partial.NO_START]
    if found.plate is None or not reps:
        return float("nan")
    diameter_px, seen = found.plate.diameter_px, found.seen
    alike = np.abs(seen.height_px / diameter_px - 1) < _SAME_SIZE
    away_px = np.abs(seen.xy_px[:, 0] - found.hands_px[seen.row, 0])
    on_bar = alike & (away_px < _MAX_AWAY * motion.trunk_length_px)
    ankles_px = middle(motion.xy_px[:, L_ANKLE, 1], motion.xy_px[:, R_ANKLE, 1])
    heights = []
    for rep in reps:
        near = on_bar & (np.abs(seen.row - rep.start) <= _NEAR_ROWS)
        if near.any():
            heights.append((ankles_px[rep.top] - seen.xy_px[near, 1].max()) / diameter_px)
    known = np.array(heights)[np.isfinite(heights)]
    return float(np.median(known)) if known.size else float("nan")
