"""Scores of rendered lifts, whose faults are known."""

from dataclasses import replace

import numpy as np
import pytest
from injected_faults import INJECTED
from lifted import lift_of

from services.scorer.faults import DEFAULT_RULES, evaluate_rules, rep_views
from services.scorer.score.evidence import gather_evidence
from services.scorer.score.lift_model import load_default
from services.scorer.score.lift_parts import PARTS, part_weights
from services.scorer.score.scoring import score_lift
from shared.data.analysis import LengthUnit, Verdict, View
from synthetic import Lift

MODEL = load_default()


def scored(lift):
    seen = lift_of(lift) if isinstance(lift, Lift) else lift
    return score_lift(seen, DEFAULT_RULES, evaluate_rules(seen), MODEL)


def gathered(lift):
    return gather_evidence(lift, evaluate_rules(lift))


@pytest.fixture(scope="module")
def correct():
    return lift_of(Lift(reps=2, view="side"))


@pytest.fixture(scope="module")
def poor():
    return lift_of(Lift(reps=2, view="side", fault="stiff_legged", severity=70))


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize("turn_deg", [0.0, 20.0, 40.0])
def test_a_correct_set_is_good_from_every_judged_view(turn_deg, facing):
    whole = scored(Lift(reps=2, turn_deg=turn_deg, facing=facing)).whole
    assert whole.score >= 0.8
    assert whole.verdict is Verdict.GOOD


@pytest.mark.parametrize("fault", INJECTED)
def test_each_fault_costs(correct, fault):
    severity = INJECTED[fault][0][1]
    whole = scored(Lift(reps=2, view="side", fault=fault, severity=severity)).whole
    assert whole.score <= scored(correct).whole.score - 0.15
    assert whole.verdict is not Verdict.GOOD or whole.score < 0.7


def test_two_faults_cost_more_than_one(correct):
    [rep, _] = gathered(correct)

    def log_odds(*excess):
        both = np.full(len(rep.fault_excess), -1.0)
        both[: len(excess)] = excess
        return MODEL.log_odds(MODEL.deviations([replace(rep, fault_excess=both)]))[0]

    assert log_odds(1, 1) < log_odds(1, 0) < log_odds(1) < log_odds()


@pytest.mark.parametrize("lift", ["correct", "poor"])
def test_the_reasons_add_up_to_the_score(lift, request):
    scores = scored(request.getfixturevalue(lift))
    for one in (scores.whole, *scores.reps):
        log_odds = one.undiminished + sum(reason.effect for reason in one.contributions)
        assert np.log(one.score / (1 - one.score)) == pytest.approx(log_odds, abs=1e-9)
        assert [r.effect for r in one.contributions] == sorted(r.effect for r in one.contributions)
        low, high = one.score_interval
        assert low < one.score < high


def test_a_stiff_legged_set_is_poor_and_says_where(poor):
    whole = scored(poor).whole
    assert whole.verdict is Verdict.POOR
    named = {reason.name: reason for reason in whole.contributions}
    assert "stiff-legged" in named["faults"].text
    hips = named["hips_high_at_start"]
    assert hips.value > hips.usual + 15
    assert f"{hips.value - hips.usual:.0f}°" in hips.text
    assert hips.part == "start"


def test_distances_are_said_in_centimetres():
    lift = lift_of(Lift(reps=2, view="side", fault="bar_drifts", severity=0.3))
    assert lift.bar.scale.unit is LengthUnit.METRE
    [ahead] = [r for r in scored(lift).whole.contributions if r.name == "bar_ahead_above_the_knees"]
    cm = 100 * lift.motion.trunk_length_px / lift.bar.scale.px_per_unit
    assert f"about {(ahead.value - ahead.usual) * cm:.0f} cm" in ahead.text


def test_only_frames_of_repetitions_have_a_score(correct):
    frames = scored(correct).frames
    inside = np.zeros(len(frames), bool)
    for rep in rep_views(correct):
        inside[[*rep.rows, *rep.setup]] = True
    assert np.isnan(frames[~inside]).all()
    assert np.isfinite(frames[inside]).all()


def test_the_part_explains_little_of_a_good_lifts_scores(correct):
    scores = scored(correct)
    for rep, whole in zip(rep_views(correct), scores.reps, strict=True):
        rows = part_weights(rep).any(-1)
        assert np.abs(scores.frames[rows] - whole.score).max() < 0.06


def test_frames_of_the_part_that_is_wrong_score_lowest(poor):
    scores, rep = scored(poor), rep_views(poor)[0]
    of_part = part_weights(rep)
    start, top = (
        scores.frames[of_part[:, PARTS.index(part)] > 0.9].mean() for part in PARTS[::3][:2]
    )
    assert start < scores.reps[0].score < top


def test_one_short_repetition_is_drawn_to_even(correct):
    once = replace(correct, reps=correct.reps[:1])
    [rep] = gathered(once)
    assert scored(once).whole.undiminished < MODEL.intercept
    assert scored(once).whole.undiminished > 0.85 * MODEL.intercept
    assert rep.seen_s > 2


def test_the_same_lift_always_has_the_same_interval(correct):
    assert scored(correct).whole == scored(correct).whole


def test_more_of_one_kind_of_repetition_narrows_nothing(correct):
    """Camera and clothes are the same in all repetitions, and so are their errors."""
    once, twice = (scored(replace(correct, reps=correct.reps[:n])).whole for n in (1, 2))
    width = [high - low for low, high in (once.score_interval, twice.score_interval)]
    assert width[1] == pytest.approx(width[0], rel=0.3)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"reps": ()}, "no repetition is seen"),
        ({"refusal": "it is a squat"}, "it is a squat"),
        ({"view": View.UNKNOWN}, "angle was not recognised"),
        ({"turn_deg": 55.0}, "from the side"),
        ({"facing": 0}, "faces"),
        ({"hidden": True}, "hidden in every repetition"),
    ],
)
def test_it_says_why_there_is_no_score(correct, changed, said):
    motion = {name: changed.pop(name) for name in ("view", "turn_deg", "facing") if name in changed}
    lift = replace(correct, motion=replace(correct.motion, **motion))
    if changed.pop("hidden", False):
        lift = replace(lift, reps=tuple(replace(rep, body_seen=False) for rep in lift.reps))
    scores = scored(replace(lift, **changed))
    assert said in scores.unscored
    assert np.isnan(scores.whole.score)
    assert scores.whole.verdict is Verdict.NONE
    assert scores.whole.contributions == ()
    assert np.isnan(scores.frames).all()


def test_too_short_or_too_hidden_a_lift_has_no_score(correct):
    fast = replace(correct, motion=replace(correct.motion, time_s=correct.motion.time_s / 8))
    assert "less than a second" in scored(fast).unscored
    unseen = np.full(len(correct.motion), np.nan)
    hidden = ("knee", "hip", "thigh_elevation", "elbow", "head_tilt", "back_flexion")
    angles = replace(correct.kinematics, **dict.fromkeys(hidden, unseen))
    bare = replace(correct, kinematics=angles)
    assert "too little of the lifter" in scored(bare).unscored
