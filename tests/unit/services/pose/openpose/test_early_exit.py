"""When a picture's maps have converged, on maps drawn from known people."""

import numpy as np
import pytest
from drawn_maps import figure, maps_of

from services.pose.openpose.early_exit import converged_people, mean_shift
from services.pose.openpose.layouts import MPI
from services.pose.openpose.people import find_candidates
from shared.data.skeleton import L_WRIST

STILL = figure(MPI, 20, 6, 26)
HEIGHT, WIDTH = 50, 60


class Stages:
    """Stages of several pictures, each picture's people drawn anew; counts those that are run.

    As a network's, a stage's maps lie where those of the one before did.
    """

    def __init__(self, *pictures):
        self._pictures = pictures
        self.run = 0

    def __iter__(self):
        maps = None
        for stage in zip(*self._pictures, strict=True):
            self.run += 1
            drawn = [maps_of(MPI, people, HEIGHT, WIDTH) for people in stage]
            now = [np.stack(kind).astype(np.float32) for kind in zip(*drawn, strict=True)]
            maps = maps or now
            for kept, new in zip(maps, now, strict=True):
                kept[:] = new
            yield tuple(maps)


def without(person, *joints):
    """A person some of whose joints are not seen."""
    seen = person.copy()
    seen[list(joints)] = np.nan
    return seen


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([STILL], [STILL], 0.0),
        ([STILL], [STILL + (0.6, 0.8)], 1.0),
        ([STILL], [STILL + (12, 0)], 2.0),  # so far that it is another
        ([STILL], [without(STILL, L_WRIST)], 2 / 29),  # one of 15 has no other, none of 14
        ([STILL, STILL + (20, 0)], [STILL], 2 * 15 / 45),
        ([STILL], [], 2.0),
        ([], [STILL], 2.0),
        ([], [], 0.0),
    ],
)
def test_the_mean_shift_weights_peaks_by_height(before, now, expected):
    first, second = (
        find_candidates(maps_of(MPI, people, HEIGHT, WIDTH)[0], MPI) for people in (before, now)
    )
    assert mean_shift(first, second) == pytest.approx(expected, abs=0.05)
    assert mean_shift(second, first) == pytest.approx(mean_shift(first, second))


def test_an_image_converges_when_its_peaks_stay_in_place():
    stages = Stages([[STILL - 4], [STILL], [STILL + 0.15], [STILL + 6], [STILL]])
    [found] = converged_people(stages, MPI)
    assert stages.run == 3
    np.testing.assert_allclose(found.xy[0], STILL + 0.15, atol=0.1)


def test_without_convergence_all_stages_are_run():
    stages = Stages([[STILL + 4 * number] for number in range(3)])
    [found] = converged_people(stages, MPI)
    assert stages.run == 3
    np.testing.assert_allclose(found.xy[0], STILL + 8, atol=0.1)


def test_a_single_stage_is_the_answer():
    stages = Stages([[STILL, STILL + (20, 0)]])
    [found] = converged_people(stages, MPI)
    assert (stages.run, len(found.xy)) == (1, 2)


def test_an_images_result_does_not_depend_on_its_batch():
    soon = [[STILL], [STILL + 0.15], [STILL + 5], [STILL + 9]]
    late = [[STILL], [STILL + 4], [STILL + 8], [STILL + 8.1]]
    never = [[STILL], [STILL + 4], [STILL + 8], [STILL + 4]]
    nobody = [[], [], [STILL], [STILL]]
    together = converged_people(Stages(soon, late, never, nobody), MPI)
    for one, stages in zip(together, (soon, late, never, nobody), strict=True):
        [alone] = converged_people(Stages(stages), MPI)
        np.testing.assert_array_equal(one.xy, alone.xy)
        np.testing.assert_array_equal(one.score, alone.score)
    assert [len(one.xy) for one in together] == [1, 1, 1, 0]
    for one, expected in zip(together, (STILL + 0.15, STILL + 8.1, STILL + 4), strict=False):
        np.testing.assert_allclose(one.xy[0], expected, atol=0.1)
