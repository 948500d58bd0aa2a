"""Frames of a set, drawn, with their true joints; and the set as a video file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.data.skeleton import F32, MIRRORED
from shared.media.encode import VideoEncoder
from synthetic.actors import Actor, actors_of
from synthetic.barbell import plates, rods
from synthetic.body import Body
from synthetic.camera import camera_of
from synthetic.canvas import Canvas
from synthetic.covers import Cover, covers_of
from synthetic.head import Head
from synthetic.occlusion import FLESH_M
from synthetic.scene import draw_gym
from synthetic.settings import Lift
from synthetic.truth import PersonTruth, truth_of

#: Time base of written sets: fine enough for every common frame rate.
_TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, eq=False)
class RenderedFrame:
    """A frame and the truth about it.

    Attributes:
        index: Frame index.
        time_s: Time in the clip.
        image: BGR uint8 (height, width, 3).
        joints_px: float32 (15, 2), MPI-15, origin top left.
        visible: bool (15,), False for joints that something nearer hides: a plate, the trunk,
            another limb, a cover.
        feet_px: As in `truth.PersonTruth`.
        bar_px: As in `truth.PersonTruth`.
        plate_px: As in `truth.PersonTruth`.
        bar_progress: As in `truth.PersonTruth`.
        phase: As in `truth.PersonTruth`.
        people: The same and more about everybody: the lifter, a second lifter, bystanders.
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]
    joints_px: F32
    visible: NDArray[np.bool_]
    feet_px: F32
    bar_px: F32
    plate_px: F32
    bar_progress: float
    phase: str
    people: tuple[PersonTruth, ...]


def render(lift: Lift) -> Iterator[RenderedFrame]:
    """Render a set frame by frame; the same settings give the same pixels."""
    gym = draw_gym(lift.width_px, lift.height_px, camera_of(lift))
    drawn, canvas = b"", Canvas(gym)
    covers: list[Cover] = []
    for index in range(lift.frames):
        time_s = index / lift.fps
        actors = actors_of(lift, np.array([time_s]))
        looks = b"".join(actor.figure.joints_m.tobytes() for actor in actors)
        if looks != drawn:  # nobody has moved: draw nothing anew
            drawn, canvas = looks, Canvas(gym.copy())
            for actor in actors:
                _draw(canvas, actor)
            covers = covers_of(lift, actors[0])
            for cover in covers:
                canvas.rectangle(tuple(map(float, cover.box_px[0])), cover.depth_px, cover.colour)
        people = tuple(
            replace(truth_of(actor, actors, covers)[0], visible=_visible(canvas, actor, covers))
            for actor in actors
        )
        yield _frame(index, time_s, canvas.image.copy(), people)


def write_video(lift: Lift, path: Path) -> list[RenderedFrame]:
    """Write a set as MP4; returns the truth of its frames, with empty images."""
    truth = []
    nothing = np.zeros((0, 0, 3), np.uint8)
    with VideoEncoder(path, (lift.width_px, lift.height_px), _TIME_BASE) as encoder:
        for frame in render(lift):
            encoder.write(frame.image, round(frame.time_s / _TIME_BASE))
            truth.append(replace(frame, image=nothing))
    return truth


def _frame(
    index: int, time_s: float, image: NDArray[np.uint8], people: tuple[PersonTruth, ...]
) -> RenderedFrame:
    who = people[0]
    return RenderedFrame(
        index, time_s, image, who.joints_px, who.visible, who.feet_px, who.bar_px, who.plate_px,
        who.bar_progress, who.phase, people,
    )  # fmt: skip


def _draw(canvas: Canvas, actor: Actor) -> None:
    camera, figure = actor.camera, actor.figure
    if actor.bar_m is not None:
        for disc in plates(camera, actor.bar_m[0]):
            canvas.disc(disc)
    joints, feet = figure.joints_m[0], figure.feet_m[0]
    groups = Body(joints, feet).groups() + Head(joints, float(figure.face_rad[0])).groups()
    for group in groups:
        canvas.cones(group.cones(camera), group.blend_m * camera.px_per_m)
    if actor.bar_m is not None:
        canvas.cones(rods(camera, actor.bar_m[0]))


def _visible(canvas: Canvas, actor: Actor, covers: list[Cover]) -> NDArray[np.bool_]:
    view = actor.camera.view(actor.figure.joints_m[0])
    before_px = np.array([canvas.depth_at(point[:2]) - point[2] for point in view])
    visible = before_px / actor.camera.px_per_m < FLESH_M
    for cover in covers:  # an arm right before a cover is no deeper than the flesh behind it
        visible &= ~cover.hides(view[None])[0]
    return np.asarray(visible[list(MIRRORED)] if actor.camera.mirror < 0 else visible)
