"""People from maps and fields that are drawn from known people."""

import numpy as np
import pytest
from drawn_maps import figure, maps_of

from services.pose.openpose.layouts import COCO, MPI
from services.pose.openpose.people import find_people

LAYOUTS = pytest.mark.parametrize("layout", [MPI, COCO], ids=lambda layout: layout.name)
WIDTH, HEIGHT = 82, 46


def row(layout, number, step, height, y=2.0):
    return [figure(layout, 0.25 * height + step * n, y, height) for n in range(number)]


#: What is drawn → its people. Each is told apart by where it stands.
CROWDS = {
    "nobody": lambda layout: [],
    "one": lambda layout: row(layout, 1, 0, 40),
    "two": lambda layout: row(layout, 2, 20.5, 36.3),
    "five": lambda layout: row(layout, 5, 15.2, 33),
    "twenty": lambda layout: row(layout, 10, 8.1, 19) + row(layout, 10, 8.1, 19, 23.4),
    "arms behind each other": lambda layout: row(layout, 2, 9, 38),
    "one before the other, closer by": lambda layout: [
        figure(layout, 30.3, 1, 44), figure(layout, 37, 12, 30)
    ],
    "bent over, in profile": lambda layout: [figure(layout, 30, 1.3, 42, profile=True)],
    "two in profile": lambda layout: [
        figure(layout, 12, 3, 38, profile=True), figure(layout, 40, 1, 40, profile=True)
    ],
}  # fmt: skip


def check(layout, drawn, found):
    """Everyone drawn is found once, with the joints that can be seen, within a cell."""
    assert len(found.score) == len(drawn)
    for person in drawn:
        off = np.linalg.norm(found.xy - person, axis=-1)
        who = int(np.nanmedian(off, axis=1).argmin())
        visible = ((person >= 0) & (person <= (WIDTH - 1, HEIGHT - 1))).all(-1)
        assert (off[who][visible] < 1).all()
        hidden = np.isnan(person[:, 0])
        assert np.isnan(found.xy[who][hidden]).all()
        assert (found.confidence[who][hidden] == 0).all()


@LAYOUTS
@pytest.mark.parametrize("crowd", CROWDS)
@pytest.mark.parametrize("noise", [0.0, 0.015])
def test_everyone_drawn_is_found_once(layout, crowd, noise):
    drawn = CROWDS[crowd](layout)
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH, noise), layout)
    check(layout, drawn, found)
    assert found.xy.shape == (len(drawn), len(layout.joints), 2)
    assert (np.isnan(found.xy).any(-1) == (found.confidence == 0)).all()
    assert (np.diff(found.score) <= 0).all()  # highest score first


@LAYOUTS
@pytest.mark.parametrize(
    ("x", "y"),
    [(-1.0, 3.0), (WIDTH - 1.0, 3.0), (20.0, -5.0), (20.0, 20.0)],
    ids=["left", "right", "top", "bottom"],
)
def test_people_cut_off_by_the_border_keep_their_visible_joints(layout, x, y):
    drawn = [figure(layout, x, y, 38), figure(layout, 45, 3, 38)]
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH), layout)
    check(layout, drawn, found)
    beyond = ((found.xy < -0.5) | (found.xy > (WIDTH - 0.5, HEIGHT - 0.5))).any()
    assert not beyond


@LAYOUTS
def test_two_legs_with_the_neck_out_of_view_are_one_person(layout):
    """All limbs meet at the neck, or at the chest; without them a body is in halves."""
    drawn = [figure(layout, 20, -20, 40), figure(layout, 60, -20, 40), figure(layout, 40, 3, 38)]
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH), layout)
    assert len(found.score) == 3
    legs = [layout.joints.index(joint) for joint in ("RKnee", "RAnkle", "LKnee", "LAnkle")]
    for person in drawn:
        off = np.linalg.norm(found.xy - person, axis=-1)[:, legs]
        assert ((off < 1).all(-1)).sum() == 1


@LAYOUTS
def test_a_person_with_hidden_joints_stays_together(layout):
    drawn = row(layout, 2, 20, 36)
    for joint in ("RElbow", "RWrist", "LAnkle"):
        drawn[1][layout.joints.index(joint)] = np.nan
    check(layout, drawn, find_people(*maps_of(layout, drawn, HEIGHT, WIDTH), layout))


@LAYOUTS
@pytest.mark.parametrize("seed", range(5))
def test_noise_is_nobody(layout, seed):
    """Far more noise than the networks make, whose empty maps stay below 0.02."""
    heatmaps, fields = maps_of(layout, [], HEIGHT, WIDTH, noise=0.1, seed=seed)
    assert len(find_people(heatmaps, fields, layout).score) == 0


@LAYOUTS
def test_joints_without_limbs_are_nobody(layout):
    heatmaps, fields = maps_of(layout, row(layout, 2, 20, 36), HEIGHT, WIDTH)
    assert len(find_people(heatmaps, 0 * fields, layout).score) == 0
    assert len(find_people(heatmaps, -fields, layout).score) == 0


def test_limbs_do_not_cross_a_row_of_people():
    """A line through a row of shoulders runs along the field wherever it meets one."""
    drawn = row(COCO, 10, 8.2, 19)
    check(COCO, drawn, find_people(*maps_of(COCO, drawn, HEIGHT, WIDTH, 0.01), COCO))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (5, 1)])
def test_maps_of_any_size_are_accepted(shape):
    heatmaps, fields = maps_of(COCO, [], *shape)
    assert find_people(heatmaps + 0.5, fields + 0.5, COCO).xy.shape[1:] == (18, 2)
