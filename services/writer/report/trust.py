"""How far view, frame rate and quality of a clip limit its analysis, in words. Pure."""

import math
from dataclasses import dataclass

from shared.data.analysis import (
    BarScale,
    BarSource,
    LengthUnit,
    Lifter,
    PoseRecord,
    SourceRecord,
    View,
)


@dataclass(frozen=True, slots=True)
class Trust:
    """One property of the clip that limits the analysis.

    Attributes:
        name: the property.
        grade: "good", "fair" or "poor".
        found: its value in this clip.
        cost: what it costs the analysis; empty for nothing.
    """

    name: str
    grade: str
    found: str
    cost: str


#: View → grade, its name, and its cost.
_VIEWS = {
    View.SIDE: ("good", "from the side", ""),
    View.OBLIQUE: (
        "fair", "half from the front",
        "Angles are less certain from there: film from the side next time.",
    ),
    View.FRONT: (
        "poor", "from the front or back",
        "Trunk, hips and knees cannot be measured from there: film from the side next time.",
    ),
}  # fmt: skip

# Limits of good and of fair. The fair ones are those at which `services.scorer.motion.clip_quality`
# warns.

#: Frame rate, in frames per second. Chosen: a pull of 0.7 s has 17 frames at 25, and 10 at 15.
_FPS = (25.0, 15.0)

#: Fraction of the joints that are hidden. Chosen: 0.25 are in the median of 39 real clips.
_HIDDEN_FRACTION = (0.15, 0.3)

#: Fraction of the frames that show the lifter. Chosen: a twentieth and a fifth are missing.
_SEEN_FRACTION = (0.95, 0.8)

#: Tilt of the picture, in degrees. Chosen: a fault of 5° is within the error of the greater one.
_TILT_DEG = (3.0, 6.0)

#: Length of the trunk in the picture, in pixels. Chosen: joints are found to about 3 % of it.
_TRUNK_LENGTH_PX = (100.0, 60.0)


def assess_trust(lifter: Lifter, source: SourceRecord, pose: PoseRecord) -> list[Trust]:
    """Grade what limits a lifter's analysis; unknown properties are left out."""
    seen = sum(frame.person is not None for frame in lifter.frames)
    fps = source.fps / max(1, pose.every)
    summary = lifter.summary
    tilt_deg = abs(summary.tilt_deg)
    items = [
        _assess_view(lifter),
        _grade_high(
            "Frames", fps, _FPS, f"{fps:.3g} a second",
            "Times and speeds are coarse: film at 30 or 60.",
        ),
        _grade_high(
            "You in the picture", seen / max(1, len(lifter.frames)), _SEEN_FRACTION,
            f"{100 * seen / max(1, len(lifter.frames)):.0f} % of the time",
            "Nothing is judged while you can't be seen.",
        ),
        _grade_low(
            "Hidden by plates or rack", summary.occlusion, _HIDDEN_FRACTION,
            _describe_hidden(summary.occlusion), "Take what is said of the hidden parts with care.",
        ),
        _grade_high(
            "Size in the picture", summary.trunk_length_px, _TRUNK_LENGTH_PX,
            _describe_size(summary.trunk_length_px), "Angles are coarse: film from closer.",
        ),
        _grade_low(
            "Camera tilt", tilt_deg, _TILT_DEG, f"about {tilt_deg:.0f}°",
            "Lean of trunk and shins and drift of the bar are off by this angle: level the camera.",
        ),
        _assess_cuts(lifter),
        _assess_bar(lifter.bar),
    ]  # fmt: skip
    return [item for item in items if item is not None]


def _assess_view(lifter: Lifter) -> Trust:
    unknown = ("poor", "not recognised", "Faults that need a side view are not judged.")
    return Trust("Camera", *_VIEWS.get(lifter.summary.view, unknown))


def _describe_hidden(fraction: float) -> str:
    """How much of the body is hidden, in words."""
    names = (
        (0.05, "hardly anything"), (0.15, "a little of you"), (0.29, "a quarter of you"),
        (0.4, "a third of you"), (0.6, "half of you"),
    )  # fmt: skip
    return next((name for most, name in names if fraction <= most), "most of you")


def _describe_size(trunk_px: float) -> str:
    """How large the lifter is in the picture, in words."""
    large, enough = _TRUNK_LENGTH_PX
    return "large enough" if trunk_px >= large else "small" if trunk_px >= enough else "very small"


def _assess_cuts(lifter: Lifter) -> Trust | None:
    shots = len({frame.shot for frame in lifter.frames if frame.person is not None})
    if shots < 2:
        return None
    return Trust(
        "Cuts", "poor", f"the film is cut into {shots} parts",
        "Reps that are filmed from another side than the others are counted, not judged. Film a "
        "set in one take.",
    )  # fmt: skip


def _assess_bar(bar: BarScale) -> Trust:
    found = {
        BarSource.PLATE: "tracked by the plates",
        BarSource.WRISTS: "tracked by the hands",
    }
    if bar.source not in found:
        return Trust("Bar", "poor", "not found", "No path, range or speed is given.")
    grade = "good" if bar.source is BarSource.PLATE and bar.unit is LengthUnit.METRE else "fair"
    if bar.unit is not LengthUnit.METRE:
        return Trust(
            "Bar", grade, f"{found[bar.source]}, no scale",
            "Centimetres and speeds are about: for exact ones show a plate's face to the camera, "
            "or give your height.",
        )  # fmt: skip
    error = max(bar.px_per_unit / bar.low, bar.high / bar.px_per_unit) - 1
    return Trust(
        "Bar", grade, f"{found[bar.source]}; scale from {bar.basis}",
        f"Distances may be off by {100 * error:.0f} %; their ranges include this.",
    )  # fmt: skip


def _grade_low(
    name: str, value: float, limits: tuple[float, float], found: str, cost: str
) -> Trust | None:
    """Grade a value that should be low by its limits of good and fair; None for NaN."""
    if math.isnan(value):
        return None
    good, fair = limits
    if value <= good:
        return Trust(name, "good", found, "")
    return Trust(name, "fair" if value <= fair else "poor", found, cost)


def _grade_high(
    name: str, value: float, limits: tuple[float, float], found: str, cost: str
) -> Trust | None:
    """Grade a value that should be high, in the same way."""
    return _grade_low(name, -value, (-limits[0], -limits[1]), found, cost)
