"""Which bar a person's hands hold. Pure.

A bar is given as the path of one thing on it, such as the middle of a plate: its position in each
row of the clip, (n, 2), NaN where unseen. Hands hold it while it stays where it is beside them, and
lift it if it moves with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import Person
from shared.data.skeleton import L_WRIST, R_WRIST, trunk_length_px

F64 = NDArray[np.float64]

#: Maximum distance of a bar's plate from the middle of the hands, sideways and up or down, in trunk
#: lengths. Chosen: a plate's centre is up to 0.9 aside in an oblique view (`pose.plates.window`),
#: and as high as the hands, up to the pose stage's errors behind plates.
_MAX_ASIDE, _MAX_ABOVE = 1.1, 0.4

#: Maximum distance of the plate from its usual place beside the hands in a row that shows it held,
#: in trunk lengths, and minimum fraction of such rows. Chosen: twice the `MAX_OFFSET` of
#: `bar.plate_tracking`, and half of the rows, as a bad skeleton's hands are elsewhere in some rows.
_MAX_SLIP, _MIN_HELD = 0.25, 0.5

#: Minimum vertical motion of a bar that is lifted, in trunk lengths. Chosen: half of a Romanian
#: deadlift's; what hangs on a trembling hand moves by less than 0.2.
_MIN_MOTION = 0.4

#: Minimum number of rows that show hands and bar. Chosen: fewer agree by chance.
_MIN_ROWS = 4


@dataclass(frozen=True)
class HandsOnBar:
    """How hands hold a bar.

    Attributes:
        moves: Whether the bar moves with the hands; else it lies or hangs still at them.
        distance: Usual distance of the bar's plate from the middle of the hands, in trunk lengths.
    """

    moves: bool
    distance: float


def hands_on_bars(people: Mapping[int, Person], bars: Sequence[F64]) -> dict[int, HandsOnBar]:
    """Number of a bar → how a person holds it, of the bars that they hold.

    Args:
        people: row → the person there.
        bars: path of each bar, (n, 2).
    """
    if not bars:
        return {}
    rows = np.array(list(people), np.int64)
    hands, trunk_px = _hands_px(people), _trunk_px(people)
    if not trunk_px > 0:
        return {}
    found = {n: _hands_on(hands / trunk_px, bar[rows] / trunk_px) for n, bar in enumerate(bars)}
    return {number: held for number, held in found.items() if held is not None}


def _hands_on(hands: F64, bar: F64) -> HandsOnBar | None:
    """How hands hold a bar, both (m, 2) in trunk lengths; None if they do not."""
    offset = bar - hands
    known = np.isfinite(offset).all(-1)
    if known.sum() < _MIN_ROWS:
        return None
    usual = np.median(offset[known], axis=0)
    slip = np.abs(offset[known] - usual).max(-1)
    is_near = abs(usual[0]) <= _MAX_ASIDE and abs(usual[1]) <= _MAX_ABOVE
    if not is_near or (slip <= _MAX_SLIP).mean() < _MIN_HELD:
        return None
    held = bar[known][slip <= _MAX_SLIP]
    return HandsOnBar(bool(np.ptp(held[:, 1]) >= _MIN_MOTION), float(np.linalg.norm(usual)))


def _hands_px(people: Mapping[int, Person]) -> F64:
    """Middle of the hands that are seen in each row, (m, 2); NaN where none is."""
    wrists = np.stack([person.xy_px[[L_WRIST, R_WRIST]] for person in people.values()])
    left, right = wrists[:, 0].astype(np.float64), wrists[:, 1].astype(np.float64)
    both = (left + right) / 2
    return np.where(np.isfinite(both), both, np.where(np.isfinite(left), left, right))


def _trunk_px(people: Mapping[int, Person]) -> float:
    """Usual length of the trunk; NaN if it is never seen."""
    lengths = trunk_length_px(np.stack([person.xy_px for person in people.values()]))
    known = lengths[np.isfinite(lengths)]
    return float(np.percentile(known, 85)) if known.size else float("nan")
