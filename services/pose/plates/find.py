"""Weight plates near the hands: circles from the side, upright ellipses from an angle. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.pose.plates.circles import find_circles
from services.pose.plates.rims import find_rims, trace_rim
from services.pose.plates.window import make_window, trunk_size_px
from shared.data.messages import Person, Plate
from shared.data.skeleton import F32

#: Number of people per frame near which plates are searched for, the largest first. Chosen: the
#: lifter is one of them.
_MAX_PEOPLE = 2


def find_plates(image: NDArray[np.uint8], people: Sequence[Person]) -> tuple[Plate, ...]:
    """Find the plates near the hands of the largest people.

    Args:
        image: BGR (height, width, 3).
        people: the people of the image, in its pixels.

    Returns:
        Plates in pixels of the image, those of one person together, most confident first. None in
        front views, where plates are seen edge-on.
    """
    largest = sorted(people, key=lambda person: -trunk_size_px(person))[:_MAX_PEOPLE]
    found = [_plates_of(image, person) for person in largest]
    return tuple(Plate.of(values) for plates in found for values in plates)


def _plates_of(image: NDArray[np.uint8], person: Person) -> F32:
    """Plates near one person's hands, float32 (n, 5) as in `Plate.of`."""
    no_plates = np.zeros((0, 5), np.float32)
    window = make_window(image, person)
    if window is None:
        return no_plates
    traced = [trace_rim(window, *circle) for circle in find_circles(window)]
    ellipses = [ellipse for ellipse in traced if ellipse is not None]
    if not ellipses:
        return no_plates
    plates = np.array(find_rims(window, ellipses), np.float32)
    plates[:, :2] = plates[:, :2] / window.scale + window.corner_px
    plates[:, 2:4] /= window.scale
    return plates
