"""Quantities of posture: backs, elbows, lockout, and the confidence of their joints."""

from dataclasses import replace

import numpy as np

from services.scorer.faults import rep_views
from shared.data.analysis import View

from .observed import Observed, observe_rendered
from .quantity import Quantity, Samples, median

#: Bends of the spine for which the outline's bend is measured, in degrees.
_BENDS_DEG = (15.0, 30.0, 50.0)


def _hollow(one: Observed) -> list[float]:
    """Bend of the upright back in each lockout, hollow positive."""
    bend = one.lift.kinematics.back_flexion
    return [-median(bend[rep.lockout]) for rep in rep_views(one.lift)]


def _hollow_fraction(one: Observed) -> list[float]:
    """The bent-over back's hollow, over that of the upright back; side views only."""
    upright = median(np.array(_hollow(one)))
    if one.lift.motion.view is not View.SIDE or not upright > 5:  # less is noise
        return []
    angles = one.lift.kinematics
    pulls = [rep.pull_until(0.7) for rep in rep_views(one.lift)]
    bent = [rows[angles.trunk_lean[rows] > 25] for rows in pulls]
    return [-median(angles.back_flexion[rows]) / upright for rows in bent]


def _shown_fraction(one: Observed) -> list[float]:
    """Bend of the outline at the start over the bend of the spine, of rendered round backs."""
    if one.rendered is None or one.rendered.style != "conventional" or one.rendered.fault:
        return []
    flat = _bend_at_start(one)
    fractions = []
    for bend_deg in _BENDS_DEG:
        bent = replace(one.rendered, fault="rounded_back", severity=bend_deg)
        fractions.append((_bend_at_start(observe_rendered(bent)) - flat) / bend_deg)
    return fractions


def _bend_at_start(one: Observed) -> float:
    bend = one.lift.kinematics.back_flexion
    return median(np.array([bend[rep.start] for rep in one.lift.reps]))


def _elbows(low: float, high: float) -> Samples:
    """Median bend of the elbows in each pull with arms of some confidence, low <= it < high."""

    def samples(one: Observed) -> list[float]:
        angles = one.lift.kinematics
        pulls = [rep.pull_until(0.9) for rep in rep_views(one.lift)]
        return [
            180 - median(angles.elbow[rows])
            for rows in pulls
            if rows.size and low <= float(np.median(angles.arms_confidence[rows])) < high
        ]

    return samples


def _at_lockout(name: str) -> Samples:
    def samples(one: Observed) -> list[float]:
        angles = getattr(one.lift.kinematics, name)
        return [180 - median(angles[rep.lockout]) for rep in rep_views(one.lift)]

    return samples


def _confidence_in_pull(name: str) -> Samples:
    def samples(one: Observed) -> list[float]:
        values = getattr(one.lift.kinematics, name)
        return [median(values[rep.pull]) for rep in rep_views(one.lift)]

    return samples


_F = "services.scorer.faults."
POSTURE_QUANTITIES = (
    Quantity("hollow of the upright back, °", f"{_F}rounded_back:_MAX_HOLLOW_DEG", _hollow),
    Quantity(
        "hollow bent over, of the upright back's, side views",
        f"{_F}rounded_back:_HOLLOW_FRACTION",
        _hollow_fraction,
    ),
    Quantity(
        "bend of the outline, of the spine's",
        f"{_F}rounded_back:_SHOWN_FRACTION",
        _shown_fraction,
    ),
    Quantity(
        "bend of elbows with visible hands, °",
        f"{_F}bent_arms:BentArms.threshold_deg",
        _elbows(0.8, 1.1),
    ),
    Quantity(
        "bend of elbows with hidden hands, °",
        f"{_F}bent_arms:BentArms.hidden_threshold_deg",
        _elbows(0.5, 0.8),
    ),
    Quantity(
        "knees short of straight at lockout, °",
        f"{_F}incomplete_lockout:IncompleteLockout.threshold_deg",
        _at_lockout("knee"),
    ),
    Quantity(
        "hips short of straight at lockout, °",
        f"{_F}incomplete_lockout:IncompleteLockout.threshold_deg",
        _at_lockout("hip"),
    ),
    Quantity(
        "confidence of the arms in a pull",
        f"{_F}judging:GUESSED_CONFIDENCE",
        _confidence_in_pull("arms_confidence"),
    ),
    Quantity(
        "confidence of the trunk in a pull",
        f"{_F}judging:SURE_CONFIDENCE",
        _confidence_in_pull("trunk_confidence"),
    ),
)
