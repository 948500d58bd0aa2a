"""BlazePose's landmark network: the 33 points of the person in a region, and their outline."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.pose.blazepose.outline import sole_line, trunk_outline
from services.pose.blazepose.region import Region, faces_left
from services.pose.details import BodyDetails
from services.pose.engines import Engine
from shared.data.skeleton import BLAZEPOSE_33, BLAZEPOSE_FEET, F32, hide_unseen

#: Side of the network's square input, pixels.
_INPUT_PX = 256

_POINTS = len(BLAZEPOSE_33)
#: Auxiliary points behind the landmarks: the hip centre, and the rim above the head.
_CENTRE, _RIM = 33, 34
#: x, y, z, visibility and presence (probability of being in the frame) of 33 landmarks and 6
#: auxiliary points.
_OUTPUT_SHAPE = (39, 5)
#: The same points in space: metres from the middle of the hips, x right, y down, z away.
_WORLD_SHAPE = (39, 3)

_L_SHOULDER, _R_SHOULDER, _L_HIP, _R_HIP, _L_ANKLE, _R_ANKLE = 11, 12, 23, 24, 27, 28
_NOSE, _EARS, _HEELS, _TOES = 0, [7, 8], [29, 30], [31, 32]

#: Index of each landmark with left and right exchanged.
_EXCHANGED = [
    BLAZEPOSE_33.index(
        name.replace("left", "right") if "left" in name else name.replace("right", "left")
    )
    for name in BLAZEPOSE_33
]

#: Maximum drop of the neck below the hips, in trunk lengths: bent 37° beyond horizontal, which
#: straight legs and a bar in the hands do not allow.
_MAX_NECK_DROP = 0.6
#: Maximum rise of the ankles above the hips, in trunk lengths; smaller ones may be misplaced ankles
#: behind a plate.
_MAX_ANKLE_RISE = 0.5

#: Minimum confidence of a foot's heel and toe for its sole to be searched for.
_MIN_FOOT_CONFIDENCE = 0.65


@dataclass(frozen=True, slots=True, eq=False)
class PoseLandmarks:
    """One person as the landmark network sees them.

    Attributes:
        xy_px: float32 (33, 2), in the image.
        confidence: float32 (33,), 0..1.
        box_px: float32 (4,), left, top, right and bottom of the points.
        details: Feet, outline, sole and turn.
        detection_confidence: Probability that the region held a person at all.
        next_region: The region to search in the next image.
    """

    xy_px: F32
    confidence: F32
    box_px: F32
    details: BodyDetails
    detection_confidence: float
    next_region: Region

    @property
    def trunk_line_px(self) -> F32:
        """Middle of the hips and of the shoulders, float32 (2, 2)."""
        return _trunk_line(self.xy_px)

    @property
    def upright_confidence(self) -> float:
        """The detection confidence, or 0 for a person who is upside down.

        The network turns people upside down if the head is outside the image. A lifter's neck is
        above the hips or not far below, and the ankles are below the hips.
        """
        hips, neck = self.trunk_line_px
        length = np.linalg.norm(neck - hips)
        over = neck[1] - hips[1] > _MAX_NECK_DROP * length
        legs_up = hips[1] - self.xy_px[[_L_ANKLE, _R_ANKLE], 1].mean() > _MAX_ANKLE_RISE * length
        return 0.0 if over or legs_up else self.detection_confidence


class Landmarks:
    """Sees one person's landmarks in a region of an image."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.engine = engine.description

    def see(
        self, image: NDArray[np.uint8], region: Region, trunk_line_px: F32 | None = None
    ) -> PoseLandmarks:
        """Landmarks of the person in `region` of a BGR image.

        The outline is measured along `trunk_line_px` (2, 2), from the middle of the hips to that of
        the shoulders, or along the landmarks' own.

        The network treats the two sides of a body slightly differently. People who face left are
        therefore mirrored: a clip and its mirror image give the same result.
        """
        crop = region.crop(image, _INPUT_PX)
        rgb = np.divide(crop[..., ::-1], 255, dtype=np.float32)
        outputs = self._engine.infer(rgb[None])
        points = next(o for o in outputs if o.size == np.prod(_OUTPUT_SHAPE)).reshape(_OUTPUT_SHAPE)
        world = next(o for o in outputs if o.size == np.prod(_WORLD_SHAPE)).reshape(_WORLD_SHAPE)
        mask = next(o for o in outputs if o.size == _INPUT_PX**2).reshape(_INPUT_PX, _INPUT_PX)
        detection_confidence = float(next(o for o in outputs if o.size == 1).ravel()[0])

        to_image = region.to_image(_INPUT_PX)
        xy = (points[:, :2] @ to_image[:, :2].T + to_image[:, 2]).astype(np.float32)
        trunk_line = _trunk_line(points[:, :2])
        if trunk_line_px is not None:
            to_mask = cv2.invertAffineTransform(to_image).astype(np.float32)
            trunk_line = trunk_line_px @ to_mask[:, :2].T + to_mask[:, 2]
        outline = trunk_outline(mask, *trunk_line)
        body = points[:_POINTS, 3:5]
        order = np.arange(_POINTS)
        if region.mirrored:
            order, outline = np.array(_EXCHANGED), outline[::-1]
            world = world * (-1, 1, 1)
        seen = xy[order]
        visibility, in_frame = _sigmoid(body[order, 0]), _sigmoid(body[order, 1])
        mirrored = faces_left(_ahead_px(seen), _trunk_px(seen), region.mirrored)
        confidence = np.minimum(visibility, in_frame) * _inside(seen, image)
        return PoseLandmarks(
            xy_px=seen,
            confidence=confidence,
            box_px=np.concatenate([seen.min(0), seen.max(0)]),
            details=BodyDetails(
                *hide_unseen(seen[BLAZEPOSE_FEET], confidence[BLAZEPOSE_FEET]),
                outline_px=outline * (region.side_px / _INPUT_PX),
                sole_px=_sole_px(mask, to_image, seen, confidence),
                turn_deg=_turn_deg(world[order], region.turn_rad),
            ),
            detection_confidence=detection_confidence,
            next_region=Region.around(xy[_CENTRE], xy[_RIM], mirrored),
        )


def _ahead_px(body: F32) -> float:
    """How far nose, toes and shoulders lie right of ears, heels and hips, summed; (33, 2) → ()."""
    x = body[:, 0]
    hips, neck = _trunk_line(body)[:, 0]
    return float(
        (x[_NOSE] - x[_EARS].mean()) + (x[_TOES].mean() - x[_HEELS].mean()) + (neck - hips)
    )


def _trunk_line(points: F32) -> F32:
    """Middle of the hips and of the shoulders, (2, 2)."""
    return np.stack([points[[_L_HIP, _R_HIP]].mean(0), points[[_L_SHOULDER, _R_SHOULDER]].mean(0)])


def _trunk_px(points: F32) -> float:
    hips, neck = _trunk_line(points)
    return float(np.linalg.norm(neck - hips))


def _sole_px(mask: NDArray[np.float32], to_image: F32, body: F32, confidence: F32) -> F32:
    """Line of the lower sole, float32 (2, 2); NaN where no foot is seen."""
    if confidence[[_HEELS, _TOES]].min(0).max() < _MIN_FOOT_CONFIDENCE:
        return np.full((2, 2), np.nan, np.float32)
    to_mask = cv2.invertAffineTransform(to_image).astype(np.float32)
    return sole_line(mask, to_mask, body[_HEELS], body[_TOES], _trunk_px(body))


def _turn_deg(world: F32, turn_rad: float) -> float:
    """How far the body is turned from side-on: 0 where its left-right axis points at the camera.

    Shoulders and hips count together. The network sees the turned region, so its axes are turned
    back; an axis that is vertical in the image (someone lies on the side) says nothing.
    """
    axis = world[_L_SHOULDER] - world[_R_SHOULDER] + world[_L_HIP] - world[_R_HIP]
    across = abs(axis[0] * np.cos(turn_rad) - axis[1] * np.sin(turn_rad))
    return float(np.degrees(np.arctan2(across, abs(axis[2]))))


def _sigmoid(logits: F32) -> F32:
    return (1 / (1 + np.exp(-np.clip(logits, -50, 50)))).astype(np.float32)


def _inside(xy_px: F32, image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which points lie in the image; points outside it are guesses."""
    height, width = image.shape[:2]
    return np.asarray(((xy_px >= 0) & (xy_px <= (width, height))).all(-1))
