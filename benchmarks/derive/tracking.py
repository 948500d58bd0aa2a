"""Quantities of people in the picture, of plates, and of scores."""

from collections.abc import Iterator

import numpy as np

from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.lifter.evidence import BodyHeights, measure_evidence, measure_heights
from services.scorer.lifter.tracks import box_centre_px, box_size_px
from shared.data.analysis import BarSource, LengthUnit
from shared.data.messages import Person

from .observed import Observed
from .quantity import Quantity, median, spread


def _people(one: Observed) -> dict[int, Person]:
    return {row: person for row, person in enumerate(one.seen.people) if person is not None}


def _heights(one: Observed) -> BodyHeights:
    return measure_heights(_people(one))


def _wrist_travel(one: Observed) -> list[float]:
    heights = _heights(one)
    return [spread(heights.wrists_px) / heights.body_px]


def _neck_travel(one: Observed) -> list[float]:
    heights = _heights(one)
    return [spread(heights.neck_px) / spread(heights.wrists_px)]


def _straightening(one: Observed) -> list[float]:
    heights = _heights(one)
    return [spread(heights.neck_px - heights.hips_px) / heights.body_px]


def _pairs(one: Observed) -> Iterator[tuple[Person, Person]]:
    """The lifter in each two consecutive frames of one shot."""
    people, shot = one.seen.people, one.seen.shot
    for row in range(1, len(people)):
        before, after = people[row - 1], people[row]
        if before is not None and after is not None and shot[row] == shot[row - 1]:
            yield before, after


def _step(one: Observed) -> list[float]:
    """Greatest step of the lifter's box between two frames."""
    steps = [
        float(np.linalg.norm(box_centre_px(b) - box_centre_px(a)))
        / max(box_size_px(a), box_size_px(b))
        for a, b in _pairs(one)
    ]
    return [max(steps)] if steps else []


def _size_ratio(one: Observed) -> list[float]:
    ratios = [box_size_px(b) / box_size_px(a) for a, b in _pairs(one)]
    return [max(max(ratio, 1 / ratio) for ratio in ratios)] if ratios else []


def _jump(one: Observed) -> list[float]:
    """Greatest median step of the lifter's joints between two frames without a cut."""
    steps = [
        median(np.linalg.norm(b.xy_px - a.xy_px, axis=-1)) / box_size_px(b) for a, b in _pairs(one)
    ]
    return [max(steps)] if steps else []


def _plate(one: Observed) -> tuple[np.ndarray, np.ndarray]:
    """Deviation of the tracked plate from its usual place and size, each (m,)."""
    motion, found = one.lift.motion, find_bar_plate(one.lift.motion, one.seen.plates)
    hands, seen, plate = found.hands_px, found.seen, found.plate
    if plate is None:
        return np.zeros(0), np.zeros(0)
    rows = np.flatnonzero((plate.sighting >= 0) & np.isfinite(hands).all(-1))
    sighting = plate.sighting[rows]
    off = seen.xy_px[sighting] - hands[rows] - plate.offset_px
    return np.abs(off).max(-1) / motion.trunk_length_px, np.abs(
        seen.height_px[sighting] / plate.diameter_px - 1
    )


def _tracked(one: Observed) -> list[float]:
    """Fraction of the frames with hands in which the tracked plate is seen."""
    found = find_bar_plate(one.lift.motion, one.seen.plates)
    hands, plate = found.hands_px, found.plate
    if plate is None:
        return []
    known_hands = np.isfinite(hands).all(-1)
    return [float((plate.sighting[known_hands] >= 0).mean())] if known_hands.any() else []


def _plate_radius(one: Observed) -> list[float]:
    plate = find_bar_plate(one.lift.motion, one.seen.plates).plate
    return [] if plate is None else [plate.diameter_px / 2 / one.lift.motion.trunk_length_px]


def _plate_reach(one: Observed) -> list[float]:
    """Distance of the tracked plate's far rim from the hands, along x."""
    plate = find_bar_plate(one.lift.motion, one.seen.plates).plate
    if plate is None:
        return []
    reach_px = np.abs(plate.offset_px).max() + plate.diameter_px / 2
    return [float(reach_px / one.lift.motion.trunk_length_px)]


def _trunk_m(one: Observed) -> list[float]:
    scale = one.lift.bar.scale
    by_plates = scale.source is BarSource.PLATE and scale.unit is LengthUnit.METRE
    return [one.lift.motion.trunk_length_px / scale.px_per_unit] if by_plates else []


def _known_bar(one: Observed) -> list[float]:
    known_rows = np.isfinite(one.lift.bar.xy_px).all(-1)
    return [float(known_rows[rep.start : rep.top + 1].mean()) for rep in one.lift.reps]


_L = "services.scorer.lifter."
_P = "services.scorer.bar.plate_tracking:"
_W = "services.pose.plates.window:"
TRACKING_QUANTITIES = (
    Quantity("travel of the wrists, body heights", f"{_L}evidence:_FULL_TRAVEL", _wrist_travel),
    Quantity(
        "travel of the shoulders, of the wrists'",
        f"{_L}evidence:_FULL_SHOULDER_TRAVEL",
        _neck_travel,
    ),
    Quantity(
        "change of the trunk's height, body heights",
        f"{_L}evidence:_FULL_STRAIGHTENING",
        _straightening,
    ),
    Quantity(
        "evidence of a lift",
        f"{_L}find:_MIN_SECOND_EVIDENCE",
        lambda one: [measure_evidence(_people(one))],
    ),
    Quantity("greatest step between frames, body sizes", f"{_L}tracks:_MAX_STEP", _step),
    Quantity("greatest change of size between frames", f"{_L}tracks:_MAX_SIZE_RATIO", _size_ratio),
    Quantity("greatest jump without a cut, body sizes", f"{_L}tracks:_MIN_JUMP", _jump),
    Quantity(
        "plate off its place, trunk lengths", f"{_P}MAX_OFFSET", lambda one: _plate(one)[0].tolist()
    ),
    Quantity("plate off its size", f"{_P}MAX_SIZE_CHANGE", lambda one: _plate(one)[1].tolist()),
    Quantity("frames with the tracked plate", f"{_P}_MIN_TRACKED", _tracked),
    Quantity("radius of the tracked plate, trunk lengths", f"{_W}MAX_RADIUS", _plate_radius),
    Quantity("far rim from the hands, trunk lengths", f"{_W}_MARGIN", _plate_reach),
    Quantity("known fraction of the bar's way", "services.scorer.bar.path:_MIN_KNOWN", _known_bar),
    Quantity("trunk by the plates, m", "shared.data.anthropometry:MIN_TRUNK_M", _trunk_m),
    Quantity(
        "score of the set", "services.scorer.score.scoring:_GOOD", lambda one: [one.set_score]
    ),
)
