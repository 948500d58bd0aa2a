import pytest
from analyses import NAN, changed, fault, lifter_set, nobody, rep

from services.writer.report import words
from shared.data.analysis import FaultUnit, NotJudged, Partial, Style


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([1, 3, 4, 5, 8, 9], "1, 3–5, 8, 9"),
        ([2], "2"),
        ([], ""),
        ([1, 2, 3, 4], "1–4"),
    ],
)
def test_consecutive_numbers_become_ranges(numbers, text):
    assert words.format_ranges(numbers) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (17.4, FaultUnit.DEGREE, "17°"),
        (0.256, FaultUnit.SECOND, "0.26 s"),
        (0.1, FaultUnit.TRUNK_LENGTH, "0.10 trunk lengths"),
        (NAN, FaultUnit.SECOND, "– s"),
    ],
)
def test_values_have_their_unit_and_its_decimals(value, unit, text):
    assert words.format_measure(value, unit) == text


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (0.61, "good"),
        (0.58, "good"),
        (0.57, "fair"),
        (0.55, "fair"),
        (0.48, "poor"),
        (NAN, "unscored"),
    ],
)
def test_a_score_is_graded_against_those_of_other_sets(score, grade):
    assert words.grade_score(score) == grade


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.95, "very likely"), (0.6, "likely"), (0.59, "possible")]
)
def test_confidence_has_three_levels(confidence, text):
    assert words.describe_confidence(confidence) == text


def unjudged(count, reps=()):
    return tuple(NotJudged(f"rule_{n}", f"fault {n}", "reason", reps) for n in range(count))


@pytest.mark.parametrize(
    ("style", "confidence", "text", "unsure"),
    [
        (Style.CONVENTIONAL, 0.85, "conventional deadlift", False),
        (Style.ROMANIAN, 0.7, "Romanian deadlift", True),
        (Style.KETTLEBELL, 0.64, "kettlebell deadlift", True),
        (Style.UNKNOWN, 0.0, "deadlift", False),
    ],
)
def test_the_exercise_is_named_in_plain_words(style, confidence, text, unsure):
    summary = lifter_set(1, style=style, style_confidence=confidence).summary
    assert words.describe_exercise(summary) == text
    assert words.is_exercise_unsure(summary) is unsure


def test_a_deadlift_that_is_seen_in_part_is_only_probable():
    summary = lifter_set(1, style=Style.UNKNOWN, exercise_confidence=0.7).summary
    assert words.is_exercise_unsure(summary)


@pytest.mark.parametrize(
    ("lifter", "headline"),
    [
        (nobody(), "No lifter was found in this clip"),
        (changed(lifter_set(), reps=(), faults=()), "No repetition was found in this clip"),
        (lifter_set(2), "2 reps, and one thing to work on"),
        (lifter_set(1, faults=(), not_judged=()), "1 rep, and no faults found"),
        (lifter_set(1, faults=()), "1 rep, and no faults found in what could be judged"),
        (
            lifter_set(1, faults=(), not_judged=unjudged(6)),
            "1 rep; most faults could not be judged",
        ),
        (
            lifter_set(1, faults=(), not_judged=unjudged(6, reps=(1,))),
            "1 rep, and no faults found in what could be judged",
        ),
        (
            lifter_set(2, faults=tuple(fault(1, f"kind_{n}") for n in range(7))),
            "2 reps, and 7 things to work on",
        ),
    ],
)
def test_the_headline_says_what_was_found(lifter, headline):
    assert words.describe_set(lifter) == headline


def test_faults_not_judged_are_grouped_by_reason():
    lifter = lifter_set(
        not_judged=(
            NotJudged("a", "rounded back", "it is hidden", (1, 2, 3)),
            NotJudged("b", "bent arms", "it is hidden", (1, 2, 3)),
            NotJudged("c", "heels lift", "the feet are not seen"),
        )
    )
    assert words.group_not_judged(lifter) == [
        ("Rounded back, bent arms", " in reps 1–3, because it is hidden"),
        ("Heels lift", ", because the feet are not seen"),
    ]


@pytest.mark.parametrize(
    ("velocities", "text"),
    [
        ((0.5, 0.4), "The last rep was 20 % slower than the fastest."),
        ((0.5, 0.49), "The last rep was as fast as the fastest."),
        ((0.5,), ""),
        ((0.5, NAN), ""),
    ],
)
def test_velocity_loss_compares_the_last_with_the_fastest(velocities, text):
    reps = [rep(n, mean_velocity=velocity) for n, velocity in enumerate(velocities, start=1)]
    assert words.describe_velocity_loss(reps) == text


def test_velocity_loss_ignores_partial_reps():
    reps = [rep(1, mean_velocity=0.5), rep(2, mean_velocity=0.4), rep(3, mean_velocity=0.1)]
    reps[2] = rep(3, mean_velocity=0.1, partial=Partial.NO_END)
    assert "20 %" in words.describe_velocity_loss(reps)
