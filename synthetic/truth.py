"""The true positions and visibility in every frame of a set, without drawing it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import (
    F32,
    JOINTS,
    L_ANKLE,
    L_HEEL,
    L_TOE,
    MIRRORED,
    R_ANKLE,
    R_HEEL,
    R_TOE,
)
from synthetic.actors import Actor, actors_of
from synthetic.barbell import plates
from synthetic.covers import Cover, covers_of
from synthetic.occlusion import FLESH_M, hidden_by_limbs, hidden_by_plate, limbs_of
from synthetic.settings import Lift
from synthetic.trunk import trunk_outline_px

F64 = NDArray[np.float64]

#: Order of the points of the feet with left and right exchanged.
_FEET_MIRRORED = [R_HEEL, L_HEEL, R_TOE, L_TOE]
#: Flesh of the points of the feet: the ankle's.
_FOOT_M = FLESH_M[[L_ANKLE, R_ANKLE, L_ANKLE, R_ANKLE]]

#: Frames computed at a time.
_BATCH = 512


@dataclass(frozen=True, eq=False)
class PersonTruth:
    """The truth about one person in one frame, as `shared.data.messages.Person` has it.

    Attributes:
        joints_px: float32 (15, 2).
        visible: bool (15,), False where something nearer hides a joint.
        feet_px: float32 (4, 2).
        feet_visible: bool (4,).
        outline_px: float32 (2, 11).
        turn_deg: 0..90.
        bar_px: float32 (2,), the bar's middle; NaN without a bar.
        plate_px: float32 (4,), centre x and y, half width and half height of the near plate; NaN
            without a bar.
        bar_progress: Fraction of the bar's way up, 0 on the floor, 1 at lockout.
        phase: As in `shared.data.analysis.Phase`.
    """

    joints_px: F32
    visible: NDArray[np.bool_]
    feet_px: F32
    feet_visible: NDArray[np.bool_]
    outline_px: F32
    turn_deg: float
    bar_px: F32
    plate_px: F32
    bar_progress: float
    phase: str


@dataclass(frozen=True, eq=False)
class FrameTruth:
    """One frame: the lifter, then a second lifter if there is one, then the bystanders."""

    index: int
    time_s: float
    people: tuple[PersonTruth, ...]

    @property
    def lifter(self) -> PersonTruth:
        """The lifter that the settings describe."""
        return self.people[0]


def truth(lift: Lift) -> Iterator[FrameTruth]:
    """The truth about every frame of a set; `visible` is approximate, from limbs and plates.

    Covers hide joints only: bar and plates of a covered set are those of the uncovered one.
    """
    for begin in range(0, lift.frames, _BATCH):
        index = np.arange(begin, min(begin + _BATCH, lift.frames))
        actors = actors_of(lift, index / lift.fps)
        covers = covers_of(lift, actors[0])
        people = [truth_of(actor, actors, covers) for actor in actors]
        for row, number in enumerate(index):
            here = tuple(person[row] for person in people)
            yield FrameTruth(int(number), int(number) / lift.fps, here)


def truth_of(actor: Actor, actors: list[Actor], covers: Sequence[Cover] = ()) -> list[PersonTruth]:
    """The truth about one person in each frame, among all actors and covers that may hide them."""
    camera, figure = actor.camera, actor.figure
    points = camera.view(np.concatenate([figure.joints_m, figure.feet_m], axis=1))
    visible = ~_hidden(points, actor, actors)
    for cover in covers:
        visible &= ~cover.hides(points)
    outline = trunk_outline_px(camera, figure.joints_m).astype(np.float32)
    joints, seen = points[:, :JOINTS, :2].astype(np.float32), visible[:, :JOINTS]
    feet, feet_seen = points[:, JOINTS:, :2].astype(np.float32), visible[:, JOINTS:]
    if camera.mirror < 0:  # the picture is mirrored, so left and right change places
        joints, seen = joints[:, list(MIRRORED)], seen[:, list(MIRRORED)]
        feet, feet_seen = feet[:, _FEET_MIRRORED], feet_seen[:, _FEET_MIRRORED]
    bar = np.full((len(joints), 2), np.nan, np.float32)
    plate = np.full((len(joints), 4), np.nan, np.float32)
    if actor.bar_m is not None:
        bar, plate = camera.project(actor.bar_m).astype(np.float32), _near_plate(actor)
    turn = float(np.degrees(camera.turn_rad)) % 180
    return [
        PersonTruth(
            joints[n], seen[n], feet[n], feet_seen[n], outline[n], min(turn, 180 - turn), bar[n],
            plate[n], float(actor.bar_progress[n]), actor.phases[n],
        )
        for n in range(len(joints))
    ]  # fmt: skip


def _near_plate(actor: Actor) -> F32:
    """Centre, half width and half height of the near plate in the picture, (n, 4)."""
    assert actor.bar_m is not None
    near = max(plates(actor.camera, actor.bar_m[0]), key=lambda disc: disc.centre[2])
    left, top, right, bottom = (float(edge) for edge in near.box)
    middle, half = ((left + right) / 2, (top + bottom) / 2), (right - left, bottom - top)
    moved = actor.camera.project(actor.bar_m) - actor.camera.project(actor.bar_m[0])
    halves = np.broadcast_to((half[0] / 2 - 1, half[1] / 2 - 1), moved.shape)
    return np.concatenate([moved + middle, halves], axis=-1).astype(np.float32)


def _hidden(points: F64, actor: Actor, actors: list[Actor]) -> NDArray[np.bool_]:
    flesh_px = np.concatenate([FLESH_M, _FOOT_M]) * actor.camera.px_per_m
    hidden = np.zeros(points.shape[:2], bool)
    for other in actors:
        limbs = limbs_of(other.camera, other.figure.joints_m)
        hidden |= hidden_by_limbs(points, flesh_px, limbs)
        if other.bar_m is None:
            continue
        for disc in plates(other.camera, other.bar_m[0]):
            shift = other.camera.view(other.bar_m) - other.camera.view(other.bar_m[0])
            axis, radius = disc.axis, disc.radius
            hidden |= hidden_by_plate(points, shift + disc.centre, axis, radius)
    return hidden
