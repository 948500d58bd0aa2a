"""Rendered sets with and without each fault: true joints with noise, and films."""

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from benchmarks.rendered import INJECTED as FILMED
from services.scorer.observe import observe_lift, observe_lifters
from shared.data.messages import FramePoses
from synthetic import Lift, render_poses, write_video
from tests.injected_faults import INJECTED, WITHIN_ERROR
from training.clips import TrackClip, keep_poses

from .sets import ALL, LabelledSet

#: Error of every coordinate of the joints, pixels; a trunk has about 200. Chosen: as in the tests.
_NOISE_PX = 3.0

#: What all sets share. Chosen: the rate of the tests' films.
_LIFT = Lift(reps=2, fps=15.0)

_FACINGS: tuple[Literal["right", "left"], ...] = ("right", "left")


def joints(turn_deg: float) -> Iterator[LabelledSet]:
    """Rendered sets of two reps, one facing right and one facing left, with noise on the joints.

    A correct set, and sets with each fault: at the severities that the tests inject, and at one
    that is within the error of measuring, which counts as correct.
    """
    wanted = [("", 0.0)]
    for fault, (severities, _) in INJECTED.items():
        wanted += [(fault, float(severity)) for severity in (*severities, WITHIN_ERROR[fault])]
    for seed, (fault, severity) in enumerate(wanted):
        is_there = bool(fault) and severity != WITHIN_ERROR[fault]
        for facing in _FACINGS:
            lift = dataclasses.replace(
                _LIFT, facing=facing, turn_deg=turn_deg, fault=fault, severity=severity
            )
            frames = render_poses(lift, _NOISE_PX, seed)
            found = _labelled("rendered joints", frames, turn_deg, fault if is_there else "")
            yield dataclasses.replace(found, group=f"{seed} {facing}")


def films(turn_deg: float, track_clip: TrackClip, poses: Path) -> Iterator[LabelledSet]:
    """Rendered films through the pose network: a correct set, and one set with each fault.

    Args:
        turn_deg: turn of the camera from the side.
        track_clip: finds the poses in a film.
        poses: folder that keeps them, so that a film is rendered once.
    """
    for fault, severity in {"": 0.0, **{kind: at for kind, (at, _) in FILMED.items()}}.items():
        lift = dataclasses.replace(_LIFT, turn_deg=turn_deg, fault=fault, severity=severity)
        name = f"{turn_deg:.0f}-right-{fault or 'correct'}"
        frames = keep_poses(poses / f"{name}.msgpack", partial(_film, lift, track_clip))
        yield _labelled("film", frames, turn_deg, fault)


def _film(lift: Lift, track_clip: TrackClip) -> Sequence[FramePoses]:
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "film.mp4"
        write_video(lift, film)
        return track_clip(film)


def _labelled(
    source: str, frames: Sequence[FramePoses], turn_deg: float, fault: str
) -> LabelledSet:
    lift = observe_lift(observe_lifters(frames)[0])
    present = frozenset({fault} if fault else ())
    return LabelledSet(source, f"{turn_deg:.0f}°", fault, lift, present, ALL - present)
