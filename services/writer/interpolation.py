"""The lifter in the frames between those that were analysed. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.writer.overlay import OverlayFrame
from shared.data.analysis import ANGLES, Angles, LifterFrame, Measured
from shared.data.fields import Keypoints
from shared.data.messages import Person, empty_skeleton

#: Longest gap that is interpolated, in seconds: a fast pull lasts about 0.7 s, and over most of it
#: a straight line says nothing.
MAX_GAP_S = 0.5


class Interpolation:
    """The lifter at any frame of the source."""

    def __init__(self, frames: Sequence[LifterFrame]) -> None:
        """Store a clip's analysed frames, in order."""
        self._frames = frames
        self._indices = [frame.index for frame in frames]

    def at(self, index: int, time_s: float) -> OverlayFrame:
        """The lifter at a frame of the source.

        Between two analysed frames of one shot, a joint seen in both moves linearly in time and has
        the lower of the two confidences; other joints stay unseen. Score, phase and angles are
        those of the earlier frame. After the last analysed frame, over a cut and over gaps longer
        than `MAX_GAP_S`, nothing of the lifter is seen.

        Args:
            index: number of the frame among all frames of the source.
            time_s: the frame's time.
        """
        row = bisect_left(self._indices, index)
        if row < len(self._frames) and self._indices[row] == index:
            return OverlayFrame(self._frames[row], is_interpolated=False)
        if row == 0:
            return OverlayFrame(None, is_interpolated=True)
        before = self._frames[row - 1]
        after = self._frames[row] if row < len(self._frames) else None
        if after is None or after.time_s - before.time_s > MAX_GAP_S or after.shot != before.shot:
            return OverlayFrame(_clear(before), is_interpolated=True)
        return OverlayFrame(_interpolate(before, after, time_s), is_interpolated=True)


def _interpolate(before: LifterFrame, after: LifterFrame, time_s: float) -> LifterFrame:
    gap_s = max(after.time_s - before.time_s, 1e-9)
    gap_fraction = np.float32((time_s - before.time_s) / gap_s)
    xy = before.xy_px + gap_fraction * (after.xy_px - before.xy_px)
    lower = np.minimum(before.joint_confidence, after.joint_confidence)
    confidence = np.where(np.isfinite(xy).all(-1), lower, 0).astype(np.float32)
    person = _interpolate_person(before.measured.person, after.measured.person, gap_fraction)
    bar = before.bar_px + gap_fraction * (after.bar_px - before.bar_px)
    return replace(
        before,
        measured=Measured(person, before.measured.plates),
        keypoints=Keypoints(xy.astype(np.float32), confidence),
        bar_px=bar.astype(np.float32),
    )


def _interpolate_person(
    before: Person | None, after: Person | None, gap_fraction: np.float32
) -> Person | None:
    """The person as measured: box and sole are interpolated, as only these are drawn."""
    if before is None or after is None:
        return None
    box, sole = (
        (earlier + gap_fraction * (later - earlier)).astype(np.float32)
        for earlier, later in ((before.box_px, after.box_px), (before.sole_px, after.sole_px))
    )
    return replace(before, box_px=box, sole_px=sole) if np.isfinite(box).all() else None


def _clear(frame: LifterFrame) -> LifterFrame:
    """A frame without the lifter."""
    return replace(
        frame,
        measured=Measured(None),
        keypoints=Keypoints(*empty_skeleton()),
        bar_px=np.full_like(frame.bar_px, np.nan),
        angles=Angles(*[float("nan")] * len(ANGLES)),
        phase=None,
        score=float("nan"),
    )
