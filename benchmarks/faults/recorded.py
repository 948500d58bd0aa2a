"""Sets of real lifters: keypoints of posed faults, and labelled clips."""

import csv
import hashlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from services.scorer.observe import observe_lift, observe_lifters
from shared.data.skeleton import mpi_from_openpose

from .kept import TrackClip, keep
from .sets import ALL, NONE, LabelledSet, observations, person_of

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

#: Frames per second of the data that state none. Chosen: reps last 2 to 4 s then.
_SEQUENCE_FPS, _ESAP_FPS = 30.0, 8.0


def posed(folder: Path) -> Iterator[LabelledSet]:
    """st17086ts' sequences: posed faults of five lifters, about six reps each."""
    for file in sorted((folder / "sequences").glob("*.json")):
        content = json.loads(file.read_text("utf-8"))
        if content["condition"] not in _CONDITIONS:
            continue
        people = []
        for frame in content["frames"]:
            values = np.array((frame["people"] or [[0.0] * 75])[0], np.float32).reshape(25, 3)
            points = np.where(values[:, 2:] > 0, values[:, :2], np.nan).astype(np.float32)
            people.append(person_of(*mpi_from_openpose(points, values[:, 2].copy(), "body-25")))
        lift = observe_lift(observations(people, _SEQUENCE_FPS))
        faults = _CONDITIONS[content["condition"]]
        absent = NONE if faults else ALL
        view, lifter = _view(lift.motion.turn_deg), content["subject"]
        yield LabelledSet("posed, 5 lifters", view, lifter, lift, faults, absent)


def esap(folder: Path) -> Iterator[LabelledSet]:
    """ESAP's good sequences; which faults its bad ones have is not known."""
    known = set()
    for file in sorted(folder.rglob("good_*/*.json")):
        digest = hashlib.sha256(file.read_bytes()).digest()
        if digest in known:
            continue
        known.add(digest)
        people = []
        for frame in json.loads(file.read_text("utf-8")):
            points = np.array([p or (np.nan, np.nan) for p in frame], np.float32).reshape(18, 2)
            seen = np.asarray(np.isfinite(points).all(-1), np.float32)
            people.append(person_of(*mpi_from_openpose(points, seen, "coco-18")))
        lift = observe_lift(observations(people, _ESAP_FPS))
        view = _view(lift.motion.turn_deg)
        yield LabelledSet("ESAP, good", view, file.stem, lift, NONE, ALL)


def clips(folder: Path, track_clip: TrackClip, poses: Path) -> Iterator[LabelledSet]:
    """The clips of `CLIPS.csv` that are good, or have a known fault.

    Args:
        folder: clips with their table.
        track_clip: finds the poses in a clip.
        poses: folder that keeps them between runs.
    """
    with (folder / "CLIPS.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        file = folder / row["file"]
        label, _, fault = row["video_label"].partition(":")
        faults = _CLIP_FAULTS.get(fault, NONE)
        if file.stem in _ROUNDED:
            faults = _CLIP_FAULTS["rounded_back"]
        if not file.exists() or not (faults or label == "good"):
            continue
        frames = keep(poses / f"{file.stem}.msgpack", partial(track_clip, file))
        for seen in observe_lifters(frames)[:1]:
            lift = observe_lift(seen)
            view, absent = _view(lift.motion.turn_deg), NONE if faults else ALL
            yield LabelledSet("clips", view, row["lifter_group"], lift, faults, absent)


def _view(turn_deg: float) -> str:
    """The view as the rules know it: they judge up to 50° off the side."""
    if np.isnan(turn_deg):
        return "unknown"
    return "to 25°" if turn_deg <= 25 else "25–50°" if turn_deg <= 50 else "over 50°"
