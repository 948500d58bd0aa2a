"""Reads analyses of earlier schemas, so that stored ones can still be loaded and judged again.

Schema 6 did not name the posture model, and always stated how long each frame's poses took.
Schema 5 looked for people in every analysed frame.
Schema 4 scored single postures on another scale, so its scores are not taken over.
Schema 3 did not track plates, knew neither failed attempts nor repetitions without a seen body, and
stored neither the colours of clothes nor what is being done and how certain that is. Schema 2 also
named some fields otherwise, kept what was measured in columns without names, and left to the
manifest how poses were judged.
"""

from typing import Any

from shared.data import document
from shared.errors import UsageError

#: Oldest schema that is read.
OLDEST = 2

_PLATE = ("x_px", "y_px", "half_width_px", "half_height_px", "confidence")

#: Options of the manifest of schema 2 that judging depends on.
_JUDGING = ("plate_mm", "height_cm", "smooth_hz")

_UNKNOWN_JUDGING = (
    "an earlier version made this analysis and did not store how it judged; "
    "rescoring assumes the defaults"
)

_OTHER_SCALE = "an earlier version scored this set on another scale; rescore it"


def upgraded(content: dict[str, Any], manifest: str | bytes | None, current: int) -> dict[str, Any]:
    """The content of an `analysis.json` with the fields of the current schema.

    Args:
        content: the parsed document; one of an earlier schema is changed in place.
        manifest: the content of the manifest beside it, which tells how schema 2 was judged.
        current: the schema of this version.

    Raises:
        UsageError: it is of a schema that this version cannot read, or is damaged.
    """
    schema = content.get("schema")
    if type(schema) is not int:
        raise UsageError("schema: not a whole number; this is no analysis")
    if schema > current:
        raise UsageError(f"schema: {schema} is of a later version (this one reads {current}): "
                         "update Coach")  # fmt: skip
    if schema < OLDEST:
        raise UsageError(f"schema: {schema} is of a version before {OLDEST}: "
                         "analyse the clip again")  # fmt: skip
    if schema == current:
        return content
    try:
        if schema == OLDEST:
            content = _from_schema_2(content, manifest)
        if schema <= 3:
            content = _from_schema_3(content)
        if schema <= 4:
            content = _from_schema_4(content)
        if schema <= 5:
            content = _from_schema_5(content)
        return content | {"schema": current}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"damaged: not the fields of schema {schema} ({type(error).__name__}: {error})"
        ) from error


def _from_schema_5(content: dict[str, Any]) -> dict[str, Any]:
    for lifter in (content, *content["others"]):
        for frame in lifter["frames"]:
            if frame["measured"]["person"] is not None:
                frame["measured"]["person"] |= {"is_interpolated": False}
    return content


def _from_schema_4(content: dict[str, Any]) -> dict[str, Any]:
    unscored = {"score": None, "score_interval": None, "verdict": "", "undiminished": None}
    for lifter in (content, *content["others"]):
        lifter["summary"] |= unscored | {"contributions": [], "unscored": _OTHER_SCALE}
        for rep in lifter["reps"]:
            rep |= unscored | {"contributions": []}
        for frame in lifter["frames"]:
            frame["score"] = None
    return content


def _from_schema_3(content: dict[str, Any]) -> dict[str, Any]:
    for lifter in (content, *content["others"]):
        unknown = {"exercise": "unknown", "exercise_confidence": 0.0, "style_confidence": 0.0}
        lifter["summary"] |= unknown
        lifter["attempts"] = []
        for rep in lifter["reps"]:
            rep["body_seen"] = True
        for frame in lifter["frames"]:
            frame["covered"] = False
            person = frame["measured"]["person"]
            if person is not None:
                person |= {"clothes_lab": [None, None], "disagreement": None}
            for plate in frame["measured"]["plates"]:
                plate |= {"track": None, "is_followed": False}
    return content


def _from_schema_2(content: dict[str, Any], manifest: str | bytes | None) -> dict[str, Any]:
    for lifter in (content, *content["others"]):
        lifter["not_judged"] = [_renamed(one, why="reason") for one in lifter.pop("abstentions")]
        lifter["bar"] = _renamed(lifter["bar"], scale="basis")
        for measured in (lifter["bar"], *lifter["reps"], *lifter["faults"]):
            measured["unit"] = measured["unit"].replace("torso", "trunk")
        lifter["summary"].setdefault("trunk_length_px", None)
        for frame in lifter["frames"]:
            frame["bar_px"] = frame.pop("bar")
            frame["shot"] = frame.pop("segment")
            frame["measured"] = _measured(frame["measured"] or {})
    judging = _judging(manifest)
    warnings = content.get("warnings", [])
    if judging is None:
        content["warnings"] = [*warnings, _UNKNOWN_JUDGING]
    if content["pose"].get("options", {}).get("original"):
        judging = {**(judging or {}), "smooth_hz": 0.0}  # the original's way smooths nothing
    return content | {"judging": judging or {}}


def _judging(manifest: str | bytes | None) -> dict[str, Any] | None:
    """How the manifest says that poses were judged; None if there is no manifest that says so."""
    if manifest is None:
        return None
    options = document.parsed(manifest).get("options")
    if not isinstance(options, dict):
        return None
    return {name: options[name] for name in _JUDGING if name in options}


def _renamed(content: dict[str, Any], **names: str) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in content.items()}


def _measured(old: dict[str, Any]) -> dict[str, Any]:
    plates = [dict(zip(_PLATE, plate, strict=True)) for plate in old.get("plates", [])]
    if not old.keys() - {"plates"}:
        return {"person": None, "plates": plates}
    xy, confidence = _points(old["keypoints"])
    feet, feet_confidence = _points(old["feet"])
    sole = old.get("sole", [None, None])  # the first analyses of schema 2 have none
    person = {
        "xy_px": xy,
        "confidence": confidence,
        "feet_px": feet,
        "feet_confidence": feet_confidence,
        "outline_px": old["trunk"],
        "sole_px": [None if place is None or None in place else place for place in sole],
        "turn_deg": old["turn_deg"],
        "box_px": old["box"],
        "detection_confidence": old["presence"],
    }
    return {"person": person, "plates": plates}


def _points(points: list[list[float] | None]) -> tuple[list[Any], list[float]]:
    return [point and point[:2] for point in points], [point[2] if point else 0 for point in points]
