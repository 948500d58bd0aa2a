"""The part of a frame that a picture shows: the lifter, the bar and the floor. Pure."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from shared.data.analysis import LifterFrame

#: Margin around lifter and bar, as a fraction of their height. Chosen: plates fit into it.
_MARGIN = 0.16

#: Smallest width of a picture over its height. Chosen: a standing lifter behind the plates fits.
_MIN_ASPECT = 0.8

#: Percentile of the lifter's lowest points over the frames that is taken as the floor.
_FLOOR_PERCENTILE = 90

#: Left, top, right, bottom of a part of a frame, whole pixels.
Crop = tuple[int, int, int, int]


def find_floors(frames: Sequence[LifterFrame]) -> dict[int, float]:
    """The floor's y in each shot, from the lifter's lowest points.

    A single frame is not enough: of a lifter bent over the bar, the ankles are found too high
    behind the plates, and the feet would be cut off.
    """
    lowest_px: dict[int, list[float]] = defaultdict(list)
    for frame in frames:
        points = frame.xy_px if frame.person is None else (*frame.xy_px, *frame.person.sole_px)
        lowest_px[frame.shot].append(float(np.nanmax(np.array(points)[:, 1])))
    return {shot: float(np.percentile(y, _FLOOR_PERCENTILE)) for shot, y in lowest_px.items()}


def crop_around(
    frames: Sequence[LifterFrame], floor_px: float, width_px: int, height_px: int
) -> Crop:
    """The part of the picture around the lifter and the bar in some frames, down to the floor.

    Args:
        frames: those whose lifter and bar must fit.
        floor_px: y of the floor.
        width_px: width of the picture.
        height_px: height of the picture.

    Returns:
        The part; the whole picture where the lifter is outside of it.
    """
    points = np.concatenate([np.vstack([frame.xy_px, frame.bar_px]) for frame in frames])
    points = points[np.isfinite(points).all(-1)].astype(np.float64)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    bottom = max(bottom, floor_px)
    margin = _MARGIN * max(bottom - top, 0.7 * (right - left))
    crop_width = max(_MIN_ASPECT * (bottom - top + 2 * margin), right - left + 2 * margin)
    x = (left + right) / 2
    x0, y0 = max(0, round(x - crop_width / 2)), max(0, round(top - margin))
    x1, y1 = min(width_px, round(x + crop_width / 2)), min(height_px, round(bottom + margin))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return 0, 0, width_px, height_px
    return x0, y0, x1, y1
