"""A model is trained, compared and stored with its figures."""

import json

import numpy as np
import pytest
from labelled import lifts_of

from services.scorer.score import lift_model
from shared.errors import UsageError
from training.estimators import ESTIMATORS, SHIPPED
from training.raw_joints import RAW_JOINTS
from training.rep_table import tabulate
from training.train import AS_SHOWN, train

LIFTS = lifts_of()


@pytest.fixture(scope="module")
def report():
    return train(LIFTS, held_out=lifts_of(athletes=1, source="other"))


def test_lifts_like_the_good_ones_score_higher(report):
    reps = tabulate(LIFTS)
    log_odds = report.model.log_odds(report.model.deviations(list(reps.evidence)))
    assert log_odds[reps.label > 0.5].min() > log_odds[reps.label < 0.5].max()
    assert report.findings.parts[0].auc.value == 1
    assert min(report.model.weights) >= 0


def test_a_trained_model_is_read_back(report, tmp_path):
    report.model.save(tmp_path / "model.json")
    again = lift_model.load(tmp_path / "model.json")
    assert again.weights == report.model.weights
    assert again.provenance == json.loads(json.dumps(report.model.provenance))


def test_all_estimators_are_compared_on_unseen_lifters(report):
    names = [row.part for row in report.findings.estimators]
    assert set(names) == {*ESTIMATORS, "voting", RAW_JOINTS}
    by_name = dict(zip(names, report.findings.estimators, strict=True))
    assert by_name["majority"].auc.value == 0.5
    assert by_name[SHIPPED].auc == report.findings.parts[0].auc


def test_figures_are_given_by_source_view_and_as_shown(report):
    parts = [row.part for row in report.findings.parts]
    assert parts == ["all", "made", "side view", AS_SHOWN]
    assert [row.part for row in report.findings.held_out] == ["other"]
    assert report.findings.shared == {"lifter 0": ("made", "other")}
    assert sum(map(sum, report.findings.words.values())) == len(LIFTS)


def test_a_file_states_how_the_model_was_made(report):
    stated = report.model.provenance
    assert stated["lifters"] == [f"lifter {n}" for n in range(4)]
    assert stated["data"] == [
        {"source": "made", "files": 8, "lifters": 4, "sets": 8, "good": 4, "reps": 8}
    ]
    assert stated["shared_lifters"] == {"lifter 0": ["made", "other"]}
    assert np.isfinite(stated["figures"]["shuffled_labels"]["auc"])


@pytest.mark.parametrize("lifts", [LIFTS[:6], LIFTS[::2], []])
def test_too_few_lifters_or_one_label_are_refused(lifts):
    with pytest.raises(UsageError, match="at least four lifters"):
        train(lifts)
