"""Prints every in-house threshold of the scorer beside the data that it stands on.

python benchmarks/derive.py RESULTS [--labels CLIPS.csv]

RESULTS is a folder of results of `coach analyze` on real clips; their stored observations are
observed again, so the videos are not needed. Rendered sets, whose truth is known, are made here.

Two tables: quantities, each measured over groups of lifts, beside the constant that is compared
with it; and every constant of the scorer with where it comes from: a publication, a measurement, or
a choice. The groups are of correct rendered sets, of real clips labelled good, and of all real
clips. Clips of one person are not independent: read the spread, and do not tune to it.
"""

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from coach.files import load
from services.scorer.bar.plate_tracking import gather_sightings, track_plate
from services.scorer.faults import DEFAULT_RULES, Measurement, rep_views
from services.scorer.motion.motion import hands_px, middle
from services.scorer.observe import (
    LifterObservations,
    ObservedLift,
    observations_of,
    observe_lift,
    observe_lifters,
)
from shared.data.analysis import BarSource, LengthUnit, View
from shared.data.skeleton import (
    L_ANKLE,
    L_ELBOW,
    L_HIP,
    L_KNEE,
    L_SHOULDER,
    L_WRIST,
    NECK,
    R_ANKLE,
    R_HIP,
    R_SHOULDER,
)
from synthetic import Lift, render_poses

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Observed:
    """A set with what the pose stage saw of it, and what is known of it."""

    lift: ObservedLift
    seen: LifterObservations
    label: str


@dataclass(frozen=True)
class Quantity:
    """Something that is measured in a lift, and the constant that is compared with it.

    constant: "module:NAME" below services.scorer or shared.data. samples: its values in one lift.
    """

    what: str
    constant: str
    samples: Callable[[Observed], Sequence[float]]

    @property
    def value(self) -> object:
        """The constant as it is."""
        module, _, name = self.constant.partition(":")
        return getattr(import_module(module), name)


def main() -> None:
    """Observe all groups and print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--labels", type=Path, help="CLIPS.csv with file and video_label")
    given = parser.parse_args()
    real = list(_real(given.results, given.labels))
    groups = {
        "rendered, correct": list(_rendered()),
        "real, good": [one for one in real if one.label.startswith("good")],
        "real, all": real,
    }
    console = Console(width=150)
    console.print(_quantities(groups))
    console.print(_sources())


def _rendered() -> Iterator[Observed]:
    """Correct sets of each style, from each side and view, with and without noise."""
    styles, views, sides = (
        ("conventional", "sumo", "romanian"),
        ("side", "oblique"),
        ("left", "right"),
    )
    for style, view, facing, noise_px in product(styles, views, sides, (0.0, 3.0)):
        lift = Lift(reps=2, style=style, view=view, facing=facing)
        seen = observe_lifters(render_poses(lift, noise_px))[0]
        yield Observed(observe_lift(seen), seen, style)


def _real(results: Path, labels: Path | None) -> Iterator[Observed]:
    named: dict[str, str] = {}
    if labels:
        with labels.open(newline="", encoding="utf-8") as table:
            named = {Path(row["file"]).stem: row["video_label"] for row in csv.DictReader(table)}
    for path in sorted(results.glob("*/analysis.json")):
        analysis = load(path)
        seen = observations_of(analysis)
        yield Observed(observe_lift(seen, analysis.judging), seen, named.get(path.parent.name, ""))


def _quantities(groups: dict[str, list[Observed]]) -> Table:
    table = Table("quantity", "constant", "is", title="What the constants are compared with")
    for name in groups:
        table.add_column(f"{name} (5 %, median, 95 %; n)", justify="right")
    for quantity in QUANTITIES:
        cells = [
            _spread([v for one in group for v in quantity.samples(one)])
            for group in groups.values()
        ]
        name = quantity.constant.removeprefix("services.scorer.").removeprefix("shared.data.")
        table.add_row(quantity.what, name, str(quantity.value), *cells)
    table.add_section()
    for rule in DEFAULT_RULES:
        cells = [
            _spread([m.value for one in group for m in _measured(rule, one.lift)])
            for group in groups.values()
        ]
        threshold = next(v for k, v in rule.defaults().items() if k.startswith("threshold"))
        table.add_row(f"{rule.name}, {rule.unit}", f"faults.{rule.kind}", str(threshold), *cells)
    return table


def _measured(rule: object, lift: ObservedLift) -> Iterator[Measurement]:
    for rep in rep_views(lift):
        found = rule.evaluate(rep)
        if isinstance(found, Measurement):
            yield found


def _spread(values: Sequence[float]) -> str:
    known = np.array([value for value in values if np.isfinite(value)])
    if not known.size:
        return "–"
    low, middle_value, high = np.percentile(known, [5, 50, 95])
    return f"{low:.2f}  {middle_value:.2f}  {high:.2f}; {known.size}"


# ---- quantities of one lift -----------------------------------------------------------------


def _xy(one: Observed) -> np.ndarray:
    """The joints in trunk lengths, (n, 15, 2)."""
    return one.lift.motion.xy_px / one.lift.motion.trunk_length_px


def _change(one: Observed, height: np.ndarray) -> list[float]:
    return [float(height[rep.top] - height[rep.start]) for rep in one.lift.reps]


def _hand_rise(one: Observed) -> list[float]:
    return _change(one, -hands_px(one.lift.motion)[:, 1] / one.lift.motion.trunk_length_px)


def _shoulder_fraction(one: Observed) -> list[float]:
    neck = _change(one, -_xy(one)[:, NECK, 1])
    return [n / max(h, 1e-6) for n, h in zip(neck, _hand_rise(one), strict=True)]


def _extension(one: Observed) -> list[float]:
    xy = _xy(one)
    hips = -middle(xy[:, L_HIP, 1], xy[:, R_HIP, 1])
    straightened = _change(one, -xy[:, NECK, 1] - hips)
    return [max(a, b) for a, b in zip(straightened, _change(one, hips), strict=True)]


def _feet_motion(one: Observed) -> list[float]:
    xy = _xy(one)
    feet = middle(xy[:, L_ANKLE, 0], xy[:, R_ANKLE, 0])
    ways = [feet[rep.start : rep.top + 1] for rep in one.lift.reps]
    return [float(np.subtract(*np.nanpercentile(way, [95, 5]))) for way in ways if len(way)]


def _pull_s(one: Observed) -> list[float]:
    return _change(one, one.lift.motion.time_s)


def _limb(left: int, right: int) -> Callable[[Observed], list[float]]:
    """Median length of a limb on the lifter's left, side and oblique views only."""

    def samples(one: Observed) -> list[float]:
        if one.lift.motion.view not in (View.SIDE, View.OBLIQUE):
            return []
        ahead = 1 / np.cos(np.radians(one.lift.motion.turn_deg))
        along = (_xy(one)[:, left] - _xy(one)[:, right]) * (ahead, 1.0)
        return [float(np.nanmedian(np.linalg.norm(along, axis=-1)))]

    return samples


def _standing(one: Observed) -> list[float]:
    xy = _xy(one)
    line = np.linalg.norm(xy[:, NECK] - xy[:, [L_ANKLE, R_ANKLE]].mean(1), axis=-1)
    return [float(np.nanmax(line))] if np.isfinite(line).any() else []


def _jitter(one: Observed) -> list[float]:
    """Typical distance of a measured joint from its smoothed place."""
    motion = one.lift.motion
    raw = np.array([np.full((15, 2), np.nan) if p is None else p.xy_px for p in one.seen.people])
    off = np.linalg.norm(raw - motion.xy_px, axis=-1) / motion.trunk_length_px
    return [float(np.nanmedian(off))] if np.isfinite(off).any() else []


def _plate(one: Observed) -> tuple[np.ndarray, np.ndarray]:
    """Deviation of the tracked plate from its usual place and size, each (m,)."""
    motion, hands = one.lift.motion, hands_px(one.lift.motion)
    seen = gather_sightings(one.seen.plates)
    plate = track_plate(motion, hands, seen)
    if plate is None:
        return np.zeros(0), np.zeros(0)
    rows = np.flatnonzero(plate.sighting >= 0)
    found = plate.sighting[rows]
    off = seen.xy_px[found] - hands[rows] - plate.offset_px
    return np.abs(off).max(-1) / motion.trunk_length_px, np.abs(
        seen.height_px[found] / plate.diameter_px - 1
    )


def _trunk_m(one: Observed) -> list[float]:
    scale = one.lift.bar.scale
    by_plates = scale.source is BarSource.PLATE and scale.unit is LengthUnit.METRE
    return [one.lift.motion.trunk_length_px / scale.px_per_unit] if by_plates else []


def _foot_pitch(one: Observed) -> list[float]:
    pitch = one.lift.kinematics.foot_pitch
    ways = [pitch[rep.start : rep.top + 1] for rep in one.lift.reps]
    return [float(np.nanmax(way)) for way in ways if np.isfinite(way).any()]


def _at_bottom(name: str) -> Callable[[Observed], list[float]]:
    def samples(one: Observed) -> list[float]:
        angles = getattr(one.lift.kinematics, name)
        return [float(angles[rep.start]) for rep in one.lift.reps]

    return samples


def _hands_above_ankles(one: Observed) -> list[float]:
    xy = _xy(one)
    hands = hands_px(one.lift.motion)[:, 1] / one.lift.motion.trunk_length_px
    ankles = middle(xy[:, L_ANKLE, 1], xy[:, R_ANKLE, 1])
    return [float(ankles[rep.top] - hands[rep.start]) for rep in one.lift.reps]


def _stance(one: Observed) -> list[float]:
    xy = _xy(one)
    ankles, shoulders = (
        abs(float(np.nanmedian(xy[:, a, 0] - xy[:, b, 0])))
        for a, b in ((L_ANKLE, R_ANKLE), (L_SHOULDER, R_SHOULDER))
    )
    return [ankles / max(shoulders, 1e-6)] if one.lift.motion.view is not View.SIDE else []


_S = "services.scorer."
QUANTITIES = (
    Quantity("rise of the hands, trunk lengths", f"{_S}reps.rep_boundaries:MIN_RISE", _hand_rise),
    Quantity(
        "rise of the shoulders, of the hands'",
        f"{_S}reps.lift_criteria:_MIN_SHOULDER_FRACTION",
        _shoulder_fraction,
    ),
    Quantity(
        "extension of the hips, trunk lengths", f"{_S}reps.lift_criteria:_MIN_EXTENSION", _extension
    ),
    Quantity(
        "motion of the feet, trunk lengths",
        f"{_S}reps.lift_criteria:_MAX_FEET_MOTION",
        _feet_motion,
    ),
    Quantity("duration of the way up, s", f"{_S}reps.lift_criteria:_MAX_PULL_S", _pull_s),
    Quantity("knees at the bottom, °", f"{_S}reps.style:_MIN_STRAIGHT_DEG", _at_bottom("knee")),
    Quantity(
        "thighs above horizontal at the bottom, °",
        f"{_S}reps.style:_MIN_THIGH_ELEVATION_DEG",
        _at_bottom("thigh_elevation"),
    ),
    Quantity(
        "hands over ankles at the bottom, trunk lengths",
        f"{_S}reps.style:_MIN_HANDS_ABOVE_ANKLES",
        _hands_above_ankles,
    ),
    Quantity("ankles' width over shoulders'", f"{_S}reps.style:_MIN_SUMO_RATIO", _stance),
    Quantity(
        "thigh over trunk", "shared.data.anthropometry:THIGH_OVER_TRUNK", _limb(L_HIP, L_KNEE)
    ),
    Quantity(
        "shank over trunk", "shared.data.anthropometry:SHANK_OVER_TRUNK", _limb(L_KNEE, L_ANKLE)
    ),
    Quantity(
        "upper arm over trunk",
        "shared.data.anthropometry:UPPER_ARM_OVER_TRUNK",
        _limb(L_SHOULDER, L_ELBOW),
    ),
    Quantity(
        "forearm over trunk",
        "shared.data.anthropometry:FOREARM_OVER_TRUNK",
        _limb(L_ELBOW, L_WRIST),
    ),
    Quantity("trunk by the plates, m", "shared.data.anthropometry:MIN_TRUNK_M", _trunk_m),
    Quantity("neck to ankles, standing", f"{_S}motion.clip_quality:_MIN_STANDING", _standing),
    Quantity("jitter of a joint, trunk lengths", f"{_S}motion.build:_JOINT_FLOOR", _jitter),
    Quantity("highest foot pitch in a pull, °", f"{_S}motion.soles:_MAX_FLAT_DEG", _foot_pitch),
    Quantity(
        "plate off its place, trunk lengths",
        f"{_S}bar.plate_tracking:MAX_OFFSET",
        lambda one: _plate(one)[0].tolist(),
    ),
    Quantity(
        "plate off its size",
        f"{_S}bar.plate_tracking:MAX_SIZE_CHANGE",
        lambda one: _plate(one)[1].tolist(),
    ),
)


# ---- where each constant comes from ---------------------------------------------------------

#: What a constant's comment must name: kind of source → how it is recognised.
KINDS = {
    "publication": r"\b(19|20)\d\d\b|doi|IWF|MediaPipe|arXiv",
    "measured": r"\bmeasured?s?\b|\bmedians? of\b|real (clips?|lifts?|lifters?)|rendered",
    "chosen": r"\b[Cc]hosen\b",
    "definition": r"\b[Ff]ormat|\b[Oo]rder of\b|\bdefinition\b",
}


def constants(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Every numeric constant of a folder's modules: where it is, what it is, its comment."""
    pattern = re.compile(
        r"((?:^#:.*\n)*)^(_?[A-Z][A-Z0-9_]+(?:, _?[A-Z][A-Z0-9_]+)*) = (.*\d.*)$", re.M
    )
    for path in sorted(folder.rglob("*.py")):
        for comment, name, value in pattern.findall(path.read_text("utf-8")):
            if "NDArray" not in value:
                yield f"{path.relative_to(ROOT)}: {name}", value, comment.replace("#:", "").strip()


def kind_of(comment: str) -> str:
    """The kind of source that a constant's comment names; "" for none."""
    return next((kind for kind, words in KINDS.items() if re.search(words, comment)), "")


def _sources() -> Table:
    table = Table("constant", "value", "source", title="Where the scorer's constants come from")
    for where, value, comment in constants(ROOT / "services" / "scorer"):
        table.add_row(where, value[:40], kind_of(comment) or "not named")
    return table


if __name__ == "__main__":
    sys.exit(main())
