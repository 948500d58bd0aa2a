import numpy as np
import pytest

from services.pose.backends import TimedImage, load_backend
from services.pose.blazepose.region import Region
from shared.data.skeleton import MIRRORED, trunk_length_px
from synthetic import Lift, render

CHUNK = 16


@pytest.mark.parametrize("turn_rad", [0.0, 0.4, -1.0])
def test_a_mirrored_region_equals_that_of_the_mirrored_image(turn_rad):
    image = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    there = Region(70.0, 50.0, 64.0, turn_rad, mirrored=True)
    here = Region(159 - 70.0, 50.0, 64.0, -turn_rad)
    mirrored = np.ascontiguousarray(image[:, ::-1])
    off = there.crop(image, 64).astype(int) - here.crop(mirrored, 64).astype(int)
    assert np.abs(off).mean() < 2


@pytest.mark.parametrize("facing", ["right", "left"])
def test_a_mirrored_lifter_has_mirrored_joints(models, facing):
    backend = load_backend("blazepose-full")
    lift = Lift(reps=1, fps=10, width_px=640, height_px=480, facing=facing)
    frames = [frame.image for frame in render(lift)][:CHUNK]
    mirrored = [np.ascontiguousarray(image[:, ::-1]) for image in frames]
    off, outline_off, turn_off = [], [], []
    for one, other in zip(people(backend, frames), people(backend, mirrored), strict=True):
        xy = other[0].xy_px[list(MIRRORED)] * (-1, 1) + (frames[0].shape[1] - 1, 0)
        sure = (one[0].confidence > 0.5) & (other[0].confidence[list(MIRRORED)] > 0.5)
        off.append(np.linalg.norm(one[0].xy_px - xy, axis=1)[sure] / trunk_length_px(one[0].xy_px))
        turn_off.append(abs(one[0].turn_deg - other[0].turn_deg))
        outline_off.append(np.nanmean(np.abs(one[0].outline_px - other[0].outline_px[::-1])))
    assert np.median(outline_off) < 3
    assert np.median(turn_off) < 3
    assert np.median(np.concatenate(off)) < 0.02


def people(backend, frames):
    images = [TimedImage(image, number / 10) for number, image in enumerate(frames)]
    return list(backend.people(images))
