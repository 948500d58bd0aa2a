"""The phase of every frame, from the boundaries of the repetitions. Pure."""

from collections.abc import Sequence

import numpy as np

from services.scorer.motion.motion import Motion
from services.scorer.reps.rep_boundaries import RepBoundaries
from shared.data.analysis import Phase
from shared.data.skeleton import NECK


def label_phases(motion: Motion, reps: Sequence[RepBoundaries]) -> list[Phase | None]:
    """Phase of each row: setup before the first rep, rest between and after; None if unseen.

    Within a rep: pull from start to before top, lockout from top to lower, then lower until end.
    """
    is_seen = np.isfinite(motion.xy_px[:, NECK, 0])
    first = reps[0].start if reps else len(motion)
    phases = [Phase.SETUP if row < first else Phase.REST for row in range(len(motion))]
    for rep in reps:
        phases[rep.start : rep.top] = [Phase.PULL] * (rep.top - rep.start)
        phases[rep.top : rep.lower + 1] = [Phase.LOCKOUT] * (rep.lower + 1 - rep.top)
        phases[rep.lower + 1 : rep.end + 1] = [Phase.LOWER] * (rep.end - rep.lower)
    return [phase if seen else None for phase, seen in zip(phases, is_seen, strict=True)]
