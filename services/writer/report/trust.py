"""What the clip's view, rate and quality cost in trust, in words. Pure."""

import math
from dataclasses import dataclass

from services.writer.tables import PoseRecord, SourceRecord
from shared.messages import BarPath, LifterAnalysis


@dataclass(frozen=True, slots=True)
class Trust:
    """One thing to know: its name, "good", "fair" or "poor", what was found, what that costs."""

    name: str
    grade: str
    found: str
    cost: str


#: View → grade, what was found, and its cost.
_VIEWS = {
    "side": ("good", "from the side", "All that a camera can judge is judged."),
    "oblique": (
        "fair", "oblique", "Angles are corrected for the turn, and less sure than from the side.",
    ),
    "front": (
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
_TORSO_PX = (100.0, 60.0)


def trust_of(lifter: LifterAnalysis, source: SourceRecord, pose: PoseRecord) -> list[Trust]:
    """What to know before believing a lifter's analysis."""
    seen = sum(frame.person is not None for frame in lifter.frames)
    looked = max(1, len(lifter.frames))
    fps = source.fps / max(1, pose.every)
    return [
        _view(lifter),
        Trust(
            "Frame rate",
            _grade(-fps, [-limit for limit in _FPS]),
            f"{fps:.4g} a second looked at",
            _cost(fps >= _FPS[0], "Times and velocities are coarse; film at 30 or 60."),
        ),
        Trust(
            "Lifter in the picture",
            _grade(-seen / looked, [-limit for limit in _SEEN]),
            f"in {seen} of {len(lifter.frames)} frames",
            _cost(seen >= _SEEN[0] * looked, "What happens while unseen is not judged."),
        ),
        Trust(
            "Hidden joints",
            _grade(lifter.occlusion, _HIDDEN),
            "not known" if math.isnan(lifter.occlusion) else f"{lifter.occlusion:.0%}",
            _cost(
                lifter.occlusion <= _HIDDEN[0],
                "Plates, rack or picture edge hide joints; what stands on them is less sure.",
            ),
        ),
        Trust(
            "Size in the picture",
            _grade(-lifter.torso_px, [-limit for limit in _TORSO_PX]),
            "not known" if math.isnan(lifter.torso_px) else f"trunk of {lifter.torso_px:.0f} px",
            _cost(lifter.torso_px >= _TORSO_PX[0], "Angles are coarse; come closer."),
        ),
        Trust(
            "Camera tilt",
            _grade(abs(lifter.tilt_deg), _TILT_DEG),
            "not known" if math.isnan(lifter.tilt_deg) else f"about {abs(lifter.tilt_deg):.0f}°",
            _cost(
                abs(lifter.tilt_deg) <= _TILT_DEG[0],
                "Leans of trunk and shins, and the bar's drift, are off by so much.",
            ),
        ),
        _bar(lifter.bar),
    ]


def _view(lifter: LifterAnalysis) -> Trust:
    unknown = ("poor", "not known", "Faults that need a side view are not judged.")
    grade, found, cost = _VIEWS.get(lifter.view, unknown)
    if math.isfinite(lifter.turn_deg):
        found += f", {lifter.turn_deg:.0f}° off the side"
    return Trust("Camera angle", grade, found, cost)


def _bar(bar: BarPath) -> Trust:
    found = {"plate": "followed by the plates", "wrists": "followed by the hands"}
    if bar.source not in found:
        return Trust("Bar", "poor", "not found", "No path, range or velocity is given.")
    grade = "good" if bar.source == "plate" and bar.unit == "m" else "fair"
    if bar.unit != "m":
        return Trust(
            "Bar", grade, f"{found[bar.source]}, no scale",
            "Distances are in lengths of the lifter's trunk; show a plate's face to the camera, "
            "or give the lifter's height, to get metres.",
        )  # fmt: skip
    off = max(bar.px_per_unit / bar.low, bar.high / bar.px_per_unit) - 1
    return Trust(
        "Bar", grade, f"{found[bar.source]}; scale from {bar.scale}",
        f"Metres may be off by {off:.0%}, as the intervals say.",
    )  # fmt: skip


def _grade(value: float, limits: tuple[float, float] | list[float]) -> str:
    """The grade of a value that should be low."""
    good, fair = limits
    return "good" if value <= good else "fair" if value <= fair else "poor"


def _cost(is_good: bool, otherwise: str) -> str:
    return "" if is_good else otherwise
