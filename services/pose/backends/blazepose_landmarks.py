"""BlazePose's landmark network: the 33 points of the person in a region."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.pose.backends.blazepose_region import Region
from services.pose.engine import Engine
from shared.skeleton import BLAZEPOSE_33, F32

#: Side of the network's square input, pixels.
_INPUT_PX = 256

_POINTS = len(BLAZEPOSE_33)
#: Auxiliary points behind the landmarks: the hip centre, and the rim above the head.
_CENTRE, _RIM = 33, 34
#: x, y, z, visibility and presence of 33 landmarks and 6 auxiliary points.
_OUTPUT_SHAPE = (39, 5)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person as the landmark network sees them.

    xy_px: float32 (33, 2) in the picture; confidence: float32 (33,), 0..1.
    presence: probability that the region held a person at all.
    next_region: where to look in the next picture.
    """

    xy_px: F32
    confidence: F32
    box_px: F32
    presence: float
    next_region: Region


class Landmarks:
    """Sees one person's landmarks in a region of a picture."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def see(self, image: NDArray[np.uint8], region: Region) -> Sighting:
        """Landmarks of the person in `region` of a BGR picture."""
        crop = region.crop(image, _INPUT_PX)
        rgb = np.divide(crop[..., ::-1], 255, dtype=np.float32)
        outputs = self._engine.infer(rgb[None])
        points = next(o for o in outputs if o.size == np.prod(_OUTPUT_SHAPE)).reshape(_OUTPUT_SHAPE)
        presence = float(next(o for o in outputs if o.size == 1).ravel()[0])

        to_image = region.to_image(_INPUT_PX)
        xy = (points[:, :2] @ to_image[:, :2].T + to_image[:, 2]).astype(np.float32)
        body = xy[:_POINTS]
        visibility, in_frame = _sigmoid(points[:_POINTS, 3]), _sigmoid(points[:_POINTS, 4])
        return Sighting(
            xy_px=body,
            confidence=np.minimum(visibility, in_frame) * _inside(body, image),
            box_px=np.concatenate([body.min(0), body.max(0)]),
            presence=presence,
            next_region=Region.around(xy[_CENTRE], xy[_RIM]),
        )


def _sigmoid(logits: F32) -> F32:
    return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)


def _inside(xy_px: F32, image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which points lie in the picture: what it does not show was not seen but guessed."""
    height, width = image.shape[:2]
    return np.asarray(((xy_px >= 0) & (xy_px <= (width, height))).all(-1))
