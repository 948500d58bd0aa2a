"""What the clip's view, rate and quality cost in trust, in words. Pure."""

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
    """One thing to know: its name, "good", "fair" or "poor", what was found, what that costs."""

    name: str
    grade: str
    found: str
    cost: str


#: View → grade, what was found, and its cost.
_VIEWS = {
    View.SIDE: ("good", "from the side", "The best view."),
    View.OBLIQUE: (
        "fair", "oblique", "Angles are corrected for the turn, and less sure than from the side.",
    ),
    View.FRONT: (
        "poor", "from the front or back",
        "Trunk, hips and knees cannot be read from here: most faults are not judged.",
    ),
}  # fmt: skip

#: Limits of good and fair. Frames a second: a pull of 0.7 s has 17 frames at 25, 10 at 15.
_FPS = (25.0, 15.0)
#: Share of joints that are hidden.
_HIDDEN = (0.15, 0.3)
#: Share of the frames that show the lifter.
_SEEN = (0.95, 0.8)
#: Lean of the picture, degrees: a fault that needs 5° is then noise.
_TILT_DEG = (3.0, 6.0)
#: Length of the trunk in the picture, pixels: joints are found to about 3 % of it.
_TRUNK_LENGTH_PX = (100.0, 60.0)


def trust_of(lifter: Lifter, source: SourceRecord, pose: PoseRecord) -> list[Trust]:
    """What to know before believing a lifter's analysis; what is not known is left out."""
    seen = sum(frame.person is not None for frame in lifter.frames)
    fps = source.fps / max(1, pose.every)
    summary = lifter.summary
    tilt_deg = abs(summary.tilt_deg)
    items = [
        _view(lifter),
        _above(
            "Frame rate", fps, _FPS, f"{fps:.3g} frames looked at in a second",
            "Times and velocities are coarse; film at 30 or 60.",
        ),
        _above(
            "Lifter in the picture", seen / max(1, len(lifter.frames)), _SEEN,
            f"in {seen} of {len(lifter.frames)} frames", "What happens while unseen is not judged.",
        ),
        _below(
            "Hidden joints", summary.occlusion, _HIDDEN, f"{100 * summary.occlusion:.0f} %",
            "Plates, rack or picture edge hide joints; what stands on them is less sure.",
        ),
        _above(
            "Size in the picture", summary.trunk_length_px, _TRUNK_LENGTH_PX,
            f"trunk of {summary.trunk_length_px:.0f} px", "Angles are coarse; come closer.",
        ),
        _below(
            "Camera tilt", tilt_deg, _TILT_DEG, f"about {tilt_deg:.0f}°",
            "Leans of trunk and shins, and the bar's drift, are off by so much.",
        ),
        _cuts(lifter),
        _bar(lifter.bar),
    ]  # fmt: skip
    return [item for item in items if item is not None]


def _view(lifter: Lifter) -> Trust:
    unknown = ("poor", "not known", "Faults that need a side view are not judged.")
    grade, found, cost = _VIEWS.get(lifter.summary.view, unknown)
    if math.isfinite(lifter.summary.turn_deg):
        found += f", {lifter.summary.turn_deg:.0f}° off the side"
    return Trust("Camera angle", grade, found, cost)


def _cuts(lifter: Lifter) -> Trust | None:
    shots = len({frame.shot for frame in lifter.frames if frame.person is not None})
    if shots < 2:
        return None
    return Trust(
        "Cuts", "poor", f"{shots} shots",
        "What is seen from elsewhere than in the longest shot is counted, and not judged. Film a "
        "set in one take.",
    )  # fmt: skip


def _bar(bar: BarScale) -> Trust:
    found = {
        BarSource.PLATE: "followed by the plates",
        BarSource.WRISTS: "followed by the hands",
    }
    if bar.source not in found:
        return Trust("Bar", "poor", "not found", "No path, range or velocity is given.")
    grade = "good" if bar.source is BarSource.PLATE and bar.unit is LengthUnit.METRE else "fair"
    if bar.unit is not LengthUnit.METRE:
        return Trust(
            "Bar", grade, f"{found[bar.source]}, no scale",
            "Distances are in lengths of the lifter's trunk; show a plate's face to the camera, "
            "or give the lifter's height, to get metres.",
        )  # fmt: skip
    off = max(bar.px_per_unit / bar.low, bar.high / bar.px_per_unit) - 1
    return Trust(
        "Bar", grade, f"{found[bar.source]}; scale from {bar.basis}",
        f"Metres may be off by {100 * off:.0f} %, as the intervals say.",
    )  # fmt: skip


def _below(
    name: str, value: float, limits: tuple[float, float], found: str, cost: str
) -> Trust | None:
    """A value that should be low, with its limits of good and fair; None where it is not known."""
    if math.isnan(value):
        return None
    good, fair = limits
    if value <= good:
        return Trust(name, "good", found, "")
    return Trust(name, "fair" if value <= fair else "poor", found, cost)


def _above(
    name: str, value: float, limits: tuple[float, float], found: str, cost: str
) -> Trust | None:
    """A value that should be high, likewise."""
    return _below(name, -value, (-limits[0], -limits[1]), found, cost)
