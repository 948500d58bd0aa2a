"""The repetitions of labelled lifts: what each gives to judge, and its weight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.scorer.faults import evaluate_rules
from services.scorer.faults.rep_view import rep_views
from services.scorer.score.evidence import RepEvidence, durations_s, gather_evidence
from services.scorer.score.lift_model import deviations, term_values
from services.scorer.score.lift_parts import PARTS, part_weights
from training.lifts import LabelledLift

F64 = NDArray[np.float64]
Rows = NDArray[np.bool_]
Texts = NDArray[np.str_]

#: Rate at which postures of a repetition are kept, in Hz. Chosen: neighbouring frames look alike.
_POSTURE_HZ = 10.0

#: Minimum time in which the posture of a repetition is known, in seconds. That of the score.
_MIN_SEEN_S = 1.0


@dataclass(frozen=True, eq=False)
class RepTable:
    """Repetitions that can be judged, of several sources; n of them.

    Attributes:
        evidence: (n,) objects, what each gives to judge.
        values: float64 (n, terms), the value that each term compares.
        part_s: float64 (n, parts), time in each part of the repetition, in seconds.
        postures: (n,) objects, float64 (k, 30), joints of some of its frames in pixels, 0 where
            unseen.
        label: float64 (n,), 1 good, 0 bad.
        athlete: (n,) strings, the lifter.
        clip: (n,) strings, "source: file".
        source: (n,) strings.
        view: (n,) strings, the camera's view.
    """

    evidence: NDArray[np.object_]
    values: F64
    part_s: F64
    postures: NDArray[np.object_]
    label: F64
    athlete: Texts
    clip: Texts
    source: Texts
    view: Texts

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, rows: Rows) -> "RepTable":
        return RepTable(*(values[rows] for values in vars(self).values()))

    def columns(self, medians: F64, widths: F64) -> F64:
        """The model's columns, (n, columns), 0 where a value is not seen."""
        return np.nan_to_num(deviations(self.values, list(self.evidence), medians, widths))

    def with_labels(self, label: F64) -> "RepTable":
        """The same repetitions with other labels."""
        return RepTable(**{**vars(self), "label": label})


@dataclass(frozen=True, eq=False)
class _Row:
    evidence: RepEvidence
    part_s: F64
    postures: F64
    of: LabelledLift


def tabulate(lifts: Sequence[LabelledLift]) -> RepTable:
    """The repetitions of lifts in which a deadlift was recognised.

    Left out are repetitions that cannot be judged: seen from the front or for less than a second,
    or with the body hidden.
    """
    rows = [row for lift in lifts if not lift.lift.refusal for row in _rows_of(lift)]
    evidence = [row.evidence for row in rows]
    of = [row.of for row in rows]
    return RepTable(
        evidence=_objects(evidence),
        values=term_values(evidence),
        part_s=np.array([row.part_s for row in rows]).reshape(len(rows), len(PARTS)),
        postures=_objects([row.postures for row in rows]),
        label=np.array([lift.label for lift in of], np.float64),
        athlete=np.array([lift.athlete for lift in of], dtype=str),
        clip=np.array([clip_name(lift) for lift in of], dtype=str),
        source=np.array([lift.source for lift in of], dtype=str),
        view=np.array([str(lift.lift.motion.view) for lift in of], dtype=str),
    )


def clip_name(lift: LabelledLift) -> str:
    """The name by which a lift's repetitions are found in `RepTable.clip`."""
    return f"{lift.source}: {lift.file}"


def _rows_of(labelled: LabelledLift) -> Iterator[_Row]:
    lift = labelled.lift
    seconds = durations_s(lift.motion.time_s)
    step = max(1, round(1 / _POSTURE_HZ / max(float(np.median(seconds)), 1e-3)))
    for rep, found in zip(
        rep_views(lift), gather_evidence(lift, evaluate_rules(lift)), strict=True
    ):
        if found is not None and found.seen_s >= _MIN_SEEN_S:
            bounds = rep.boundaries
            joints = lift.motion.xy_px[bounds.start : bounds.end + 1 : step]
            postures = np.nan_to_num(joints).reshape(len(joints), -1).astype(np.float64)
            yield _Row(found, seconds @ part_weights(rep), postures, labelled)


def _objects(items: Sequence[object]) -> NDArray[np.object_]:
    array = np.empty(len(items), object)
    array[:] = items
    return array


def weights(reps: RepTable) -> F64:
    """Weight of each repetition, (n,), with a mean of 1.

    Good and bad have the same weight in each source, so that the label cannot be told from the
    source. A source's weight grows with the root of its number of lifters, and that of a lifter's
    good or bad repetitions with the root of their number: the tenth says less than the first.
    """
    weight = np.zeros(len(reps))
    for athlete in np.unique(reps.athlete):
        for label in (0.0, 1.0):
            mine = (reps.athlete == athlete) & (reps.label == label)
            weight[mine] = 1 / np.sqrt(max(mine.sum(), 1))
    for source in np.unique(reps.source):
        here = reps.source == source
        for label in (0.0, 1.0):
            mine = here & (reps.label == label)
            weight[mine] /= max(weight[mine].sum(), 1e-12)
        weight[here] *= np.sqrt(len(np.unique(reps.athlete[here])))
    return np.asarray(weight / weight.mean())
