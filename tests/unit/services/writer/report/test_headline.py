from dataclasses import replace

import pytest
from analyses import NAN, changed, contribution, fault, lifter_set, nobody

from services.scorer.faults.default_rules import DEFAULT_RULES
from services.writer.report.headline import ORDER, Tone, headline_of, rank_faults, reps_with
from shared.data.analysis import Attempt, Failure, NotJudged, Verdict

PLAIN = {"faults": (), "not_judged": ()}


def test_the_order_of_faults_is_that_of_the_rules():
    assert tuple(rule.kind for rule in DEFAULT_RULES) == ORDER


@pytest.mark.parametrize(
    ("more", "tone", "title", "detail"),
    [
        (PLAIN, Tone.GOOD, "Good set", "3 reps, no fault seen"),
        ({"faults": ()}, Tone.GOOD, "Good set", "3 reps, no fault seen in what could be judged"),
        (
            {"verdict": Verdict.UNCLEAR, **PLAIN}, Tone.UNSCORED,
            "Not enough to tell good from poor", "3 reps, no fault seen",
        ),
        (
            {"verdict": Verdict.POOR, **PLAIN}, Tone.POOR,
            "Needs work: hips 14° too low at the start", "3 reps",
        ),
        (
            {"verdict": Verdict.POOR, "contributions": (), **PLAIN}, Tone.POOR,
            "Needs work", "3 reps",
        ),
        (
            {"verdict": Verdict.NONE, "score": NAN, "unscored": "too little was seen", **PLAIN},
            Tone.UNSCORED, "No score for this set", "3 reps, no fault seen",
        ),
    ],
)  # fmt: skip
def test_without_a_fault_the_verdict_is_the_headline(more, tone, title, detail):
    headline = headline_of(lifter_set(**more))
    assert (headline.tone, headline.title, headline.detail) == (tone, title, detail)


@pytest.mark.parametrize("verdict", [Verdict.GOOD, Verdict.UNCLEAR, Verdict.POOR])
def test_a_sure_fault_is_the_headline_whatever_the_score(verdict):
    headline = headline_of(lifter_set(verdict=verdict))
    assert (headline.tone, headline.title) == (Tone.POOR, "Hips shoot up in rep 2")
    assert "no fault" not in headline.detail


def test_a_likely_fault_is_said_to_be_likely_and_nothing_is_praised():
    headline = headline_of(lifter_set(faults=(fault(1, confidence=0.65), fault(2), fault(3))))
    assert headline.title == "Hips shoot up in every rep"
    headline = headline_of(lifter_set(faults=(fault(2, confidence=0.65),)))
    assert (headline.tone, headline.title) == (Tone.FAIR, "Likely hips shoot up in rep 2")
    poor = lifter_set(faults=(fault(2, confidence=0.65),), verdict=Verdict.POOR)
    assert headline_of(poor).tone is Tone.POOR  # as the verdict


def test_a_fault_that_is_not_sure_leaves_the_headline_to_the_verdict():
    headline = headline_of(lifter_set(faults=(fault(2, confidence=0.5),)))
    assert (headline.tone, headline.title) == (Tone.GOOD, "Good set")
    assert headline.detail == "3 reps, perhaps hips shoot up"


def test_other_faults_are_named_after_the_first():
    faults = (
        fault(1, "heels_lift", name="heels lift", confidence=0.95),
        fault(1, "rounded_back", name="rounded back", confidence=0.85),
        fault(2, "neck_craned", name="neck craned", confidence=0.4),
    )
    headline = headline_of(lifter_set(faults=faults))
    assert headline.title == "Rounded back in rep 1"
    assert headline.detail == "3 reps, also heels lift, perhaps neck craned"


def test_sure_faults_come_first_and_then_the_order_of_the_rules():
    faults = (
        fault(1, "rounded_back", confidence=0.7),
        fault(2, "neck_craned", confidence=0.9),
        fault(2, "bar_drifts", confidence=0.85),
        fault(3, "bar_drifts", confidence=0.95),
        fault(3, "of_a_plugin", confidence=0.99),
    )
    lifter = lifter_set(faults=faults)
    ranked = [faults[row] for row in rank_faults(lifter)]
    assert [one.kind for one in ranked] == [
        "bar_drifts", "neck_craned", "of_a_plugin", "rounded_back",
    ]  # fmt: skip
    assert ranked[0].rep == 3  # the more certain one
    assert reps_with(lifter, "bar_drifts") == [2, 3]


@pytest.mark.parametrize(
    ("lifter", "title", "detail"),
    [
        (nobody(), "Can't see anybody in this clip", ""),
        (
            changed(lifter_set(), reps=(), faults=()), "No rep in this clip",
            "The bar was not seen to go from the floor to lockout",
        ),
        (
            changed(lifter_set(), reps=(), faults=(), unscored="no rep is seen: film it all"),
            "No rep in this clip", "Film it all",
        ),
    ],
)  # fmt: skip
def test_without_a_repetition_what_was_missing_is_said(lifter, title, detail):
    headline = headline_of(lifter)
    assert (headline.tone, headline.title, headline.detail) == (Tone.UNSCORED, title, detail)


def test_weak_signs_of_a_fault_are_not_told_as_none():
    signs = contribution("faults", "signs of rounded back", part=None)
    headline = headline_of(lifter_set(faults=(), contributions=(signs,)))
    assert headline.detail == "3 reps, no fault is certain"


def test_failed_attempts_are_told():
    none = changed(lifter_set(), reps=(), faults=())
    headline = headline_of(replace(none, attempts=(Attempt(1.0, 2.0, Failure.NOT_LIFTED),)))
    assert headline.title == "No rep, but a failed attempt"
    assert headline.detail == "The bar does not leave the floor"
    two = 2 * (Attempt(1.0, 2.0, Failure.NO_LOCKOUT),)
    assert "3 reps, 2 failed attempts" in headline_of(replace(lifter_set(), attempts=two)).detail


def test_where_hardly_anything_was_judged_that_is_said():
    unjudged = tuple(NotJudged(f"rule_{n}", f"fault {n}", "reason") for n in range(6))
    headline = headline_of(lifter_set(faults=(), not_judged=unjudged))
    assert headline.detail == "3 reps, most faults could not be judged"


def test_a_poor_set_names_what_lowers_the_score_most():
    worst = contribution("bar_ahead_above_the_knees", "bar about 6 cm too far in front", effect=-2)
    lifter = lifter_set(verdict=Verdict.POOR, faults=(), contributions=(worst, contribution()))
    assert headline_of(lifter).title == "Needs work: bar about 6 cm too far in front"
