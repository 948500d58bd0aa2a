"""Covered sets: what is hidden in the pixels and in the truth, and what stays as it was."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from shared.data.skeleton import (
    CHEST,
    HEAD,
    L_ANKLE,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic import COVERS, Lift, render, truth
from synthetic.barbell import plates
from synthetic.camera import camera_of
from synthetic.lift import bar_m

#: Joints that each cover hides in every frame, from side and oblique.
HIDDEN = {
    "legs": [L_KNEE, R_KNEE, L_ANKLE, R_ANKLE],
    "hands": [L_WRIST, R_WRIST],
    "plate": [],
    "head": [HEAD, NECK],
    "bottom": [L_KNEE, R_KNEE, L_ANKLE, R_ANKLE],
    "top": [],
}
#: Joints that are as visible as without it, in every frame.
LEFT = {
    "legs": [HEAD, NECK, CHEST, L_SHOULDER, R_SHOULDER, R_HIP],
    "hands": [HEAD, R_HIP],
    "plate": [HEAD],
    "head": [R_HIP, R_KNEE, R_ANKLE, L_WRIST, R_WRIST],
    "bottom": [HEAD, NECK, CHEST, L_SHOULDER, R_SHOULDER],
    "top": [CHEST, R_KNEE, R_ANKLE, L_WRIST, R_WRIST],
}
ANKLES = [L_ANKLE, R_ANKLE]
VIEWS = [("side", "right"), ("oblique", "left")]


@cache
def frames_of(view, facing, *covered):
    lift = Lift(
        reps=1, fps=3, width_px=320, height_px=240, view=view, facing=facing, covered=covered
    )
    return list(render(lift))


def pixel(frame, joint):
    x, y = np.round(frame.joints_px[joint]).astype(int)
    return frame.image[y, x]


@pytest.mark.parametrize(("view", "facing"), VIEWS)
@pytest.mark.parametrize("cover", COVERS)
def test_only_the_covered_part_changes(view, facing, cover):
    mirrored = {R_HIP: 11, R_KNEE: L_KNEE, R_ANKLE: L_ANKLE} if facing == "left" else {}
    for frame, bare in zip(frames_of(view, facing, cover), frames_of(view, facing), strict=True):
        np.testing.assert_array_equal(frame.joints_px, bare.joints_px)
        np.testing.assert_array_equal(frame.bar_px, bare.bar_px)
        np.testing.assert_array_equal(frame.plate_px, bare.plate_px)
        changed = (frame.image != bare.image).any(-1)
        assert len(np.unique(frame.image[changed], axis=0)) == 1  # the cover's colour
        assert not frame.visible[HIDDEN[cover]].any()
        assert not (frame.visible & ~bare.visible).any()
        for joint in HIDDEN[cover]:
            # arms and near plate are before the wall, except at the ankles at lockout
            is_bare = cover != "legs" or (joint in ANKLES and frame.bar_progress > 0.95)
            if is_bare and frame.joints_px[joint][1] >= 0:
                assert (pixel(frame, joint) == frame.image[changed][0]).all()
        for joint in (mirrored.get(joint, joint) for joint in LEFT[cover]):
            assert frame.visible[joint] == bare.visible[joint], joint
            if frame.joints_px[joint][1] >= 0:
                assert (pixel(frame, joint) == pixel(bare, joint)).all()


@pytest.mark.parametrize(("view", "facing"), VIEWS)
def test_one_half_of_the_near_plate_is_covered_all_the_way_up(view, facing):
    lift = Lift(width_px=320, height_px=240, view=view, facing=facing)
    for frame, bare in zip(frames_of(view, facing, "plate"), frames_of(view, facing), strict=True):
        camera = camera_of(lift)
        discs = plates(camera, bar_m(frame.bar_progress, lift))
        left, top, right, bottom = max(discs, key=lambda disc: disc.centre[2]).box
        y, x = np.mgrid[0:240, 0:320]
        across, down = (left + right) / 2, (top + bottom) / 2
        half_width, half_height = (right - left) / 2 - 2, (bottom - top) / 2 - 2
        inside = ((x - across) / half_width) ** 2 + ((y - down) / half_height) ** 2 < 1
        changed = (frame.image != bare.image).any(-1)
        assert 0.4 < changed[inside].mean() < 0.6
        ahead = (x > across) == (facing == "right")
        assert changed[inside & ahead].mean() > 0.85
        assert changed[inside & ~ahead].mean() < 0.15


def test_bands_hide_head_at_lockout_and_hands_on_the_floor():
    floor = frames_of("oblique", "left", "bottom")[0]
    assert not floor.visible[[L_WRIST, R_WRIST]].any()
    top = max(frames_of("oblique", "left", "top"), key=lambda frame: frame.bar_progress)
    assert not top.visible[HEAD]
    assert frames_of("oblique", "left", "top")[0].visible[HEAD]


def test_several_covers_hide_together():
    frame = frames_of("side", "right", "legs", "head")[0]
    assert not frame.visible[[HEAD, NECK, L_KNEE, R_KNEE]].any()


@pytest.mark.parametrize("cover", COVERS)
def test_truth_without_pixels_hides_the_same_joints(cover):
    lift = Lift(reps=1, fps=5, view="oblique", covered=(cover,))
    bare = truth(replace(lift, covered=()))
    for frame, uncovered in zip(truth(lift), bare, strict=True):
        seen, before = frame.lifter.visible, uncovered.lifter.visible
        assert not seen[HIDDEN[cover]].any()
        assert (seen[LEFT[cover]] == before[LEFT[cover]]).all()
        assert not (seen & ~before).any()
        np.testing.assert_array_equal(frame.lifter.joints_px, uncovered.lifter.joints_px)


def test_unknown_cover_is_refused_by_name():
    with pytest.raises(ValueError, match=r"no cover 'feet'; there are legs, hands"):
        Lift(covered=("feet",))
