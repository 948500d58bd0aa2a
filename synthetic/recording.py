"""A set as the pose stage would report it, without pixels or networks: for tests of scoring."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shared.data.messages import THUMBNAIL_PX, FramePoses, Person, Plate
from shared.data.skeleton import F32, L_HEEL, L_TOE, R_HEEL, R_TOE
from synthetic.settings import Lift
from synthetic.truth import FrameTruth, PersonTruth, truth

#: Confidence of visible and of hidden joints. BlazePose reports about these; MoveNet's are lower.
_SEEN, _HIDDEN = 1.0, 0.55

#: Margin of a person's box around the joints, as a fraction of the joints' height.
_MARGIN = 0.06

#: Maximum turn of the camera at which plates are reported, degrees: beyond, their faces are too
#: narrow to be found.
_MAX_PLATE_TURN_DEG = 50.0

#: Frames after which the tracks of plates begin anew, as the pose stage's do: a chunk.
_TRACKED_FRAMES = 16


def render_poses(lift: Lift, noise_px: float = 0.0, seed: int = 0) -> list[FramePoses]:
    """Every frame of a set, with its people in random order.

    Args:
        lift: the set.
        noise_px: standard deviation of the error of every coordinate, in pixels.
        seed: of the noise, and of the people's order, which changes from frame to frame.

    Returns:
        The poses of each frame; hidden joints have their true position and a lower confidence.
    """
    chance = np.random.default_rng(seed)
    return [_frame(frame, noise_px, chance) for frame in truth(lift)]


def _frame(frame: FrameTruth, noise_px: float, chance: np.random.Generator) -> FramePoses:
    order = chance.permutation(len(frame.people))
    return FramePoses(
        index=frame.index,
        time_s=frame.time_s,
        people=tuple(_person(frame.people[n], noise_px, chance) for n in order),
        plates=_plates(frame.index, frame.people, noise_px, chance),
        # Uniform, as the rendered camera stands still.
        thumbnail=np.full(THUMBNAIL_PX[0] * THUMBNAIL_PX[1], 0.5, np.float32),
        pose_ms=0.0,
    )


def _person(person: PersonTruth, noise_px: float, chance: np.random.Generator) -> Person:
    joints = _noisy(person.joints_px, noise_px, chance)
    feet = _noisy(person.feet_px, noise_px, chance)
    points = np.concatenate([joints, feet])
    low, high = points.min(0), points.max(0)
    margin = _MARGIN * (high - low)[1]
    return Person(
        xy_px=joints,
        confidence=np.where(person.visible, _SEEN, _HIDDEN).astype(np.float32),
        feet_px=feet,
        feet_confidence=np.where(person.feet_visible, _SEEN, _HIDDEN).astype(np.float32),
        outline_px=_noisy(person.outline_px, noise_px, chance),
        sole_px=_sole_px(feet, person.feet_visible),
        turn_deg=person.turn_deg,
        box_px=np.concatenate([low - margin, high + margin]).astype(np.float32),
        detection_confidence=0.95,
    )


def _sole_px(feet_px: F32, visible: NDArray[np.bool_]) -> F32:
    """Heel and toe of the foot whose toes are lowest in the picture, (2, 2); NaN if hidden."""
    foot = max([L_HEEL, L_TOE], [R_HEEL, R_TOE], key=lambda foot: feet_px[foot[1], 1])
    return feet_px[foot] if visible[foot].all() else np.full((2, 2), np.nan, np.float32)


def _plates(
    index: int, people: Sequence[PersonTruth], noise_px: float, chance: np.random.Generator
) -> tuple[Plate, ...]:
    first_track = index // _TRACKED_FRAMES * len(people)
    return tuple(
        replace(
            Plate.of(np.append(_noisy(person.plate_px, noise_px, chance), np.float32(0.9))),
            track=first_track + number,
        )
        for number, person in enumerate(people)
        if np.isfinite(person.plate_px).all() and person.turn_deg <= _MAX_PLATE_TURN_DEG
    )


def _noisy(values: F32, noise_px: float, chance: np.random.Generator) -> F32:
    if noise_px <= 0:
        return values
    return (values + chance.normal(0, noise_px, values.shape)).astype(np.float32)
