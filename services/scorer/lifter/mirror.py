"""Mirrors on the gym's wall: they show the lifter once more, smaller. Pure."""

from collections.abc import Mapping

import numpy as np

from services.scorer.lifter.evidence import measure_heights
from shared.data.messages import Person

#: Correlation of the wrists' heights above which two people move alike. Chosen: a mirror shows the
#: lifter's own motion at the same moments, so only the pose stage's noise lowers it.
_MIN_CORRELATION = 0.95

#: Maximum size of a mirror image over the lifter's. Chosen: the image is as far behind the mirror
#: as the lifter is before it, so farther from the camera.
_MAX_SIZE = 0.9

#: Minimum number of rows that must show both to compare them. Chosen: fewer correlate by chance.
_MIN_ROWS = 5


def is_mirror_image(people: Mapping[int, Person], lifter: Mapping[int, Person]) -> bool:
    """Whether somebody moves as the lifter does at the same moments, but looks smaller.

    Args:
        people: row → the person who may be a mirror image.
        lifter: row → the lifter.
    """
    common = sorted(people.keys() & lifter.keys())
    if len(common) < _MIN_ROWS:
        return False
    image, original = (
        measure_heights({row: one[row] for row in common}) for one in (people, lifter)
    )
    both = np.isfinite(image.wrists_px + original.wrists_px)
    if both.sum() < _MIN_ROWS or image.body_px > _MAX_SIZE * original.body_px:
        return False
    correlation = np.corrcoef(image.wrists_px[both], original.wrists_px[both])[0, 1]
    return bool(correlation > _MIN_CORRELATION)
