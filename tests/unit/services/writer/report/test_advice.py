import pytest
from analyses import IN_TRUNKS, NAN, changed, contribution, fault, lifter_set, nobody, rep

from services.writer.report.advice import advise, amount_of_fault, explain_fault
from shared.data.analysis import FaultUnit, LiftPart, Verdict


def test_the_first_thing_to_do_is_about_the_worst_fault():
    advice = advise(lifter_set())
    assert advice.title == "Do this first"
    assert advice.cue.startswith("Push the floor away")
    assert advice.why == "Hips shoot up in rep 2: 17°, where 10° is the limit."
    assert advice.how_sure == "Sure: seen in 1 of 3 reps."
    assert (advice.worst.rep, advice.worst.frame.index) == (2, fault(2).shown_at)
    assert advice.best.rep == 1
    assert (advice.amount.kind, advice.amount.off, advice.amount.text) == (
        "hips_shoot_up", 17.0, "17°",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.95, "Sure"), (0.7, "Likely"), (0.4, "Not sure")]
)
def test_how_sure_it_is_is_said_in_words(confidence, said):
    advice = advise(lifter_set(reps=2, faults=(fault(2, confidence=confidence),)))
    assert advice.how_sure == f"{said}: seen in 1 of 2 reps."
    assert advice.title == ("Worth a look" if said == "Not sure" else "Do this first")
    alone = advise(lifter_set(reps=1, faults=(fault(1, confidence=confidence),)))
    assert alone.how_sure == f"{said}: the set has one rep."
    assert alone.best is None


def test_without_a_fault_it_is_about_what_lowers_the_score_most():
    advice = advise(lifter_set(faults=(), verdict=Verdict.POOR))
    assert advice.cue.startswith("Raise the hips")
    # The first repetition has the strongest effect, the third the weakest.
    assert advice.why == (
        "Hips 14° too low at the start, compared with lifts that coaches call good; most in rep 1, "
        "14°."
    )
    assert advice.worst.rep == 1
    assert advice.worst.frame.time_s == pytest.approx(rep(1).start_s, abs=0.05)
    assert advice.how_sure.startswith("Likely")
    assert advice.kind == ""


def test_the_best_repetition_is_shown_at_the_same_part():
    own = {
        n: (contribution(part=LiftPart.PULL_HIGH, effect=-0.1 * n),) for n in (1, 2, 3)
    }  # the third is the worst
    plain = lifter_set(
        faults=(), verdict=Verdict.UNCLEAR, contributions=(contribution(part=LiftPart.PULL_HIGH),)
    )
    lifter = changed(plain, reps=tuple(rep(n, contributions=own[n]) for n in own))
    advice = advise(lifter)
    assert (advice.worst.rep, advice.best.rep) == (3, 1)
    assert advice.worst.frame.index - advice.best.frame.index == pytest.approx(72, abs=1)
    assert advice.how_sure.startswith("Not sure")


def test_a_good_set_gets_a_detail_to_improve():
    advice = advise(lifter_set(faults=(), verdict=Verdict.GOOD))
    assert advice.title == "To make it better still"
    assert advice.how_sure == "A detail: the set is good without it."


@pytest.mark.parametrize(
    "more",
    [
        {"contributions": ()},
        {"contributions": (contribution(effect=-0.02),)},
        {"unscored": "too little was seen", "score": NAN},
    ],
)
def test_where_nothing_matters_nothing_is_advised(more):
    assert advise(lifter_set(faults=(), **more)) is None


def test_without_a_repetition_nothing_is_advised():
    assert advise(nobody()) is None
    assert advise(changed(lifter_set(), reps=(), faults=())) is None


def test_evidence_without_a_place_in_the_lift_has_words_and_no_picture():
    faults = contribution("faults", "signs of a rounded back", part=None, value=NAN, unit=None)
    lifter = lifter_set(faults=(), verdict=Verdict.UNCLEAR, contributions=(faults,))
    advice = advise(lifter)
    assert advice.worst is advice.best is None
    assert "Signs of a rounded back" in advice.why
    assert advice.amount.text == ""
    # What can be shown comes first, and a good set needs no such advice.
    both = lifter_set(faults=(), contributions=(faults, contribution()))
    assert advise(both).cue.startswith("Raise the hips")
    assert advise(lifter_set(faults=(), contributions=(faults,))) is None


def test_lengths_are_told_in_centimetres():
    drift = fault(
        2, "bar_drifts", name="bar drifts away", unit=FaultUnit.TRUNK_LENGTH, value=0.26,
        threshold=0.12,
    )  # fmt: skip
    scaled = lifter_set(faults=(drift,), trunk_length_px=66.0)  # 0.55 m
    without = lifter_set(faults=(drift,), bar=IN_TRUNKS)
    assert "about 14 cm, where about 7 cm is the limit" in explain_fault(scaled, drift)
    assert "about 13 cm, where about 6 cm is the limit" in explain_fault(without, drift)
    assert amount_of_fault(scaled, drift).text == "about 14 cm"


def test_a_time_is_no_text_in_a_picture_and_nothing_is_no_number():
    slow = fault(
        2, "hitching", name="uneven pull", unit=FaultUnit.SECOND, value=0.37, threshold=0.2
    )
    assert amount_of_fault(lifter_set(faults=(slow,)), slow).text == ""
    assert "0.37 s, where" in explain_fault(lifter_set(faults=(slow,)), slow)
    unknown = fault(2, value=NAN)
    assert explain_fault(lifter_set(faults=(unknown,)), unknown) == "Hips shoot up in rep 2."
