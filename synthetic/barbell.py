"""The loaded barbell as solids: shaft, sleeves, collars, two 450 mm plates. Pure."""

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import Camera
from synthetic.solids import Colour, Cone, Disc
from synthetic.styles import PLATE_RADIUS_M

F64 = NDArray[np.float64]

#: A men's Olympic bar, metres (IWF): 1.31 between the sleeves, 2.2 in all, 28 mm and 50 mm thick.
#: The sleeves' inner and outer ends from the middle; radii of shaft and sleeve.
_SLEEVE_FROM_M, _SLEEVE_TO_M, _SHAFT_M, _SLEEVE_M = 0.655, 1.1, 0.014, 0.025
#: Radius of a collar, thickness of a plate, metres.
_COLLAR_M, _PLATE_THICK_M = 0.038, 0.065

_STEEL: Colour = (186, 190, 194)
_BUMPER: Colour = (44, 40, 186)
#: Rings of a plate from hub to rim: outer radius as a fraction of the plate's, colour.
_RINGS: tuple[tuple[float, Colour], ...] = (
    (0.14, (90, 92, 96)),
    (0.26, _STEEL),
    (0.29, (120, 122, 126)),
    (0.62, (38, 34, 160)),
    (0.65, (225, 228, 230)),
    (0.8, _BUMPER),
    (0.83, (225, 228, 230)),
    (0.95, _BUMPER),
    (1.0, (34, 30, 150)),
)


def rods(camera: Camera, bar_m: F64) -> list[Cone]:
    """Shaft, sleeves and collars of a bar whose middle is at `bar_m`, float64 (3,)."""
    lengths = [(-_SLEEVE_FROM_M, _SLEEVE_FROM_M, _SHAFT_M)]
    for side in (-1, 1):
        lengths += [
            (side * _SLEEVE_FROM_M, side * _SLEEVE_TO_M, _SLEEVE_M),
            (side * (_SLEEVE_FROM_M - 0.03), side * _SLEEVE_FROM_M, _COLLAR_M),
        ]
    return [
        Cone(
            camera.view(bar_m + (0, 0, start)),
            camera.view(bar_m + (0, 0, end)),
            (radius * camera.px_per_m, radius * camera.px_per_m),
            _STEEL,
            0.8,
        )
        for start, end, radius in lengths
    ]


def plates(camera: Camera, bar_m: F64) -> list[Disc]:
    """Both plates, against the sleeves' inner ends."""
    middle = _SLEEVE_FROM_M + _PLATE_THICK_M / 2
    return [
        Disc(
            camera.view(bar_m + (0, 0, side * middle)),
            camera.turn(np.array([0.0, 0.0, 1.0])),
            PLATE_RADIUS_M * camera.px_per_m,
            _PLATE_THICK_M / 2 * camera.px_per_m,
            _RINGS,
        )
        for side in (-1, 1)
    ]
