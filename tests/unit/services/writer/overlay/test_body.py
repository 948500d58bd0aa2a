from dataclasses import replace

import pytest
from analyses import analysis, fault, frame, lifter_set, with_joints
from drawn_frames import analysed, drawn, has_colour, interpolated

from shared.data.fields import Keypoints
from shared.data.messages import empty_skeleton


@pytest.mark.parametrize(
    ("time_s", "amount", "is_drawn"),
    [(1.2, "bodies", True), (2.0, "bodies", False), (1.2, "minimal", False)],
)
def test_a_sole_is_drawn_while_the_heels_are_lifted(time_s, amount, is_drawn):
    lifted = fault(1, kind="heels_lift", from_s=1.0, to_s=1.4)
    one = analysis(lifter_set(faults=(lifted,), size_px=(640, 480)))
    sole_px = one.frames[round(10 * time_s)].person.sole_px
    x, y = (round(float(v)) for v in sole_px.mean(0))
    image = drawn(one, time_s, (640, 480), amount)
    assert has_colour(image[y - 2 : y + 3, x - 2 : x + 3], (60, 60, 235)) == is_drawn


def test_interpolated_joints_are_hollow():
    whole = frame(46, 4.6, 0.4)
    filled = replace(whole, filled=("RKnee", "LKnee"))  # from the side both are in one place
    images = [
        drawn(analysis(), 4.6, frames=[one])
        for one in (analysed(whole), analysed(filled), interpolated(whole))
    ]
    knee, hip = ([round(float(v)) for v in whole.xy_px[joint]] for joint in (9, 8))
    measured, joint_filled, frame_interpolated = (
        int(image[knee[1], knee[0]].max()) for image in images
    )
    assert joint_filled < 60 < measured
    assert frame_interpolated < 60
    assert images[1][hip[1], hip[0]].max() == images[0][hip[1], hip[0]].max()


def test_limbs_that_are_guessed_are_dashed():
    whole = frame(46, 4.6, 0.4)
    confidence = whole.joint_confidence.copy()
    confidence[[10, 13]] = 0.25  # from the side both ankles are in one place
    guessed = with_joints(whole, whole.xy_px, confidence)
    knee, ankle = whole.xy_px[9], whole.xy_px[10]
    x, y = (round(float(v)) for v in knee + 0.3 * (ankle - knee))
    bare, solid, dashed = (
        drawn(analysis(), 4.6, frames=[analysed(one)])
        for one in (replace(whole, keypoints=Keypoints(*empty_skeleton())), whole, guessed)
    )
    assert (solid[y, x] != bare[y, x]).any()
    assert (dashed[y, x] == bare[y, x]).all()
