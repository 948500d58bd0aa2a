"""Sets of real lifters: keypoints of posed faults, and labelled clips."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from services.scorer.observe import observe_lift
from training.clips import TrackClip, observe_clip
from training.people_tables import body_25_recordings, coco_recordings
from training.table_files import csv_rows

from .sets import ALL, NONE, LabelledSet

#: `condition` of a BODY_25 sequence → the faults that it poses; "correct" has none. Others, such as
#: grips, are no faults of these rules.
_CONDITIONS = {
    "correct": NONE,
    "elbows_bent": frozenset({"bent_arms"}),
    "knees_bad_stiff_leg": frozenset({"stiff_legged"}),
}

#: What follows "bad:" in `video_label` → the fault of all its reps.
_CLIP_FAULTS = {
    "hip_first": frozenset({"hips_shoot_up"}),
    "knee_dominant": frozenset({"squatted"}),
    "rounded_back": frozenset({"rounded_back"}),
    "heel_lift": frozenset({"heels_lift"}),
}

#: Clips whose label is "bad" alone, and whose lifter's back is rounded (looked at).
_ROUNDED = ("bichraix_bad007", "bichraix_bad008", "bichraix_bad009", "bichraix_bad018",
            "mattiolato98_bad_000002")  # fmt: skip


def posed(folder: Path) -> Iterator[LabelledSet]:
    """st17086ts' sequences: posed faults of five lifters, about six reps each."""
    for recording in body_25_recordings(folder):
        if recording.condition in _CONDITIONS:
            lift, faults = observe_lift(recording.seen), _CONDITIONS[recording.condition]
            absent = NONE if faults else ALL
            view = _view(lift.motion.turn_deg)
            yield LabelledSet("posed, 5 lifters", view, recording.lifter, lift, faults, absent)


def esap(folder: Path) -> Iterator[LabelledSet]:
    """ESAP's good sequences; which faults its bad ones have is not known."""
    for recording in coco_recordings(folder):
        if recording.label:
            lift = observe_lift(recording.seen)
            view = _view(lift.motion.turn_deg)
            yield LabelledSet("ESAP, good", view, recording.file, lift, NONE, ALL)


def clips(folder: Path, track_clip: TrackClip) -> Iterator[LabelledSet]:
    """The clips of `CLIPS.csv` that are good, or have a known fault.

    Args:
        folder: clips with their table.
        track_clip: finds the poses in a clip.
    """
    for row in csv_rows(folder / "CLIPS.csv", ("file", "video_label", "lifter_group")):
        file = folder / row["file"]
        label, _, fault = row["video_label"].partition(":")
        faults = _CLIP_FAULTS.get(fault, NONE)
        if file.stem in _ROUNDED:
            faults = _CLIP_FAULTS["rounded_back"]
        if not file.exists() or not (faults or label == "good"):
            continue
        lift = observe_clip(file, track_clip)
        if lift is not None:
            view, absent = _view(lift.motion.turn_deg), NONE if faults else ALL
            yield LabelledSet("clips", view, row["lifter_group"], lift, faults, absent)


def _view(turn_deg: float) -> str:
    """The view as the rules know it: they judge up to 50° off the side."""
    if np.isnan(turn_deg):
        return "unknown"
    return "to 25°" if turn_deg <= 25 else "25–50°" if turn_deg <= 50 else "over 50°"
