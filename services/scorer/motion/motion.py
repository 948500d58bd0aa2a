"""One lifter's motion through a clip, as all later steps use it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import View
from shared.data.messages import Person
from shared.data.skeleton import JOINTS, L_WRIST, R_WRIST

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Minimum confidence of a hand, over that of the other hand, for its position to be used. Chosen: a
#: hand with less than half of the other's confidence is a guess.
_MIN_CONFIDENCE_RATIO = 0.4


@dataclass(frozen=True, eq=False)
class Motion:
    """The cleaned motion, one row per analysed frame; NaN where unknown.

    Attributes:
        time_s: float64 (n,), time of each frame.
        shot: int64 (n,), number of the shot that a frame belongs to.
        xy_px: float64 (n, 15, 2), MPI-15 joints in source pixels, origin top left.
        confidence: float64 (n, 15), 0..1.
        filled: bool (n, 15), True where a joint was interpolated.
        outline_px: float64 (n, 2, 11), as in `shared.data.messages.Person`.
        sole_deg: float64 (n,), pitch in the picture of the sole that is seen, heel above toe.
        main: bool (n,), rows of the shot that shows most of the lifter, and of shots like it.
        trunk_length_px: Length of the upright trunk in the main shot, the clip's unit of length.
        turn_deg: Turn of the body, 0 side-on … 90 front or back, NaN if unknown.
        view: What the turn counts as.
        facing: 1 towards the picture's right, -1 left, 0 towards the camera, away or unknown.
    """

    time_s: F64
    shot: NDArray[np.int64]
    xy_px: F64
    confidence: F64
    filled: Bools
    outline_px: F64
    sole_deg: F64
    main: Bools
    trunk_length_px: float
    turn_deg: float
    view: View
    facing: int

    def __len__(self) -> int:
        return len(self.time_s)


def joints_px(people: Sequence[Person | None]) -> F64:
    """Joints of the lifter in each frame, (n, 15, 2); NaN where not seen."""
    unseen = np.full((JOINTS, 2), np.nan)
    joints = [unseen if person is None else person.xy_px for person in people]
    return np.array(joints, np.float64).reshape(-1, JOINTS, 2)


def frame_step_s(time_s: F64) -> float:
    """Median time between two frames, in seconds; NaN where there are no two."""
    return float(np.median(np.diff(time_s))) if len(time_s) > 1 else float("nan")


def hands_px(motion: Motion) -> F64:
    """The middle of both hands, (n, 2); NaN where unseen.

    A hand with far less confidence than the other is often misplaced, or missing in the next frame.
    It counts as unseen, and is placed as in `middle`.
    """
    confidence = motion.confidence[:, [L_WRIST, R_WRIST]]
    doubtful = confidence < _MIN_CONFIDENCE_RATIO * confidence.max(1, keepdims=True)
    hands = np.where(doubtful[..., None], np.nan, motion.xy_px[:, [L_WRIST, R_WRIST]])
    return middle(hands[:, 0], hands[:, 1])


def middle(left: F64, right: F64) -> F64:
    """Middle of two sides, (n,) or (n, k), also where only one of them is known.

    An unknown side is placed at its median distance from the known one, so that the middle does not
    jump when a hand disappears behind the body.
    """
    apart = left - right
    known = np.isfinite(apart)
    usual = np.array(
        [np.median(column[seen]) if seen.any() else 0.0 for column, seen in _columns(apart, known)]
    ).reshape(apart.shape[1:])
    return np.where(
        known, right + apart / 2, np.where(np.isfinite(right), right + usual / 2, left - usual / 2)
    )


def _columns(values: F64, known: Bools) -> list[tuple[F64, Bools]]:
    columns = values.shape[1] if values.ndim > 1 else 1
    shape = (len(values), columns)
    return list(zip(values.reshape(shape).T, known.reshape(shape).T, strict=True))
