import pytest

from services.writer.report.cues import cue_for

#: Names of contributions (docs/score.md) → a word of what to do.
NAMES = {
    "hips_low_at_start": "Raise the hips",
    "hips_high_at_start": "Sink the hips",
    "lean_at_start": "Show your chest",
    "lean_off_the_floor": "Push the floor away",
    "lean_above_the_knees": "Push the floor away",
    "shoulders_behind_bar_at_start": "shoulders over the bar",
    "bar_ahead_at_start": "middle of the foot",
    "bar_ahead_above_the_knees": "drag the bar",
    "arms_bent_off_the_floor": "straighten the elbows",
    "knees_straight_off_the_floor": "Push with the legs",
    "knees_bent_above_the_knees": "drive the hips forward",
    "knees_bent_at_lockout": "Finish the lift",
    "hips_bent_at_lockout": "Finish the lift",
    "knees_bent_lowering": "hips back first",
    "back_round_off_the_floor": "brace",
    "trunk_shorter_off_the_floor": "brace",
    "head_back_off_the_floor": "Look at the floor",
    "leaning_back_at_lockout": "Stand tall",
}


@pytest.mark.parametrize(("name", "part"), NAMES.items())
def test_each_deviation_has_a_cue(name, part):
    assert part in cue_for(name, "text")


def test_an_unknown_deviation_is_still_something_to_watch():
    assert cue_for("of_a_new_model", "hips 3° off") == "Watch this next time: hips 3° off."
