"""The parts of a repetition in which postures are compared, by the bar's way. Pure.

Bar progress runs from 0 (lowest) to 1 (lockout). Parts overlap softly, so that no value jumps where
one part becomes the next: on the way up the start has its full weight at 0, pull low at 1/3, pull
high at 2/3 and the lockout at 1, and each falls to 0 at the middle of the next one. The time before
the pull belongs to the start, that between lockout and lowering to the lockout. The way down has
two parts of its own.
"""

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults.rep_view import RepView
from shared.data.analysis import LiftPart, Partial

F64 = NDArray[np.float64]

#: The parts, in the order of all arrays.
PARTS = tuple(LiftPart)

#: Bar progress at which each part of the way up has its full weight. By definition of the parts.
_FULL_AT = np.array([0.0, 1 / 3, 2 / 3, 1.0])


def part_weights(rep: RepView) -> F64:
    """How much each row belongs to each part, (n, 6), 0..1; 0 outside the repetition.

    Rows of the repetition in which the bar's height is unknown have no weight.
    """
    weights = np.zeros((len(rep.motion), len(PARTS)))
    bounds, height = rep.boundaries, rep.bar_heights
    low, high = height[bounds.start], height[bounds.top]
    if not high - low > 0:
        return weights
    weights[rep.pull, :4] = _soft((height[rep.pull] - low) / (high - low))
    setup = rep.setup[rep.setup < bounds.start]
    weights[setup, 0] = 1
    held = np.arange(bounds.top, bounds.lower + 1)
    weights[held] = np.eye(len(PARTS))[3]
    down = np.arange(bounds.lower + 1, bounds.end + 1)
    if bounds.partial is not Partial.NO_END and np.isfinite(height[down]).any():
        low = float(np.nanmin(height[down]))
    lowered = _soft((height[down] - low) / max(high - low, 1e-6))
    weights[down, 3:] = np.stack([lowered[:, 3], lowered[:, 2], lowered[:, :2].sum(-1)], axis=-1)
    return np.nan_to_num(weights)


def _soft(progress: F64) -> F64:
    """Weights of the four parts of the way up at a bar progress, (n,) → (n, 4), adding up to 1."""
    off = np.abs(np.clip(progress, 0, 1)[:, None] - _FULL_AT)
    return np.asarray(np.maximum(0, 1 - off / _FULL_AT[1]))
