"""Scores and words as an analysis shows them, of lifters whom the model has not seen."""

from collections.abc import Sequence

import numpy as np

from services.scorer.faults import DEFAULT_RULES, evaluate_rules
from services.scorer.score.scoring import Score, score_lift
from shared.data.analysis import Verdict
from shared.errors import UsageError
from training.estimators import SHIPPED
from training.evaluation import SetTable
from training.folds import unseen_values
from training.lifts import LabelledLift
from training.model_file import build_model
from training.rep_table import RepTable, clip_name


def unseen_scores(lifts: Sequence[LabelledLift], reps: RepTable, seed: int) -> dict[str, Score]:
    """The score of each set of `reps` by a model that has not seen its lifter, by clip.

    Unlike the mean log odds of `training.folds`, it is drawn to 0.5 by what is not seen, and has an
    interval and a word. Lifts that such a model does not score, and lifters without whom there is
    no model, are left out.
    """
    found: dict[str, Score] = {}
    for athlete in np.unique(reps.athlete):
        known = reps[reps.athlete != athlete]
        if len(np.unique(known.label)) < 2:
            continue
        try:
            model = build_model(known, unseen_values(known, SHIPPED), {}, seed)
        except UsageError:
            continue  # without this lifter there is no model, and nothing is shown
        for lift in lifts:
            if lift.athlete == athlete and clip_name(lift) in reps.clip:
                score = score_lift(lift.lift, DEFAULT_RULES, evaluate_rules(lift.lift), model).whole
                if np.isfinite(score.score):
                    found[clip_name(lift)] = score
    return found


def as_shown(sets: SetTable, scores: dict[str, Score]) -> SetTable:
    """The sets with the scores that an analysis shows."""
    shown = sets[np.array([clip in scores for clip in sets.clip], bool)]
    chance = np.clip([scores[clip].score for clip in shown.clip], 1e-6, 1 - 1e-6)
    return SetTable(
        np.log(chance / (1 - chance)),
        shown.label, shown.athlete, shown.clip, shown.source, shown.view,
    )  # fmt: skip


def words_by_label(sets: SetTable, scores: dict[str, Score]) -> dict[str, list[int]]:
    """Verdict → number of bad and of good sets that get it."""
    counts = {str(word): [0, 0] for word in Verdict if word is not Verdict.NONE}
    for clip, label in zip(sets.clip, sets.label, strict=True):
        if clip in scores:
            counts[str(scores[clip].verdict)][int(label)] += 1
    return counts
