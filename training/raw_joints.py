"""The original's way, for comparison: a ridge on the raw joints of single postures.

The original of 2019 trained a ridge on the pixel coordinates of the joints in eleven pictures. Here
it learns from all single postures at hand: pictures, tables, and frames of repetitions. A
repetition's value is the mean over its frames.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from training.postures import Posture
from training.rep_table import RepTable

F64 = NDArray[np.float64]

#: Name of the original's way in the comparison.
RAW_JOINTS = "ridge on raw joints of single postures (the original's way)"


def unseen_raw_values(reps: RepTable, postures: Sequence[Posture]) -> tuple[F64, F64]:
    """Values of repetitions (n,) and of single postures by models that have not seen the lifter."""
    rep_values, posture_values = np.zeros(len(reps)), np.zeros(len(postures))
    single = _joints(postures)
    athletes = np.array([posture.athlete for posture in postures], dtype=str)
    for athlete in np.unique(np.concatenate([reps.athlete, athletes])):
        mine, my_postures = reps.athlete == athlete, athletes == athlete
        known = [one for one, is_mine in zip(postures, my_postures, strict=True) if not is_mine]
        ridge = _fit(reps[~mine], known)
        for row in np.flatnonzero(mine):
            rep_values[row] = float(ridge.predict(reps.postures[row]).mean())
        if my_postures.any():
            posture_values[my_postures] = ridge.predict(single[my_postures])
    return rep_values, posture_values


def _fit(reps: RepTable, postures: Sequence[Posture]) -> Any:
    """Fit a ridge; each clip has the same weight."""
    rows = [_joints(postures), *reps.postures]
    label = np.concatenate(
        [[posture.label for posture in postures], np.repeat(reps.label, _lengths(reps))]
    )
    clip = np.concatenate(
        [[posture.clip for posture in postures], np.repeat(reps.clip, _lengths(reps))]
    )
    _, of, counts = np.unique(clip, return_inverse=True, return_counts=True)
    return Ridge(alpha=1.0).fit(np.concatenate(rows), label, sample_weight=1 / counts[of])


def _lengths(reps: RepTable) -> list[int]:
    return [len(rows) for rows in reps.postures]


def _joints(postures: Sequence[Posture]) -> F64:
    xy = np.array([posture.xy_px for posture in postures], np.float64).reshape(len(postures), 30)
    return np.nan_to_num(xy)
