import json

import numpy as np
import pytest

from coach.rendering import Lift, poses_of
from services.scorer import posture_model
from services.scorer.features import FEATURES, POSTURE, posture_features
from services.scorer.wording import describe, worst_of
from shared.errors import ModelError

SET = np.stack([f.people[0].xy_px for f in poses_of(Lift(reps=1, fps=10))])


def test_the_shipped_model_tells_where_it_comes_from_and_how_well_it_does():
    model = posture_model.load_default()
    parts = {row["part"]: row for row in model.provenance["figures"]}
    assert parts["sravb"]["postures"] == 11
    assert parts["all"]["brier"] < parts["all"]["majority"]
    assert parts["all"]["auc_low"] > 0.5
    assert parts["all"]["auc"] > model.provenance["small_source"]["auc"]
    assert {c["name"] for c in model.provenance["candidates"]} >= {"ridge", "forest", "voting"}


def test_what_moves_a_score_adds_up_to_it():
    model = posture_model.load_default()
    effects, _ = model.explain(SET)
    good = np.array(model.good)[0]
    base = model.intercept + ((good - model.mean) / model.scale) @ model.coefficients
    upright = posture_features(SET)[:, 0] < model.levels[1]  # compared with the first level
    linear = base + effects.sum(-1)
    scores = model.score(SET, np.ones(SET.shape[:2], np.float32))
    inside = upright & (scores > 0) & (scores < 1)
    assert inside.any()
    np.testing.assert_allclose(linear[inside], scores[inside], atol=1e-4)


def test_reasons_are_said_in_words_and_the_worst_come_first():
    effects, off = np.zeros((2, len(FEATURES))), np.zeros((2, len(FEATURES)))
    knee, lean = list(POSTURE).index("knee_angle"), list(POSTURE).index("trunk_lean")
    effects[:, knee], off[:, knee] = -0.1, -0.2
    effects[:, lean], off[:, lean] = -0.3, 0.2
    effects[:, 4], off[:, 4] = 0.5, 0.2  # helped
    said = worst_of(effects, off, np.arange(2))
    assert [reason.text for reason in said] == [
        "trunk leans 18° too far forward", "knees bent 18° too far",
    ]  # fmt: skip
    assert all(describe(name, 0.5) and describe(name, -0.5) for name in POSTURE)
    assert describe("knee_angle", 0.01) == ""  # noise


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c.update(schema=99),  # another version
        lambda c: c.update(features=c["features"][:-1]),  # other features
        lambda c: c["coefficients"].__setitem__(0, "1"),  # no number
        lambda c: c["scale"].__setitem__(0, 0.0),  # would divide by zero
        lambda c: c.pop("intercept"),  # a field is missing
        lambda c: c.update(link="exec"),  # no known link
        lambda c: c["good"].pop(),  # levels without postures
        lambda c: c.update(code="x"),  # a field too many
    ],
)
def test_a_damaged_model_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "model.json"
    posture_model.load_default().save(path)
    assert posture_model.load(path) == posture_model.load_default()
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"model\.json"):
        posture_model.load(path)
