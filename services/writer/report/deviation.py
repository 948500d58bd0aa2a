"""Where a posture is off: the limb, where it should be, and the angle or length between. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.writer.report.outline import back_outline
from shared.data.analysis import LifterFrame
from shared.data.skeleton import (
    HEAD,
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_ELBOW,
    R_HIP,
    R_KNEE,
    R_SHOULDER,
    R_WRIST,
)

F64 = NDArray[np.float64]

#: Radius of an arc, as a fraction of the limb that is off.
_ARC_RADIUS = 0.62

#: Distance of a text from the corner, as a fraction of the limb, and at least in trunk lengths.
#: Chosen: the text hides neither limb nor arc, not even those of a foot.
_TEXT_RADIUS, _MIN_TEXT_DISTANCE = 1.3, 0.75

#: Length of a limb's drawn line beyond the limb, as a fraction of it.
_BEYOND = 0.12

#: Deviation below which no arc is drawn, in degrees. Chosen: it could not be seen.
_MIN_DEG = 2.0

#: Half length of the line that marks where a point should be, in trunk lengths.
_MARK = 0.4


class _Angle(NamedTuple):
    """A limb that can be off by an angle.

    Attributes:
        corner: joint about which it turns, on the left and on the right side.
        end: its other end.
        sense: 1 if a clockwise turn of the limb increases the value, -1 if it decreases it; for a
            lifter who faces right.
    """

    corner: tuple[int, int]
    end: tuple[int, int]
    sense: int


class _Length(NamedTuple):
    """A place that can be off by a length, forward (or up), and the one it is measured from."""

    point: tuple[int, int] | None  # None is the bar
    other: tuple[int, int]
    is_forward: bool


_HIPS, _KNEES, _ANKLES = (L_HIP, R_HIP), (L_KNEE, R_KNEE), (L_ANKLE, R_ANKLE)
_SHOULDERS, _ELBOWS, _WRISTS = (L_SHOULDER, R_SHOULDER), (L_ELBOW, R_ELBOW), (L_WRIST, R_WRIST)

_LEAN = _Angle(_HIPS, (NECK, NECK), 1)
_THIGH = _Angle(_KNEES, _HIPS, 1)
_ARM_BEND = _Angle(_ELBOWS, _WRISTS, -1)
_HEAD_TILT = _Angle((NECK, NECK), (HEAD, HEAD), -1)
_HIP = _Angle(_HIPS, (NECK, NECK), -1)
_BAR = _Length(None, _ANKLES, True)

#: Beginning of a fault's kind, or of a contribution's name → what is drawn.
_DRAWN: dict[str, _Angle | _Length] = {
    # Faults
    "hips_shoot_up": _LEAN,
    "leaning_back": _LEAN,
    "stiff_legged": _THIGH,
    "squatted": _THIGH,
    "bent_arms": _ARM_BEND,
    "neck_craned": _HEAD_TILT,
    "incomplete_lockout": _HIP,
    "bar_drifts": _BAR,
    # Contributions
    "lean_": _LEAN,
    "hips_low": _THIGH,
    "hips_high": _THIGH,
    "hips_bent": _HIP,
    "knees_": _THIGH,
    "arms_bent": _ARM_BEND,
    "head_": _HEAD_TILT,
    "shoulders_": _Length(_SHOULDERS, _WRISTS, True),
    "bar_ahead": _BAR,
}

#: Faults and contributions that the back's outline shows.
_BACK = ("rounded_back", "back_round", "trunk_shorter")


@dataclass(frozen=True, slots=True)
class Amount:
    """How far a posture is off.

    Attributes:
        kind: kind of the fault, or name of the contribution.
        off: measured less right value, in degrees or trunk lengths; NaN where it has no number.
        text: the difference with its unit.
        facing: 1 if the lifter faces right in the picture, -1 if left, 0 if unknown.
        trunk_px: length of the trunk in the picture.
    """

    kind: str
    off: float
    text: str
    facing: int
    trunk_px: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is drawn over a picture, in pixels of the frame.

    Attributes:
        limb: points of an SVG polyline: the limb that is off.
        usual: points of a polyline: where it should be; empty where that is not known.
        arc: path between the two; empty for none.
        text: how far it is off; empty for none.
        at: where the text stands.
    """

    limb: str
    usual: str = ""
    arc: str = ""
    text: str = ""
    at: tuple[float, float] = (0.0, 0.0)


def off_of_fault(kind: str, value: float, threshold: float) -> float:
    """How far a fault's value is off, as `Amount.off`.

    Most rules measure that itself, with its sign left out; thighs are measured from the floor.
    """
    if _drawn(kind) is _THIGH:
        return value - threshold
    # These two measure what is missing: the trunk should be further forward, or further up.
    return -value if kind in ("leaning_back", "incomplete_lockout") else value


def draw_deviation(frame: LifterFrame, amount: Amount, is_wrong: bool = True) -> Deviation | None:
    """The drawing over a frame; None where what it needs is not seen.

    Args:
        frame: the lifter.
        amount: how far the posture is off.
        is_wrong: whether the frame shows the deviation; in one to compare with only the limb is
            drawn.
    """
    if amount.kind.startswith(_BACK):
        return _draw_back(frame, amount, is_wrong)
    if amount.kind == "heels_lift":
        sole = np.full((2, 2), np.nan) if frame.person is None else frame.person.sole_px
        return _draw_angle(sole[1].astype(np.float64), sole[0] - sole[1], 1, amount, is_wrong)
    what = _drawn(amount.kind)
    if isinstance(what, _Length):
        return _draw_length(frame, what, amount, is_wrong)
    if what is None:
        return None
    side = int(frame.joint_confidence[[what.corner[1], what.end[1]]].sum()
               > frame.joint_confidence[[what.corner[0], what.end[0]]].sum())  # fmt: skip
    corner, end = (frame.xy_px[pair[side]].astype(np.float64) for pair in (what.corner, what.end))
    return _draw_angle(corner, end - corner, what.sense, amount, is_wrong)


def _drawn(kind: str) -> _Angle | _Length | None:
    return next((what for start, what in _DRAWN.items() if kind.startswith(start)), None)


def _draw_back(frame: LifterFrame, amount: Amount, is_wrong: bool) -> Deviation | None:
    """The back's outline, and the straight line between its ends."""
    outline = back_outline(frame, amount.facing)
    if outline is None:
        return None
    if not is_wrong:
        return Deviation(_points(outline))
    top = outline[len(outline) // 2]
    away = top - (outline[0] + outline[-1]) / 2
    length = float(np.linalg.norm(away))
    along = outline[-1] - outline[0]
    normal = np.array([along[1], -along[0]]) * amount.facing / max(np.linalg.norm(along), 1e-6)
    outward = away / length if length > 0.02 * amount.trunk_px else normal
    at = top + 0.35 * amount.trunk_px * outward
    return Deviation(_points(outline), _points(outline[[0, -1]]), "", amount.text, _pair(at))


def _draw_angle(
    corner: F64, limb: F64, sense: int, amount: Amount, is_wrong: bool
) -> Deviation | None:
    """A limb, where it should be, and the arc between."""
    if not np.isfinite([*corner, *limb]).all() or not limb.any():
        return None
    drawn = _points([corner, corner + (1 + _BEYOND) * limb])
    turn_deg = -sense * amount.facing * amount.off
    if not is_wrong or not abs(turn_deg) >= _MIN_DEG:
        return Deviation(drawn)
    right = _turned(limb, turn_deg)
    begin, end = corner + _ARC_RADIUS * limb, corner + _ARC_RADIUS * right
    length = float(np.linalg.norm(limb))
    radius = _ARC_RADIUS * length
    arc = (
        f"M{begin[0]:.1f} {begin[1]:.1f} A{radius:.1f} {radius:.1f} 0 0 {int(turn_deg > 0)} "
        f"{end[0]:.1f} {end[1]:.1f}"
    )
    away = np.nanmax([_TEXT_RADIUS * length, _MIN_TEXT_DISTANCE * amount.trunk_px])
    at = corner + away / length * _turned(limb, turn_deg / 2)
    usual = _points([corner, corner + (1 + _BEYOND) * right])
    return Deviation(drawn, usual, arc, amount.text, _pair(at))


def _draw_length(
    frame: LifterFrame, what: _Length, amount: Amount, is_wrong: bool
) -> Deviation | None:
    """The way from where a place should be to where it is, and a mark through the former."""
    place, other = (
        frame.bar_px.astype(np.float64) if pair is None else _middle(frame, pair)
        for pair in (what.point, what.other)
    )
    if not np.isfinite([*place, *other, amount.trunk_px]).all() or not amount.facing:
        return None
    if not is_wrong or not math.isfinite(amount.off):
        return Deviation(_points([other, place]))
    forward = np.array([amount.facing, 0.0]) if what.is_forward else np.array([0.0, -1.0])
    right = place - amount.off * amount.trunk_px * forward
    mark = _MARK * amount.trunk_px * np.array([forward[1], forward[0]])
    at = (right + place) / 2 - np.abs(mark) * (0, 0.6)
    usual = _points([right - mark, right + mark])
    return Deviation(_points([right, place]), usual, "", amount.text, _pair(at))


def _middle(frame: LifterFrame, pair: tuple[int, int]) -> F64:
    """Middle of a pair of joints, or the one that is seen."""
    both = frame.xy_px[list(pair)].astype(np.float64)
    seen = both[np.isfinite(both).all(-1)]
    return np.asarray(seen.mean(0)) if len(seen) else np.full(2, np.nan)


def _turned(limb: F64, by_deg: float) -> F64:
    """A direction, turned clockwise in the picture."""
    cos, sin = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    return np.asarray(np.array([[cos, -sin], [sin, cos]]) @ limb)


def _points(points: Iterable[F64]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _pair(point: F64) -> tuple[float, float]:
    return round(float(point[0]), 1), round(float(point[1]), 1)
