"""The style of rendered sets."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.kinematics import compute_kinematics
from services.scorer.observe import observe_lift, observe_lifters
from services.scorer.reps.style import StyleFound, classify_style
from shared.data.analysis import Partial, Style
from shared.data.messages import Plate
from shared.data.skeleton import L_ANKLE, L_KNEE, L_WRIST, R_ANKLE, R_KNEE, R_WRIST
from synthetic import Lift, render_poses

#: Diameter of a plate in rendered pictures; any size of a bar's plate serves.
PLATE_PX = 180.0


def style_without(lift, *joints):
    """The style where some joints are never seen."""
    observed = lift_of(lift)
    xy = observed.motion.xy_px.copy()
    xy[:, joints] = np.nan
    motion = replace(observed.motion, xy_px=xy)
    return classify_style(motion, observed.reps, compute_kinematics(motion), PLATE_PX).style


@pytest.mark.parametrize("facing", ["right", "left"])
@pytest.mark.parametrize(
    ("style", "view"),
    [
        (Style.CONVENTIONAL, "side"),
        (Style.CONVENTIONAL, "oblique"),
        (Style.CONVENTIONAL, "front"),
        (Style.SUMO, "front"),
        (Style.ROMANIAN, "side"),
        (Style.ROMANIAN, "oblique"),
    ],
)
def test_styles_are_distinguished(style, view, facing):
    lift = Lift(reps=2, fps=15, style=style.value, view=view, facing=facing)
    assert lift_of(lift, noise_px=1.0).style is style


def test_straight_legs_with_the_bar_on_the_floor_are_conventional():
    lift = Lift(reps=2, fps=15, view="side", fault="stiff_legged", severity=65)
    assert lift_of(lift).style is Style.CONVENTIONAL


@pytest.mark.parametrize("style", [Style.ROMANIAN, Style.CONVENTIONAL])
def test_thighs_decide_where_plates_hide_the_ankles_at_the_bottom(style):
    observed = lift_of(Lift(reps=2, fps=15, view="side", style=style.value))
    xy = observed.motion.xy_px.copy()
    for rep in observed.reps:
        xy[rep.start - 2 : rep.start + 3, [[L_ANKLE], [R_ANKLE]]] = np.nan
    motion = replace(observed.motion, xy_px=xy)
    kinematics = compute_kinematics(motion)
    assert np.isnan(kinematics.knee[[rep.start for rep in observed.reps]]).all()
    assert classify_style(motion, observed.reps, kinematics, PLATE_PX).style is style


def test_thighs_decide_where_ankles_are_placed_at_the_plates_rim():
    def shins_cut_short(person):
        xy = person.xy_px.copy()
        for knee, ankle in ((R_KNEE, R_ANKLE), (L_KNEE, L_ANKLE)):
            if xy[[L_WRIST, R_WRIST], 1].mean() > xy[[L_KNEE, R_KNEE], 1].mean() - 20:
                xy[ankle] = xy[knee] + 0.3 * (xy[ankle] - xy[knee])
        return replace(person, xy_px=xy)

    for style in (Style.ROMANIAN, Style.CONVENTIONAL):
        lift = lift_of(Lift(style=style.value, view="side"), change=shins_cut_short)
        assert np.isnan(lift.kinematics.knee[[rep.start for rep in lift.reps]]).all()
        assert lift.style is style


@pytest.mark.parametrize(
    ("lift", "lower_by", "style"),
    [
        (Lift(reps=2, fps=15, view="side", style="romanian"), 0.2, Style.ROMANIAN),
        (
            Lift(reps=2, fps=15, view="side", fault="stiff_legged", severity=70),
            -0.2,
            Style.CONVENTIONAL,
        ),
    ],
)
def test_the_plate_tells_the_bars_height_where_hands_are_misplaced(lift, lower_by, style):
    """In trunk lengths; networks misplace hands by as much behind plates."""
    observed = lift_of(lift)
    xy = observed.motion.xy_px.copy()
    xy[:, [L_WRIST, R_WRIST], 1] += lower_by * observed.motion.trunk_length_px
    motion = replace(observed.motion, xy_px=xy)

    def style_with(plate_height):
        kinematics = observed.kinematics
        return classify_style(motion, observed.reps, kinematics, PLATE_PX, plate_height).style

    assert style_with(np.nan) is not style
    assert style_with(0.35 if style is Style.ROMANIAN else 0.15) is style
    assert lift_of(lift).style is style


def test_style_is_unknown_where_the_legs_are_unseen():
    lift = Lift(reps=2, fps=15, view="side")
    assert style_without(lift, L_KNEE, R_KNEE, L_ANKLE, R_ANKLE) is Style.UNKNOWN


def test_style_is_unknown_without_reps():
    observed = lift_of(Lift(reps=1, fps=15))
    found = classify_style(observed.motion, (), observed.kinematics, PLATE_PX)
    assert found == StyleFound(Style.UNKNOWN, 0.0)


def test_style_is_unknown_where_no_start_of_a_rep_is_seen():
    """The bottom, which tells styles apart, is not in the clip."""
    lift = lift_of(Lift(reps=1, fps=15, view="side", partial="start"))
    assert [rep.partial for rep in lift.reps] == [Partial.NO_START]
    assert (lift.style, lift.style_confidence) == (Style.UNKNOWN, 0.0)


@pytest.mark.parametrize("turn_deg", [40.0, 80.0])
@pytest.mark.parametrize("ball", [False, True])
def test_hands_together_and_no_plate_of_a_bar_are_a_kettlebell(turn_deg, ball):
    """The ball of the kettlebell may be taken for a small plate."""
    hands = [L_WRIST, R_WRIST]

    def together(person):
        xy = person.xy_px.copy()
        xy[hands] = 0.85 * xy[hands].mean(0) + 0.15 * xy[hands]
        return replace(person, xy_px=xy)

    def plates_of(person):
        x, y = person.xy_px[hands].mean(0)
        return (Plate(float(x), float(y) + 30, 30.0, 30.0, 0.9),) if ball else ()

    seen = observe_lifters(render_poses(Lift(reps=2, fps=15, turn_deg=turn_deg)))[0]
    people = tuple(together(person) for person in seen.people)
    held = observe_lift(replace(seen, people=people, plates=tuple(map(plates_of, people))))
    assert held.style is Style.KETTLEBELL
    assert 0.6 < held.style_confidence < 0.85
    assert observe_lift(seen).style is Style.CONVENTIONAL


def test_no_style_is_certain_from_the_side():
    for style in ("conventional", "sumo"):
        lift = lift_of(Lift(reps=2, fps=15, turn_deg=0.0, style=style))
        assert lift.style is Style.CONVENTIONAL
        assert lift.style_confidence < 0.9


def test_an_unmistakable_stance_is_more_certain_than_a_doubtful_one():
    def narrower(person):
        xy = person.xy_px.copy()
        middle = xy[[L_ANKLE, R_ANKLE], 0].mean()
        xy[[L_ANKLE, R_ANKLE], 0] = middle + 0.87 * (xy[[L_ANKLE, R_ANKLE], 0] - middle)
        return replace(person, xy_px=xy)

    wide = lift_of(Lift(reps=2, fps=15, view="front", style="sumo"))
    doubtful = lift_of(Lift(reps=2, fps=15, view="front", style="sumo"), change=narrower)
    assert wide.style is doubtful.style is Style.SUMO
    assert wide.style_confidence > 0.9 > doubtful.style_confidence
