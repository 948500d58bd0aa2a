"""The original program's way of using the network."""

import cv2
import numpy as np
import pattern
from pattern import LEFT, RIGHT, people_in

from services.pose.openpose.original import OriginalOpenPose
from shared.data.skeleton import HEAD


def test_original_mode_squashes_and_takes_the_highest_peaks(network):
    image = pattern.paint([LEFT], (170, 262))
    backend = OriginalOpenPose(network)
    [[person]] = people_in(backend, image)
    assert network.shown == [(368, 368)]
    cells = person.xy_px / np.array([170, 262]) * 46
    np.testing.assert_allclose(cells, np.rint(cells), atol=1e-3)
    assert (np.abs(person.xy_px - LEFT) < 1.2 * np.array([170, 262]) / 46).all()
    [[mixed]] = people_in(backend, pattern.paint([LEFT, RIGHT], (340, 256)))  # one, whoever it is
    assert mixed.xy_px.shape == (15, 2)


def test_original_mode_omits_joints_with_low_maps(network):
    image = pattern.paint([LEFT], (170, 262))
    cv2.circle(image, tuple(map(int, LEFT[HEAD])), 14, (0, 0, 0), -1)
    [[person]] = people_in(OriginalOpenPose(network), image)
    assert np.isnan(person.xy_px[HEAD]).all()
    assert person.confidence[HEAD] == 0
    assert (person.confidence[1:] > 0.1).all()
    assert people_in(OriginalOpenPose(network), np.zeros_like(image)) == [()]
