"""Labelled lifts and repetitions to train on, of rendered and made-up lifters."""

import numpy as np
from lifted import lift_of

from services.scorer.faults import DEFAULT_RULES
from services.scorer.score.evidence import RepEvidence
from services.scorer.score.lift_model import term_values
from services.scorer.score.lift_parts import PARTS
from services.scorer.score.values import VALUES
from synthetic import Lift
from training.lifts import LabelledLift
from training.rep_table import RepTable


def lifts_of(athletes=4, source="made"):
    """A good and a bad lift of each lifter: the bad one rounds the back."""
    good = lift_of(Lift(reps=1, fps=15))
    bad = lift_of(Lift(reps=1, fps=15, fault="rounded_back", severity=40))
    return [
        LabelledLift(source, f"{name}-{label}.mp4", f"lifter {name}", label, "", lift)
        for name in range(athletes)
        for label, lift in ((1, good), (0, bad))
    ]


def evidence_of(lean_deg, bad_faults=0.0):
    """Evidence of a repetition with one trunk lean in all parts; no other value is known."""
    values = np.full((len(VALUES), len(PARTS)), np.nan)
    values[list(VALUES).index("trunk_lean")] = lean_deg
    excess = np.full(len(DEFAULT_RULES), -9.0)
    excess[0] = -0.5 + 1.5 * bad_faults
    return RepEvidence(values, excess, seen_s=3.0, from_floor=True, magnification=1.0)


def reps_of(lean_deg, label, athlete, source="one", clip=None):
    """Repetitions with these leans, labels and lifters; each is a clip unless they are named."""
    count = len(label)
    evidence, postures = np.empty(count, object), np.empty(count, object)
    evidence[:] = [evidence_of(lean) for lean in lean_deg]
    postures[:] = [np.full((2, 30), float(lean)) for lean in lean_deg]
    return RepTable(
        evidence=evidence,
        values=term_values(list(evidence)),
        part_s=np.ones((count, len(PARTS))),
        postures=postures,
        label=np.array(label, float),
        athlete=np.array(athlete, dtype=str),
        clip=np.array(clip or [f"clip {n}" for n in range(count)], dtype=str),
        source=np.broadcast_to(np.array(source, dtype=str), count).copy(),
        view=np.full(count, "side"),
    )


def leaning_reps(lifters=8, seed=0):
    """Lifters with one good and one bad repetition; the bad ones lean further."""
    rng = np.random.default_rng(seed)
    label = np.tile([1.0, 0.0], lifters)
    lean = np.where(label > 0.5, 45, 80) + rng.normal(0, 6, 2 * lifters)
    return reps_of(lean, label, np.repeat(np.arange(lifters), 2))
