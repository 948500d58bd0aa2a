from dataclasses import replace

import numpy as np
from analyses import lifter_set, person, unseen

from services.writer.report.outline import back_outline
from shared.data.analysis import Measured
from shared.data.skeleton import L_HIP, NECK, R_HIP

FRAME = lifter_set(reps=1).frames[6]


def with_outline(right_px, left_px):
    outline = np.stack([np.full(11, right_px), np.full(11, left_px)]).astype(np.float32)
    seen = replace(person(FRAME.xy_px), outline_px=outline)
    return replace(FRAME, measured=Measured(seen))


def test_the_back_lies_behind_and_above_the_trunk():
    frame = with_outline(3.0, 7.0)
    points = back_outline(frame, 1)
    hips, neck = frame.xy_px[[L_HIP, R_HIP]].mean(0), frame.xy_px[NECK]
    assert len(points) == 10  # without the shoulder's
    # Bent over and facing right, the back is above and left of the line from hips to neck.
    assert points[0][1] < hips[1]
    assert points[0][0] < hips[0]
    along = (neck - hips) / np.linalg.norm(neck - hips)
    off = points - hips
    distance = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0])
    np.testing.assert_allclose(distance, 7.0, atol=1e-3)
    other = back_outline(frame, -1)
    assert (other[:, 1] > points[:, 1]).all()


def test_a_back_that_is_hardly_seen_is_not_drawn():
    assert back_outline(unseen(0, 0.0), 1) is None
    assert back_outline(with_outline(3.0, 7.0), 0) is None
    assert back_outline(with_outline(3.0, np.nan), 1) is None
