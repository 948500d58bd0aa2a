import json

import numpy as np
import pytest

from services.scorer.score import posture_model
from services.scorer.score.features import FEATURES, posture_features
from services.scorer.score.score_explanation import describe, explain_score
from shared.data.skeleton import L_WRIST, R_WRIST
from shared.errors import ModelError
from synthetic import Lift, render_poses

SET = np.stack([f.people[0].xy_px for f in render_poses(Lift(reps=1, fps=10))])


def test_the_shipped_model_states_its_figures():
    model = posture_model.load_default()
    parts = {row["part"]: row for row in model.provenance["figures"]}
    assert parts["sravb"]["clips"] == 11
    assert parts["all"]["brier_high"] < parts["all"]["majority"]
    assert parts["all"]["auc_low"] > 0.5
    ours, original = parts["all but sravb"], parts["all but sravb, trained on sravb alone"]
    assert ours["clip_auc"] > original["clip_auc"]
    assert parts["clips, held out"]["clip_auc_low"] > 0.5
    assert parts["clips, held out"]["clip_auc"] > parts["clips, trained on sravb alone"]["clip_auc"]
    assert {c["name"] for c in model.provenance["candidates"]} >= {"ridge", "forest", "voting"}


def test_the_effects_of_features_add_up_to_the_score():
    model = posture_model.load_default()
    confidence = np.ones(SET.shape[:2], np.float32)
    effects, off = model.explain(SET, confidence)
    values = posture_features(SET, confidence)
    z = (values - off - model.mean) / model.scale  # the good postures that they are compared with
    assert (np.abs(z) < model.limit).all()
    good = model.intercept + z @ model.coefficients + ((z @ np.array(model.pairs)) * z).sum(-1)
    linear = good + effects.sum(-1)
    scores = model.score(SET, confidence)
    inside = (scores > 0) & (scores < 1)
    assert inside.sum() > 10
    np.testing.assert_allclose(linear[inside], scores[inside], atol=1e-4)
    assert (np.abs(effects).sum(-1) > 0.01).any()


def test_a_posture_is_compared_with_good_ones_at_its_height():
    model = posture_model.load_default()
    values = posture_features(SET, np.ones(SET.shape[:2], np.float32))
    _, off = model.explain(SET)
    lean, height = (list(FEATURES).index(n) for n in ("trunk_lean", posture_model.PHASE))
    bent, upright = np.argmin(values[:, height]), np.argmax(values[:, height])
    compared = values[:, lean] - off[:, lean]
    assert compared[bent] > compared[upright] + 0.3


def test_an_unseen_joint_has_no_effect():
    model = posture_model.load_default()
    xy = SET[:1].copy()
    xy[:, [R_WRIST, L_WRIST]] = np.nan
    effects, _ = model.explain(xy)
    hidden = [list(FEATURES).index(n) for n in ("elbow_angle", "wrists_over_ankles")]
    assert np.isnan(effects[0, hidden]).all()
    assert np.isfinite(np.delete(effects[0], [*hidden, *range(9, 11)])).all()
    assert np.isfinite(model.score(xy, np.isfinite(xy).all(-1).astype(np.float32))).all()


def test_reasons_come_in_words_and_worst_first():
    effects, off = np.zeros((2, len(FEATURES))), np.zeros((2, len(FEATURES)))
    knee, lean = list(FEATURES).index("knee_angle"), list(FEATURES).index("trunk_lean")
    effects[:, knee], off[:, knee] = -0.1, -0.2
    effects[:, lean], off[:, lean] = -0.3, 0.2
    effects[:, 4], off[:, 4] = 0.5, 0.2  # helped
    said = explain_score(effects, off, np.arange(2))
    assert [reason.text for reason in said] == [
        "trunk leans 18° too far forward", "knees bent 18° too far",
    ]  # fmt: skip
    told = [name for name in FEATURES if name != posture_model.PHASE]
    assert all(describe(name, 0.5) and describe(name, -0.5) for name in told)
    effects[:, lean] = -0.001  # costs next to nothing
    assert [reason.text for reason in explain_score(effects, off, np.arange(2))] == [
        "knees bent 18° too far"
    ]
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
        lambda c: c["pairs"][0].__setitem__(1, 9.0),  # not symmetric
        lambda c: c.update(limit=0),  # nothing would count
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
