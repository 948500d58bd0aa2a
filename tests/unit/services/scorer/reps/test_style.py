"""The style of rendered sets."""

from dataclasses import replace

import numpy as np
import pytest
from lifted import lift_of

from services.scorer.motion.kinematics import compute_kinematics
from services.scorer.reps.style import classify_style
from shared.data.analysis import Style
from shared.data.skeleton import L_ANKLE, L_KNEE, L_WRIST, R_ANKLE, R_KNEE, R_WRIST
from synthetic import Lift


def style_without(lift, *joints):
    """The style where some joints are never seen."""
    observed = lift_of(lift)
    xy = observed.motion.xy_px.copy()
    xy[:, joints] = np.nan
    motion = replace(observed.motion, xy_px=xy)
    return classify_style(motion, observed.reps, compute_kinematics(motion))


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
    assert classify_style(motion, observed.reps, kinematics) is style


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


def test_style_is_unknown_where_the_legs_are_unseen():
    lift = Lift(reps=2, fps=15, view="side")
    assert style_without(lift, L_KNEE, R_KNEE, L_ANKLE, R_ANKLE) is Style.UNKNOWN


def test_style_is_unknown_without_reps():
    observed = lift_of(Lift(reps=1, fps=15))
    assert classify_style(observed.motion, (), observed.kinematics) is Style.UNKNOWN
