"""The lifter in the frames between those that were looked at. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shared.data.analysis import ANGLES, Angles, LifterFrame, Measured
from shared.data.fields import Keypoints
from shared.data.messages import Person, empty_skeleton

#: Over a longer gap a straight line says nothing: a fast pull lasts about 0.7 s.
MAX_GAP_S = 0.5


class Interpolation:
    """The lifter at any frame of the source."""

    def __init__(self, frames: Sequence[LifterFrame]) -> None:
        """Take a clip's analysed frames, in order."""
        self._frames = frames
        self._indices = [frame.index for frame in frames]

    def at(self, index: int, time_s: float) -> tuple[LifterFrame | None, bool]:
        """The lifter at a source frame, and whether that was interpolated.

        Between two analysed frames of one stretch of film, a joint that both see moves in a
        straight line in time, with the lesser confidence; one that either does not see stays
        unseen. Score, phase and angles are the last analysed frame's. Beyond the ends, over a cut
        and over gaps longer than `MAX_GAP_S`, the last analysed frame holds with nothing seen;
        before the first there is None.
        """
        place = bisect_left(self._indices, index)
        if place < len(self._frames) and self._indices[place] == index:
            return self._frames[place], False
        if place == 0:
            return None, True
        before = self._frames[place - 1]
        after = self._frames[place] if place < len(self._frames) else None
        if after is None or after.time_s - before.time_s > MAX_GAP_S or after.shot != before.shot:
            return _unseen(before), True
        return _between(before, after, time_s), True


def _between(before: LifterFrame, after: LifterFrame, time_s: float) -> LifterFrame:
    share = np.float32((time_s - before.time_s) / max(after.time_s - before.time_s, 1e-9))
    xy = before.xy_px + share * (after.xy_px - before.xy_px)
    least = np.minimum(before.joint_confidence, after.joint_confidence)
    confidence = np.where(np.isfinite(xy).all(-1), least, 0).astype(np.float32)
    person = _person_between(before.measured.person, after.measured.person, share)
    return replace(
        before,
        measured=Measured(person, before.measured.plates),
        keypoints=Keypoints(xy.astype(np.float32), confidence),
        bar_px=(before.bar_px + share * (after.bar_px - before.bar_px)).astype(np.float32),
    )


def _person_between(
    before: Person | None, after: Person | None, share: np.float32
) -> Person | None:
    """What is drawn of a person as measured: box and sole."""
    if before is None or after is None:
        return None
    box, sole = (
        (one + share * (other - one)).astype(np.float32)
        for one, other in ((before.box_px, after.box_px), (before.sole_px, after.sole_px))
    )
    return replace(before, box_px=box, sole_px=sole) if np.isfinite(box).all() else None


def _unseen(frame: LifterFrame) -> LifterFrame:
    return replace(
        frame,
        measured=Measured(None),
        keypoints=Keypoints(*empty_skeleton()),
        bar_px=np.full_like(frame.bar_px, np.nan),
        angles=Angles(*[float("nan")] * len(ANGLES)),
        phase=None,
        score=float("nan"),
    )
