"""After which stage of a network a picture's maps have converged. Pure.

Each stage refines the maps of the one before. They have converged when the peaks, which are what
joints are made of, stay where they are: elsewhere maps may change as they like. On twenty real
clips no limit on the maps themselves (greatest or mean change, of all or at the peaks) did better
in as much time, nor did comparing whole people, which takes seven times as long.
"""

from collections.abc import Iterable

import numpy as np

from services.pose.openpose.layouts import Layout
from services.pose.openpose.peaks import Peaks
from services.pose.openpose.people import People, peaks_in, people_of
from shared.data.skeleton import F32

#: Heat maps (n, maps, h, w) and fields (n, channels, h, w) of n pictures.
Maps = tuple[F32, F32]

#: Peaks stay where they are when they move by no more than this on the whole, in cells: with less
#: hardly any picture is spared a stage, with more the error is that of fewer stages for all.
_MAX_STEP = 0.3

#: A peak that comes or goes counts as one that moves by so many cells.
_GONE = 2.0


def settled_people(stages: Iterable[Maps], layout: Layout) -> list[People]:
    """Each picture's people, as of the first stage that leaves the peaks where they were.

    No more stages are asked for than it takes; where all have run, it is the last. What a picture
    gives does not depend on those beside it: stages that are run for them alone change nothing.
    """
    found: dict[int, People] = {}
    peaks: dict[int, Peaks] = {}
    for heatmaps, fields in stages:
        for picture in range(len(heatmaps)):
            if picture in found:
                continue
            now = peaks_in(heatmaps[picture], layout)
            if picture in peaks and step(peaks[picture], now) <= _MAX_STEP:
                found[picture] = people_of(now, fields[picture], layout)
            peaks[picture] = now
        if len(found) == len(heatmaps):
            break
    for picture in peaks.keys() - found.keys():
        found[picture] = people_of(peaks[picture], fields[picture], layout)
    return [found[picture] for picture in sorted(found)]


def step(before: Peaks, now: Peaks) -> float:
    """How far peaks have moved, in cells: from each to the nearest of the same joint in the other.

    That is the mean of both ways, in which a peak counts as much as it is high.
    """
    apart = np.linalg.norm(before.xy[:, None] - now.xy[None], axis=-1)
    apart = np.where(before.joint[:, None] == now.joint[None], apart, _GONE)
    nearest = np.concatenate([apart.min(axis, initial=_GONE) for axis in (1, 0)])
    heights = np.concatenate([before.confidence, now.confidence])
    return float((nearest * heights).sum() / max(heights.sum(), 1e-6))
