from datetime import date

import pytest
from analyses import NAN, lifter_set, rep

from services.writer.report import words
from shared.data.analysis import FaultUnit, NotJudged, Partial, Style, Verdict


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
        (0.1, FaultUnit.TRUNK_LENGTH, "about 5 cm"),
        (NAN, FaultUnit.SECOND, "– s"),
    ],
)
def test_values_have_their_unit_and_its_decimals(value, unit, text):
    assert words.format_measure(value, unit) == text


def test_lengths_are_those_of_the_lifters_own_trunk():
    assert words.format_measure(0.26, FaultUnit.TRUNK_LENGTH, 0.55) == "about 14 cm"
    limit = words.describe_limit(0.26, 0.12, FaultUnit.TRUNK_LENGTH, 0.55)
    assert limit == "where about 7 cm is the limit"


@pytest.mark.parametrize(
    ("score", "interval", "number", "coaches"),
    [
        (
            0.82, (0.70, 0.90), "0.82 (0.70–0.90)",
            "8 of 10 coaches would call this good; it may be 7 to 9",
        ),
        (0.61, (0.58, 0.64), "0.61 (0.58–0.64)", "6 of 10 coaches would call this good"),
        (
            0.03, (0.0, 0.12), "0.03 (0.00–0.12)",
            "Hardly any coach would call this good; it may be 0 to 1",
        ),
        (0.98, None, "0.98", "Nearly every coach would call this good"),
        (NAN, None, "–", ""),
    ],
)  # fmt: skip
def test_a_score_is_a_chance_with_an_interval(score, interval, number, coaches):
    one = rep(1, score=score, score_interval=interval)
    assert words.format_score(one) == number
    assert words.count_coaches(one) == coaches


def test_a_repetition_with_a_fault_is_never_called_good():
    for faults, called in (((), True), (("rounded_back",), False)):
        good = rep(1, verdict=Verdict.GOOD, faults=faults)
        assert words.is_called(good, Verdict.GOOD) is called
        assert not words.is_called(good, Verdict.POOR)
        assert words.is_called(rep(1, verdict=Verdict.POOR, faults=faults), Verdict.POOR)


def test_repetitions_are_named():
    assert words.name_reps([2], 3) == "rep 2"
    assert words.name_reps([1, 4, 5, 6], 10) == "reps 1, 4–6"
    assert words.name_reps([1, 2], 2) == "every rep"
    assert words.name_reps([1], 1) == "rep 1"


def test_a_day_is_written_out():
    assert words.format_date(date(2026, 3, 1)) == "1 March 2026"


def test_partial_repetitions_are_told_as_people_say_it():
    assert words.describe_partial(Partial.NO_END) == "cut off by the end of the film"
    assert words.describe_partial(Partial.WHOLE) == ""


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.95, "sure"), (0.8, "sure"), (0.6, "likely"), (0.59, "not sure")]
)
def test_confidence_has_three_levels(confidence, text):
    assert words.describe_confidence(confidence) == text


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


def test_faults_not_judged_are_grouped_by_reason():
    lifter = lifter_set(
        not_judged=(
            NotJudged("a", "rounded back", "it is hidden", (1, 2, 3)),
            NotJudged("b", "bent arms", "it is hidden", (1, 2, 3)),
            NotJudged("c", "heels lift", "the feet are not seen"),
        )
    )
    assert words.group_not_judged(lifter) == [
        ("Rounded back, bent arms", " in reps 1–3: it is hidden"),
        ("Heels lift", ": the feet are not seen"),
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
