"""The style of a set is told by the legs at the bottom."""

from dataclasses import replace

import numpy as np
from lifted import lift_of

from shared.data.skeleton import L_ANKLE, L_KNEE, L_WRIST, R_ANKLE, R_KNEE, R_WRIST
from synthetic import Lift


def test_thighs_tell_a_romanian_set_where_ankles_are_hidden():
    def shins_cut_short(person):
        xy = person.xy_px.copy()
        for knee, ankle in ((R_KNEE, R_ANKLE), (L_KNEE, L_ANKLE)):
            # as if it were seen at the plate's rim, while the hands are low
            if xy[[L_WRIST, R_WRIST], 1].mean() > xy[[L_KNEE, R_KNEE], 1].mean() - 20:
                xy[ankle] = xy[knee] + 0.3 * (xy[ankle] - xy[knee])
        return replace(person, xy_px=xy)

    lift = lift_of(Lift(style="romanian", view="side"), change=shins_cut_short)
    bottoms = [rep.start for rep in lift.reps]
    assert np.isnan(lift.kinematics.knee[bottoms]).all()
    assert lift.style == "romanian"
    assert lift_of(Lift(view="side"), change=shins_cut_short).style == "conventional"
