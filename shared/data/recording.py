"""One lifter's measured frames as JSON and back: what `coach analyze --rescore` judges again.

Nothing that is read is trusted: shapes and types are checked, and errors name the field.
"""

import math
from typing import Any

import numpy as np

from shared.data.messages import LifterFrame, Person
from shared.data.skeleton import F32, FEET, JOINTS, OUTLINE_LEVELS
from shared.errors import UsageError

#: Decimals that are kept: of pixels, of confidences, of degrees.
_PX, _SURE, _DEG = 2, 4, 2

#: More plates than this are in no frame.
_MAX_PLATES = 64

#: No picture has coordinates beyond this, pixels.
_MAX_PX = 1e6

#: Of a person's fields, those that are points (with how many there are) and plain numbers (with
#: their shape and the largest size that is taken).
_POINTS = {"keypoints": JOINTS, "feet": len(FEET)}
_NUMBERS: dict[str, tuple[tuple[int, ...], float]] = {
    "trunk": ((2, OUTLINE_LEVELS), _MAX_PX),
    "sole": ((2, 2), _MAX_PX),
    "turn_deg": ((), 360.0),
    "box": ((4,), _MAX_PX),
    "presence": ((), 1.0),
}


def measured_json(frame: LifterFrame) -> dict[str, Any] | None:
    """What the pose stage saw of a lifter in a frame.

    None where they are not in it; plates that were seen nevertheless stand alone.
    """
    person = frame.person
    plates = [
        [*(rounded(value, _PX) for value in plate[:4]), rounded(plate[4], _SURE)]
        for plate in frame.plates_px
    ]
    if person is None:
        return {"plates": plates} if plates else None
    return {
        "keypoints": points_json(person.xy_px, person.confidence),
        "feet": points_json(person.feet_px, person.feet_confidence),
        "trunk": [[rounded(value, _PX) for value in side] for side in person.outline_px],
        "sole": [[rounded(value, _PX) for value in place] for place in person.sole_px],
        "turn_deg": rounded(person.turn_deg, _DEG),
        "box": [rounded(value, _PX) for value in person.box_px],
        "presence": rounded(person.presence, _SURE),
        "plates": plates,
    }


def measured_of(content: Any) -> tuple[Person | None, F32]:
    """The person and the plates (n, 5) of a frame's JSON.

    Raises:
        UsageError: the content is damaged; names the field.
    """
    if content is None:
        return None, np.zeros((0, 5), np.float32)
    if not isinstance(content, dict):
        raise UsageError("a measured frame must be an object or null")
    listed = content.get("plates")
    if not isinstance(listed, list) or len(listed) > _MAX_PLATES:
        raise UsageError(f"measured plates must be a list of at most {_MAX_PLATES}")
    plates = _array(content, "plates", (len(listed), 5), _MAX_PX)
    if not any(name in content for name in (*_POINTS, *_NUMBERS)):
        return None, plates
    content = {"sole": [[None] * 2] * 2, **content}  # the first analyses have none
    points = {name: _points(content, name, count) for name, count in _POINTS.items()}
    numbers = {name: _array(content, name, *limits) for name, limits in _NUMBERS.items()}
    return Person(
        *points["keypoints"],
        *points["feet"],
        outline_px=numbers["trunk"],
        sole_px=numbers["sole"],
        turn_deg=float(numbers["turn_deg"]),
        box_px=numbers["box"],
        presence=float(numbers["presence"]),
    ), plates


def points_json(xy_px: F32, confidence: F32) -> list[list[float | None] | None]:
    """Points as [x, y, confidence], None where unseen."""
    return [
        [round(x, _PX), round(y, _PX), round(sure, _SURE)] if math.isfinite(x + y) else None
        for (x, y), sure in zip(xy_px.tolist(), confidence.tolist(), strict=True)
    ]


def rounded(value: float, decimals: int) -> float | None:
    """A number for JSON, None for NaN."""
    return round(float(value), decimals) if math.isfinite(value) else None


def _points(content: dict[str, Any], name: str, count: int) -> tuple[F32, F32]:
    """Points of a field: (count, 2) and how sure they are, (count,)."""
    listed = content.get(name)
    if not isinstance(listed, list):
        raise UsageError(f"measured {name} must be a list of {count} points")
    unseen = (None, None, 0.0)
    filled = {name: [unseen if point is None else point for point in listed]}
    points = _array(filled, name, (count, 3), _MAX_PX)
    xy, sure = points[:, :2].copy(), points[:, 2].copy()
    if not ((sure >= 0) & (sure <= 1)).all():
        raise UsageError(f"measured {name} must be as sure as 0 to 1")
    return xy, sure


def _array(content: dict[str, Any], name: str, shape: tuple[int, ...], most: float) -> F32:
    """A field as float32 of a shape, NaN for null; no value is larger than `most`."""
    try:
        values = np.array(content.get(name), dtype=object)
        if not values.size and 0 in shape:
            return np.zeros(shape, np.float32)  # an empty list does not tell its inner shape
        if values.shape != shape:
            raise ValueError(f"its shape is {values.shape}")
        numbers = [np.nan if value is None else _number(value, most) for value in values.ravel()]
        return np.array(numbers, np.float32).reshape(shape)
    except ValueError as error:
        raise UsageError(f"measured {name} must be numbers of shape {shape}: {error}") from error


def _number(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r:.40} is no number")
    if not -most <= value <= most:
        raise ValueError(f"{value!r:.40} is out of range")
    return float(value)
