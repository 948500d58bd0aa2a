"""After which stage of a network an image's maps have converged. Pure.

Each stage refines the maps of the one before. Maps have converged when their peaks, from which
joints are made, no longer move; elsewhere maps may still change. On twenty real clips, limits on
the maps themselves (maximum or mean change, everywhere or at the peaks) were no better for the same
time, and neither was comparing whole people, which takes seven times as long.
"""

from collections.abc import Iterable

import numpy as np

from services.pose.openpose.layouts import Layout
from services.pose.openpose.peaks import Peaks
from services.pose.openpose.people import People, assemble_people, find_candidates
from shared.data.skeleton import F32

#: Heat maps (n, maps, h, w) and fields (n, channels, h, w) of n images.
Maps = tuple[F32, F32]

#: Maximum mean shift of converged peaks, in cells. Chosen: with less, hardly any image skips a
#: stage; with more, the error is that of fewer stages for all images.
_MAX_SHIFT = 0.3

#: Shift that counts for a peak that appears or vanishes, in cells. Chosen: several times
#: `_MAX_SHIFT`, so that one such peak among few prevents an early exit.
_UNMATCHED_SHIFT = 2.0


def converged_people(stages: Iterable[Maps], layout: Layout) -> list[People]:
    """Each image's people, from the first stage that leaves its peaks in place.

    Stages are requested until all images have converged; the last stage counts for those that have
    not. The result for an image does not depend on the others of its batch, although stages that
    those need are run for all.

    Args:
        stages: the maps of one stage after the other.
        layout: what the channels of the maps mean.
    """
    found: dict[int, People] = {}
    peaks: dict[int, Peaks] = {}
    for heatmaps, fields in stages:
        for image in range(len(heatmaps)):
            if image in found:
                continue
            now = find_candidates(heatmaps[image], layout)
            if image in peaks and mean_shift(peaks[image], now) <= _MAX_SHIFT:
                found[image] = assemble_people(now, fields[image], layout)
            peaks[image] = now
        if len(found) == len(heatmaps):
            break
    for image in peaks.keys() - found.keys():
        found[image] = assemble_people(peaks[image], fields[image], layout)
    return [found[image] for image in sorted(found)]


def mean_shift(before: Peaks, now: Peaks) -> float:
    """Mean distance between two sets of peaks, in cells.

    Each peak of one set is compared with the nearest one of the same joint in the other set, in
    both directions; peaks are weighted by their heights.
    """
    apart = np.linalg.norm(before.xy[:, None] - now.xy[None], axis=-1)
    apart = np.where(before.joint[:, None] == now.joint[None], apart, _UNMATCHED_SHIFT)
    nearest = np.concatenate([apart.min(axis, initial=_UNMATCHED_SHIFT) for axis in (1, 0)])
    heights = np.concatenate([before.confidence, now.confidence])
    return float((nearest * heights).sum() / max(heights.sum(), 1e-6))
