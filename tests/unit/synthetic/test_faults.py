"""Injected faults: of the given severity, and no other."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from shared.data.skeleton import (
    CHEST,
    HEAD,
    L_ANKLE,
    L_HIP,
    L_KNEE,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)
from synthetic import Lift, render, reps_s, truth


def angle(vector):
    """Of (n, 2) in pixels against upright, towards the right positive, degrees."""
    return np.degrees(np.arctan2(vector[..., 0], -vector[..., 1]))


@cache
def measured(lift):
    """Every fault's value, from the true points of a set filmed straight from the side."""
    lift = replace(lift, reps=1, fps=120, turn_deg=0.0)
    people = [frame.lifter for frame in truth(lift)]
    rep = reps_s(lift)[0]
    start, top = round(rep.start_s * lift.fps), round(rep.top_s * lift.fps)
    xy = np.stack([p.joints_px for p in people]).astype(float)
    feet = np.stack([p.feet_px for p in people]).astype(float)
    bar = np.stack([p.bar_px for p in people]).astype(float)
    pull = slice(start, top + 1)
    hips, neck = xy[:, [L_HIP, R_HIP]].mean(1), xy[:, NECK]
    knees, ankles = xy[:, [L_KNEE, R_KNEE]].mean(1), xy[:, [L_ANKLE, R_ANKLE]].mean(1)
    trunk, thigh, shank = angle(neck - hips), angle(hips - knees), angle(knees - ankles)
    arm = angle(xy[:, R_ELBOW] - xy[:, R_SHOULDER]) - angle(xy[:, R_WRIST] - xy[:, R_ELBOW])
    bend = angle(neck - xy[:, CHEST]) - angle(xy[:, CHEST] - hips)
    pitch = angle(feet[:, 2:].mean(1) - feet[:, :2].mean(1))
    trunk_length = np.linalg.norm(neck - hips, axis=-1)[top]
    speed = np.abs(np.diff(bar[pull, 1])) * lift.fps
    is_slow = speed < 0.15 * np.ptp(bar[pull, 1]) / (rep.top_s - rep.start_s)
    middle = np.abs(np.linspace(-1, 1, len(speed))) < 0.7
    return {
        "hips_shoot_up": trunk[pull].max() - trunk[start],
        "elevation": 90 + thigh[start],
        "rounded_back": bend[pull].max(),
        "bar_drifts": (bar[pull, 0].max() - bar[start, 0]) / trunk_length,
        "incomplete_lockout": max(trunk[top] - thigh[top], shank[top] - thigh[top]),
        "leaning_back": -trunk[top],
        "bent_arms": ((arm[pull] + 180) % 360 - 180).max(),
        "heels_lift": pitch[pull].max() - pitch[start],
        "hitching": (is_slow & middle).sum() / lift.fps,
        "neck_craned": (trunk - angle(xy[:, HEAD] - neck))[start],
    }


#: Values of a correct set differ from it by less than this.
TOLERANCES = {"bar_drifts": 0.01, "hitching": 0.035}


SEVERITIES = [
    ("hips_shoot_up", (6, 12, 20)),
    ("stiff_legged", (55, 65, 72)),
    ("squatted", (8, 0, -8)),
    ("rounded_back", (12, 25, 45)),
    ("bar_drifts", (0.08, 0.15, 0.3)),
    ("incomplete_lockout", (10, 20, 35)),
    ("leaning_back", (8, 14, 20)),
    ("bent_arms", (15, 30, 50)),
    ("heels_lift", (8, 15, 30)),
    ("hitching", (0.3, 0.5, 0.9)),
    ("neck_craned", (20, 45, 60)),
]


@pytest.mark.parametrize("style", ["conventional", "sumo"])
@pytest.mark.parametrize(
    ("fault", "severity"), [(fault, s) for fault, three in SEVERITIES for s in three]
)
def test_exactly_the_injected_fault_is_there(style, fault, severity):
    correct = measured(Lift(style=style))
    faulty = measured(Lift(style=style, fault=fault, severity=severity))
    name = {"stiff_legged": "elevation", "squatted": "elevation"}.get(fault, fault)
    before = correct[name] if fault == "neck_craned" else 0.0
    assert faulty[name] == pytest.approx(before + severity, abs=TOLERANCES.get(name, 1.0))
    free = {name}
    if fault == "hips_shoot_up":  # a lifter whose hips can shoot up begins with low ones
        free.add("elevation")
        assert faulty["elevation"] > 10
    if name in ("elevation", "hips_shoot_up", "bent_arms", "rounded_back"):
        free.add("neck_craned")  # measured against the trunk, which leans otherwise
    if fault == "incomplete_lockout":
        free.add("leaning_back")  # it leans forward
        assert faulty["leaning_back"] < 0
    if fault == "leaning_back":
        free.add("incomplete_lockout")
        assert faulty["incomplete_lockout"] <= 0.5
    for other in set(correct) - free:
        limit = TOLERANCES.get(other, 1.5)
        assert faulty[other] == pytest.approx(correct[other], abs=limit), other


@pytest.mark.parametrize("style", ["conventional", "sumo", "romanian"])
def test_correct_set_has_no_fault(style):
    values = measured(Lift(style=style))
    for name in set(values) - {"elevation", "neck_craned", "hitching"}:
        assert values[name] < TOLERANCES.get(name, 1.0), name
    assert values["hitching"] == 0


@pytest.mark.parametrize(("fault", "severities"), SEVERITIES)
def test_fault_changes_the_picture(fault, severities):
    def picture(lift):
        rep, fraction = reps_s(lift)[0], 0.35 if fault == "hips_shoot_up" else 0.6
        index = round((rep.start_s + fraction * (rep.top_s - rep.start_s)) * lift.fps)
        if fault in ("incomplete_lockout", "leaning_back"):
            index = round(rep.top_s * lift.fps) + 1
        return next(f.image for f in render(lift) if f.index == index).astype(int)

    settings = {"reps": 1, "fps": 10, "width_px": 240, "height_px": 180, "view": "side"}
    correct, faulty = Lift(**settings), Lift(**settings, fault=fault, severity=severities[1])
    difference = np.abs(picture(correct) - picture(faulty)).max(-1)
    assert (difference > 40).sum() > 30
