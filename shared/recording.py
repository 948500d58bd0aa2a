"""One lifter's measured frames as JSON and back: what `coach analyze --rescore` judges again.

Nothing that is read is trusted: shapes and types are checked, and errors name the field.
"""

from typing import Any

import numpy as np

from shared.errors import UsageError
from shared.messages import LifterFrame, Person
from shared.skeleton import F32, FEET, JOINTS, TRUNK_LEVELS

#: Decimals that are kept: of pixels, of confidences, of degrees.
_PX, _SURE, _DEG = 2, 4, 2

#: More plates than this are in no frame.
_MAX_PLATES = 64


def measured_json(frame: LifterFrame) -> dict[str, Any] | None:
    """What the pose stage saw of a lifter in a frame; None where they are not in it."""
    person = frame.person
    if person is None:
        return None
    return {
        "keypoints": points_json(person.xy_px, person.confidence),
        "feet": points_json(person.feet_px, person.feet_confidence),
        "trunk": [[rounded(value, _PX) for value in side] for side in person.trunk_px],
        "turn_deg": rounded(person.turn_deg, _DEG),
        "box": [rounded(value, _PX) for value in person.box_px],
        "presence": rounded(person.presence, _SURE),
        "plates": [
            [*(rounded(value, _PX) for value in plate[:4]), rounded(plate[4], _SURE)]
            for plate in frame.plates_px
        ],
    }


def measured_of(content: Any) -> tuple[Person | None, F32]:
    """The person and the plates of a frame's JSON.

    Raises:
        UsageError: the content is damaged; names the field.
    """
    if content is None:
        return None, np.zeros((0, 5), np.float32)
    if not isinstance(content, dict):
        raise UsageError("a measured frame must be an object")
    xy, confidence = _points(content, "keypoints", JOINTS)
    feet, feet_confidence = _points(content, "feet", len(FEET))
    plates = content.get("plates")
    if not isinstance(plates, list) or len(plates) > _MAX_PLATES:
        raise UsageError(f"measured plates must be a list of at most {_MAX_PLATES}")
    person = Person(
        xy_px=xy,
        confidence=confidence,
        feet_px=feet,
        feet_confidence=feet_confidence,
        trunk_px=_array(content, "trunk", (2, TRUNK_LEVELS)),
        turn_deg=float(_array(content, "turn_deg", ())),
        box_px=_array(content, "box", (4,)),
        presence=float(_array(content, "presence", ())),
    )
    return person, _array(content, "plates", (len(plates), 5))


def points_json(xy_px: F32, confidence: F32) -> list[list[float | None] | None]:
    """Points as [x, y, confidence], None where unseen."""
    return [
        [rounded(x, _PX), rounded(y, _PX), rounded(sure, _SURE)]
        if np.isfinite(x) and np.isfinite(y)
        else None
        for (x, y), sure in zip(xy_px.tolist(), confidence.tolist(), strict=True)
    ]


def rounded(value: float, decimals: int) -> float | None:
    """A number for JSON, None for NaN."""
    return round(float(value), decimals) if np.isfinite(value) else None


def _points(content: dict[str, Any], name: str, count: int) -> tuple[F32, F32]:
    listed = content.get(name)
    if not isinstance(listed, list):
        raise UsageError(f"measured {name} must be a list")
    filled = {**content, name: [point or (None, None, 0.0) for point in listed]}
    points = _array(filled, name, (count, 3))
    return points[:, :2].copy(), points[:, 2].copy()


def _array(content: dict[str, Any], name: str, shape: tuple[int, ...]) -> F32:
    """A field as float32 of a shape, NaN for null."""
    try:
        values = np.array(content.get(name), dtype=object)
        numbers = np.array(
            [np.nan if v is None else _number(v) for v in values.ravel()], np.float32
        )
        return numbers.reshape(shape)
    except (ValueError, TypeError) as error:
        raise UsageError(f"measured {name} must be numbers of shape {shape}") from error


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r:.40} is no number")
    return float(value)
