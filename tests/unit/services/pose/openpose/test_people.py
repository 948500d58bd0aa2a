"""People from maps and fields that are drawn from known people."""

import numpy as np
import pytest
from drawn_maps import figure, maps_of

from services.pose.openpose.layouts import COCO, MPI, Layout
from services.pose.openpose.peaks import find_peaks
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
def test_all_are_found_and_none_are_mixed(layout, crowd, noise):
    drawn = CROWDS[crowd](layout)
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH, noise), layout)
    check(layout, drawn, found)
    assert found.xy.shape == (len(drawn), len(layout.joints), 2)
    assert (np.isnan(found.xy).any(-1) == (found.confidence == 0)).all()
    assert (np.diff(found.score) <= 0).all()  # surest first


@LAYOUTS
@pytest.mark.parametrize(
    ("x", "y"),
    [(-1.0, 3.0), (WIDTH - 1.0, 3.0), (20.0, -5.0), (20.0, 20.0)],
    ids=["left", "right", "top", "bottom"],
)
def test_who_is_cut_off_at_the_border_is_found_as_far_as_they_are_seen(layout, x, y):
    drawn = [figure(layout, x, y, 38), figure(layout, 45, 3, 38)]
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH), layout)
    check(layout, drawn, found)
    beyond = ((found.xy < -0.5) | (found.xy > (WIDTH - 0.5, HEIGHT - 0.5))).any()
    assert not beyond


@LAYOUTS
def test_two_legs_below_the_pictures_edge_are_one_persons(layout):
    """All limbs meet at the neck, or at the chest; without them a body is in halves."""
    drawn = [figure(layout, 20, -20, 40), figure(layout, 60, -20, 40), figure(layout, 40, 3, 38)]
    found = find_people(*maps_of(layout, drawn, HEIGHT, WIDTH), layout)
    assert len(found.score) == 3
    legs = [layout.joints.index(joint) for joint in ("RKnee", "RAnkle", "LKnee", "LAnkle")]
    for person in drawn:
        off = np.linalg.norm(found.xy - person, axis=-1)[:, legs]
        assert ((off < 1).all(-1)).sum() == 1


@LAYOUTS
def test_a_hidden_joint_is_missing_and_the_rest_stays_together(layout):
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


def test_a_row_of_people_is_not_stepped_over():
    """A line through a row of shoulders runs along the field wherever it meets one."""
    drawn = row(COCO, 10, 8.2, 19)
    check(COCO, drawn, find_people(*maps_of(COCO, drawn, HEIGHT, WIDTH, 0.01), COCO))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (5, 1)])
def test_maps_of_any_size_are_read(shape):
    heatmaps, fields = maps_of(COCO, [], *shape)
    assert find_people(heatmaps + 0.5, fields + 0.5, COCO).xy.shape[1:] == (18, 2)


@pytest.mark.parametrize("x", np.linspace(10, 11, 6))
@pytest.mark.parametrize("y", [0.0, 7.0, 7.3])
def test_a_peak_lies_between_the_cells_at_its_full_height(x, y):
    rows, columns = np.mgrid[:20, :30]
    bell = 0.7 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 0.875**2))
    peaks = find_peaks(bell[None].astype(np.float32), 0.6, 5)
    np.testing.assert_allclose(peaks.xy, [(x, y)], atol=0.01)
    np.testing.assert_allclose(peaks.confidence, [0.7], atol=0.01)


def test_peaks_are_the_surest_of_each_joint_and_a_plateau_is_one():
    maps = np.zeros((2, 20, 20), np.float32)
    maps[0, 2, 2], maps[0, 8, 8], maps[0, 14, 14] = 0.4, 0.9, 0.5
    maps[1, 5:7, 5:7] = 0.6
    peaks = find_peaks(maps, 0.05, most=2)
    assert peaks.joint.tolist() == [0, 0, 1]
    np.testing.assert_allclose(peaks.xy[:2], [(8, 8), (14, 14)], atol=0.01)
    np.testing.assert_allclose(peaks.xy[2], (5.5, 5.5), atol=0.01)


def test_a_layout_whose_limbs_and_fields_differ_in_number_is_refused():
    with pytest.raises(ValueError, match="1 limbs with 0 fields"):
        Layout("x", ("a", "b"), ((0, 1),), (), MPI.thresholds)
