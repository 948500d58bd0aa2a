"""Builders of analyses: a rendered lifter's set, judged by hand."""

from dataclasses import replace

import numpy as np
from judged_reps import LOWER_S, PULL_S, REP_S, SETUP_S, TOP_S, contribution, fault, rep

from shared.data.analysis import (
    ANGLES,
    Analysis,
    Angles,
    BarScale,
    BarSource,
    Exercise,
    LengthUnit,
    Lifter,
    LifterFrame,
    Measured,
    NotJudged,
    Partial,
    Phase,
    PoseRecord,
    SourceRecord,
    Style,
    Summary,
    Verdict,
    View,
)
from shared.data.fields import Keypoints
from shared.data.messages import Person, Plate, empty_skeleton
from shared.data.skeleton import FEET, OUTLINE_LEVELS
from synthetic.lift import bar_m, joints_m

NAN = float("nan")

POSE = PoseRecord("blazepose-full", 1)

#: Fields of a lifter besides the summary.
LIFTER_FIELDS = ("frames", "reps", "faults", "not_judged", "bar")

#: Where the bar's numbers come from: a scale in metres, one in trunk lengths, none.
IN_METRES = BarScale(BarSource.PLATE, LengthUnit.METRE, 120.0, 110.0, 125.0, "plates of 450 mm")
IN_TRUNKS = BarScale(BarSource.WRISTS, LengthUnit.TRUNK, 50.0, 48.0, 52.0, "no scale")
NO_BAR = BarScale(BarSource.NONE, LengthUnit.TRUNK, NAN, NAN, NAN, "no scale")


def person(xy_px, detection_confidence=0.98765):
    """A person with these joints, and feet, outline and box that follow from them."""
    low, high = np.nanmin(xy_px, 0), np.nanmax(xy_px, 0)
    xy = xy_px.astype(np.float32)
    return Person(
        xy_px=xy,
        confidence=np.linspace(0.6, 0.99, 15, dtype=np.float32),
        feet_px=np.stack([xy[13], xy[10], xy[13] + 8, xy[10] + 8]).astype(np.float32),
        feet_confidence=np.full(len(FEET), 0.8, np.float32),
        outline_px=np.linspace(5, 25, 2 * OUTLINE_LEVELS, dtype=np.float32).reshape(2, -1),
        sole_px=np.stack([xy[13] + 9, xy[13] + 12]).astype(np.float32),
        turn_deg=12.3456,
        box_px=np.array([*low, *high], np.float32),
        detection_confidence=detection_confidence,
    )


def at(bar_progress, size_px=(320, 240), place=0.5):
    """Joints (15, 2) and bar (2,) in a picture, with the bar at a fraction of its way up.

    place: where the lifter stands, as a fraction of the picture's width.
    """
    width, height = size_px
    scale = 0.42 * height

    def to_px(point_m):
        return np.stack(
            [width * place + scale * point_m[..., 0], 0.95 * height - scale * point_m[..., 1]], -1
        )

    return to_px(joints_m(bar_progress)), to_px(bar_m(bar_progress))


def angles(**degrees):
    """Joint angles; those that are not given are unknown."""
    return Angles(**{name: degrees.get(name, NAN) for name in ANGLES})


def frame(index, time_s, bar_progress=0.5, *, score=0.7, phase=Phase.PULL, **more):
    """An analysed frame with the lifter in it; `more` holds places, or fields of the frame."""
    xy, bar = at(bar_progress, more.pop("size_px", (320, 240)), more.pop("place", 0.5))
    one = person(xy)
    given = {
        "confidence": float(one.confidence.mean()),
        "keypoints": Keypoints(one.xy_px, one.confidence),
        "filled": (),
        "bar_px": bar.astype(np.float32),
        "angles": angles(
            trunk_lean=60 - 55 * bar_progress,
            hip=80 + 95 * bar_progress,
            knee=110 + 65 * bar_progress,
        ),
        "covered": False,
        "shot": 0,
        "measured": Measured(one, (Plate(*map(float, bar), 20.0, 21.5, 0.87654),)),
        "pose_ms": 12.0,
    }
    phase = None if phase is None else Phase(phase)
    return LifterFrame(index=index, time_s=time_s, phase=phase, score=score, **(given | more))


def with_joints(one, xy_px, confidence=None):
    """A frame with other joints, and the same or another confidence of each."""
    confidence = one.joint_confidence if confidence is None else confidence
    return replace(one, keypoints=Keypoints(xy_px, confidence))


def unseen(index, time_s, **more):
    """An analysed frame in which the lifter is not."""
    nothing = {
        "score": NAN,
        "confidence": 0.0,
        "phase": None,
        "keypoints": Keypoints(*empty_skeleton()),
        "filled": (),
        "bar_px": np.full(2, NAN, np.float32),
        "angles": angles(),
        "covered": False,
        "shot": 0,
        "measured": Measured(None),
        "pose_ms": 3.0,
    }
    return LifterFrame(index=index, time_s=time_s, **(nothing | more))


def _moment(time_s):
    """Phase and progress of the bar, 0 (floor) to 1 (lockout), at a time of the set."""
    into = time_s % REP_S
    for phase, lasts, start, end in (
        (Phase.SETUP, SETUP_S, 0, 0),
        (Phase.PULL, PULL_S, 0, 1),
        (Phase.LOCKOUT, TOP_S, 1, 1),
        (Phase.LOWER, LOWER_S, 1, 0),
    ):
        if into < lasts:
            return phase, start + (end - start) * into / lasts
        into -= lasts
    return Phase.REST, 0.0


def _in_metres(one, bar):
    """A repetition with the bar's unit, and where that is a metre with metres and intervals."""
    one = replace(one, unit=bar.unit)
    metric = {}
    for name in ("rom", "drift", "mean_velocity", "peak_velocity"):
        field = f"{name}_m_s" if name.endswith("velocity") else f"{name}_m"
        px = getattr(one, name) * bar.px_per_unit
        known = bar.unit is LengthUnit.METRE and np.isfinite(px)
        metric[field] = getattr(one, name) if known else NAN
        metric[f"{field}_interval"] = (px / bar.high, px / bar.low) if known else None
    return replace(one, **metric)


def changed(lifter, **more):
    """A lifter with other fields, or fields of the summary; what is counted is counted anew."""
    own = {name: more.pop(name) for name in LIFTER_FIELDS if name in more}
    lifter = replace(lifter, **own)
    reps = tuple(
        replace(
            _in_metres(one, lifter.bar),
            faults=tuple(fault.kind for fault in lifter.faults if fault.rep == one.index),
        )
        for one in lifter.reps
    )
    summary = replace(
        lifter.summary,
        **more,
        reps=len(reps),
        partial_reps=sum(one.partial is not Partial.WHOLE for one in reps),
        faults=tuple(sorted({fault.kind for fault in lifter.faults})),
    )
    return replace(lifter, reps=reps, summary=summary)


def lifter_set(reps=3, fps=10, size_px=(320, 240), place=0.5, **more):
    """A lifter's set of some repetitions, the hips shooting up in the second."""
    frames = []
    for index in range(round(reps * REP_S * fps)):
        phase, bar_progress = _moment(index / fps + 1e-9)
        score = 0.55 + 0.4 * bar_progress
        frames.append(
            frame(
                index, index / fps, bar_progress,
                score=score, phase=phase, size_px=size_px, place=place,
            )
        )  # fmt: skip
    summary = Summary(
        score=0.74,
        score_interval=(0.63, 0.82),
        verdict=Verdict.GOOD,
        undiminished=1.6,
        reps=0,
        partial_reps=0,
        faults=(),
        contributions=(
            contribution(effect=-0.4),
            contribution("arms_bent_off_the_floor", "arms bent 12° too far", effect=-0.2),
        ),
        view=View.SIDE,
        turn_deg=9.0,
        facing=1,
        exercise=Exercise.DEADLIFT,
        exercise_confidence=0.98765,
        style=Style.CONVENTIONAL,
        style_confidence=0.85,
        trunk_length_px=0.2 * size_px[1],
        occlusion=0.06,
        tilt_deg=1.5,
        warnings=("the picture leans a little",),
    )
    lifter = Lifter(
        frames=tuple(frames),
        reps=tuple(rep(number) for number in range(1, reps + 1)),
        faults=(fault(2),) if reps > 1 else (),
        not_judged=(NotJudged("heels_lift", "heels lift", "the feet are not seen"),),
        bar=IN_METRES,
        summary=summary,
    )
    return changed(lifter, **more)


def nobody(frames=5, fps=10, **more):
    """A lifter who is never seen, as an analysis of an empty clip holds."""
    summary = Summary(
        score=NAN, reps=0, partial_reps=0, faults=(), contributions=(),
        view=View.UNKNOWN, turn_deg=NAN, facing=0,
        exercise=Exercise.NO_LIFT, exercise_confidence=0.5,
        style=Style.UNKNOWN, style_confidence=0.0,
        trunk_length_px=NAN, occlusion=NAN, tilt_deg=NAN,
    )  # fmt: skip
    lifter = Lifter(
        frames=tuple(unseen(index, index / fps) for index in range(frames)),
        reps=(), faults=(),
        not_judged=(NotJudged("heels_lift", "heels lift", "there is no repetition"),),
        bar=NO_BAR, summary=summary,
    )  # fmt: skip
    return changed(lifter, **more)


def analysis(*lifters, warnings=(), size_px=(320, 240), path="/v/lift.mp4", fps=10.0):
    """An analysis of these lifters, the main one first, and of the source that they are in."""
    main, *others = lifters or (lifter_set(),)
    main = changed(main, warnings=(*warnings, *main.summary.warnings))
    count = len(main.frames)
    return Analysis(
        **{name: getattr(main, name) for name in (*LIFTER_FIELDS, "summary")},
        job="0123456789abcdef",
        source=SourceRecord(path, "ab" * 32, *size_px, count / fps, count, fps),
        pose=POSE,
        warnings=warnings,
        others=tuple(others),
    )
