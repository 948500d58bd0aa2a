"""Builders of analyses: a rendered lifter's set, judged by hand."""

import numpy as np
from services.writer.tables import PoseRecord, SourceRecord

from shared.data.messages import (
    ANGLES,
    Abstention,
    Analysis,
    BarPath,
    Contribution,
    Fault,
    LifterAnalysis,
    LifterFrame,
    Person,
    Rep,
    empty_skeleton,
)
from shared.data.skeleton import FEET, OUTLINE_LEVELS
from synthetic.lift import bar_m, joints_m

NAN = float("nan")
NO_PLATES = np.zeros((0, 5), np.float32)

#: Lengths of the phases of one repetition, seconds.
SETUP_S, PULL_S, TOP_S, LOWER_S, REST_S = 0.6, 1.0, 0.6, 1.0, 0.4
REP_S = SETUP_S + PULL_S + TOP_S + LOWER_S + REST_S

POSE = PoseRecord("blazepose-full", 1)


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


def at(share, size_px=(320, 240), place=0.5):
    """The lifter's joints (15, 2) and the bar (2,) in a picture, at a share of the bar's way up."""
    width, height = size_px
    scale = 0.42 * height

    def seen(point_m):
        return np.stack(
            [width * place + scale * point_m[..., 0], 0.95 * height - scale * point_m[..., 1]], -1
        )

    return seen(joints_m(share)), seen(bar_m(share))


def frame(index, time_s, share=0.5, *, score=0.7, phase="pull", size_px=(320, 240), **more):
    """An analysed frame with the lifter in it."""
    xy, bar = at(share, size_px, more.pop("place", 0.5))
    one = person(xy)
    angles = {"trunk_lean": 60 - 55 * share, "hip": 80 + 95 * share, "knee": 110 + 65 * share}
    given = {
        "person": one,
        "plates_px": np.array([[*bar, 20.0, 21.5, 0.87654]], np.float32),
        "shot": 0,
        "xy_px": one.xy_px,
        "confidence": one.confidence,
        "filled": np.zeros(15, np.float32),
        "bar_px": bar.astype(np.float32),
        "angles": np.array([angles.get(name, NAN) for name in ANGLES], np.float32),
        "pose_ms": 12.0,
    }
    return LifterFrame(index=index, time_s=time_s, phase=phase, score=score, **{**given, **more})


def unseen(index, time_s, **more):
    """An analysed frame in which the lifter is not."""
    xy, confidence = empty_skeleton()
    nothing = {
        "person": None,
        "plates_px": NO_PLATES,
        "shot": 0,
        "xy_px": xy,
        "confidence": confidence,
        "filled": np.zeros(15, np.float32),
        "bar_px": np.full(2, NAN, np.float32),
        "phase": "",
        "angles": np.full(len(ANGLES), NAN, np.float32),
        "score": NAN,
        "pose_ms": 3.0,
    }
    return LifterFrame(index=index, time_s=time_s, **{**nothing, **more})


def rep(number, **more):
    """A whole repetition, placed where `lifter_set` performs it."""
    start_s = (number - 1) * REP_S + SETUP_S
    given = {
        "start_s": start_s,
        "top_s": start_s + PULL_S,
        "end_s": start_s + PULL_S + TOP_S + LOWER_S,
        "concentric_s": PULL_S,
        "eccentric_s": LOWER_S,
        "partial": "",
        "rom": 0.6,
        "drift": 0.05,
        "mean_velocity": 0.5 - 0.02 * number,
        "peak_velocity": 0.9,
        "score": 0.9 - 0.05 * number,
        "contributions": (Contribution("hips 14° too low", -0.1),),
    }
    return Rep(index=number, **{**given, **more})


def fault(number, kind="hips_shoot_up", **more):
    """A fault in a repetition."""
    start_s = rep(number).start_s
    given = {
        "name": "hips shoot up",
        "from_s": start_s + 0.2,
        "to_s": start_s + 0.6,
        "shown_at": round((start_s + 0.4) * 10),
        "value": 17.0,
        "unit": "deg",
        "threshold": 10.0,
        "confidence": 0.8,
        "reason": "Hips and shoulders rise together.",
        "cue": "Push the floor away and let chest and hips rise at the same pace.",
    }
    return Fault(kind=kind, rep=number, **{**given, **more})


def _moment(time_s):
    """Phase and share of the bar's way at a time of the set."""
    into = time_s % REP_S
    for phase, lasts, start, end in (
        ("setup", SETUP_S, 0, 0),
        ("pull", PULL_S, 0, 1),
        ("lockout", TOP_S, 1, 1),
        ("lower", LOWER_S, 1, 0),
    ):
        if into < lasts:
            return phase, start + (end - start) * into / lasts
        into -= lasts
    return "rest", 0.0


def lifter_set(reps=3, fps=10, size_px=(320, 240), place=0.5, **more):
    """A lifter's set of some repetitions, the hips shooting up in the second."""
    frames = []
    for index in range(round(reps * REP_S * fps)):
        phase, share = _moment(index / fps + 1e-9)
        score = 0.55 + 0.4 * share
        frames.append(
            frame(index, index / fps, share, score=score, phase=phase, size_px=size_px, place=place)
        )
    given = {
        "reps": tuple(rep(number) for number in range(1, reps + 1)),
        "faults": (fault(2),) if reps > 1 else (),
        "abstentions": (Abstention("heels_lift", "heels lift", "the feet are not seen"),),
        "contributions": (
            Contribution("hips 14° too low", -0.1),
            Contribution("arms bent by 8°", -0.04),
        ),
        "bar": BarPath("plate", "m", 120.0, 110.0, 125.0, "plates of 450 mm"),
        "score": 0.74,
        "view": "side",
        "turn_deg": 9.0,
        "facing": 1,
        "style": "conventional",
        "trunk_length_px": 0.2 * size_px[1],
        "occlusion": 0.06,
        "tilt_deg": 1.5,
        "warnings": ("the picture leans a little",),
    }
    return LifterAnalysis(frames=tuple(frames), **{**given, **more})


def nobody(frames=5, fps=10, **more):
    """A lifter who is never seen, as an analysis of an empty clip holds."""
    given = {
        "reps": (),
        "faults": (),
        "abstentions": (Abstention("heels_lift", "heels lift", "there is no repetition"),),
        "contributions": (),
        "bar": BarPath("none", "torso", NAN, NAN, NAN, "no scale"),
        "score": NAN,
        "view": "unknown",
        "turn_deg": NAN,
        "facing": 0,
        "style": "unknown",
        "trunk_length_px": NAN,
        "occlusion": NAN,
        "tilt_deg": NAN,
        "warnings": (),
    }
    listed = tuple(unseen(index, index / fps) for index in range(frames))
    return LifterAnalysis(frames=listed, **{**given, **more})


def analysis(*lifters, warnings=()):
    """An analysis of these lifters."""
    return Analysis("job", lifters or (lifter_set(),), warnings)


def source_of(one, size_px=(320, 240), path="/v/lift.mp4", fps=10.0):
    """The source that belongs to an analysis."""
    count = len(one.lifter.frames)
    return SourceRecord(path, "ab" * 32, *size_px, count / fps, count, fps)
