"""Shapes of bodies in metres: groups of round cones that blend into each other. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.camera import Camera
from synthetic.solids import Colour, Cone

F64 = NDArray[np.float64]

#: Centre, float64 (3,), and radius, metres.
Ball = tuple[F64, float]

SKIN: Colour = (122, 158, 214)

#: Gloss of skin and cloth: 0 matt, 1 as steel.
_SKIN_GLOSS, _CLOTH_GLOSS = 0.16, 0.05


@dataclass(frozen=True)
class Shape:
    """A round cone in metres."""

    start: Ball
    end: Ball
    colour: Colour


@dataclass(frozen=True)
class Group:
    """Shapes that are drawn as one surface and blend into each other over `blend_m`."""

    shapes: list[Shape]
    blend_m: float

    def cones(self, camera: Camera) -> list[Cone]:
        """The shapes as a camera sees them."""
        centres = camera.view(np.array([(s.start[0], s.end[0]) for s in self.shapes]))
        return [
            Cone(
                start,
                end,
                (shape.start[1] * camera.px_per_m, shape.end[1] * camera.px_per_m),
                shape.colour,
                _SKIN_GLOSS if shape.colour == SKIN else _CLOTH_GLOSS,
            )
            for shape, (start, end) in zip(self.shapes, centres, strict=True)
        ]
