"""Rendered sets as the pose stage would report them."""

import numpy as np
import pytest

from synthetic import Lift, render_poses


def test_order_of_people_varies_and_nobody_is_lost():
    frames = render_poses(Lift(reps=1, fps=20, bystanders=2))
    lefts = [tuple(np.argsort([p.box_px[0] for p in frame.people])) for frame in frames]
    assert {len(frame.people) for frame in frames} == {3}
    assert len(set(lefts)) == 6


def test_noise_has_the_given_size_and_depends_on_the_seed():
    lift = Lift(reps=1, fps=20)
    exact, noisy, again = (
        np.stack([f.people[0].xy_px for f in render_poses(lift, noise, 3)])
        for noise in (0, 2.0, 2.0)
    )
    assert (noisy - exact).std() == pytest.approx(2.0, rel=0.05)
    np.testing.assert_array_equal(noisy, again)
