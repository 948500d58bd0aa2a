"""The bar's path in rendered films against the truth, where hands are covered, unseen or wrong.

The people are the truth's, so that the tests need no network; plates are found in the pixels.
"""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest

from services.pose.plates.find import TRACKS_PER_FRAME, find_plates
from services.scorer.bar.path import track_bar
from services.scorer.bar.plate_tracking import find_bar_plate
from services.scorer.observe import observe_lift, observe_lifters
from shared.data.defaults import PLATE_MM, SMOOTH_HZ
from shared.data.job_options import CHUNK_FRAMES
from shared.data.pictures import decode_image, encode_image
from shared.data.skeleton import L_WRIST, R_WRIST
from synthetic import Lift, render, render_poses, truth

#: Maximum errors of path and velocity, as root mean squares. Chosen: of the order of what the best
#: apps reach against a transducer (0.01 to 0.04 m/s).
MAX_PATH_M, MAX_VELOCITY_M_S = 0.02, 0.05

#: Time between which nobody is seen, in seconds: through the first pull.
NOBODY_S = (1.0, 2.5)

HANDS = [L_WRIST, R_WRIST]


@lru_cache(maxsize=1)
def plain(lift):
    """The pictures of a set, which the cases of a view share."""
    pictures = [frame.image for frame in render(lift)]
    for picture in pictures:
        picture.flags.writeable = False
    return pictures


def covered(lift, hides_hands=False, exposures=1):
    """The films' pictures, and the truth of each: hands behind a box, and motion blur."""
    every = replace(lift, fps=lift.fps * exposures)
    images, light = [], []
    pictures = plain(lift) if exposures == 1 else (frame.image for frame in render(every))
    for picture, true in zip(pictures, truth(every), strict=True):
        image = picture.copy()
        if hides_hands:
            x, y = np.nanmean(true.lifter.joints_px[HANDS], axis=0)
            half = lift.height_px / 20
            box = [(round(x - half), round(y - half)), (round(x + half), round(y + half))]
            cv2.rectangle(image, *box, (90, 90, 90), -1)
        light.append(image.astype(np.float32))
        if len(light) == exposures:
            mean = (sum(light) / exposures).astype(np.uint8)
            images.append(decode_image(encode_image(mean)))
            light = []
    middle = slice(exposures // 2, len(images) * exposures, exposures)
    return images, list(truth(every))[middle], render_poses(every, noise_px=1.0)[middle]


def tracked(lift, images, poses):
    """Poses with the plates that are found in the pictures, chunk by chunk."""
    frames = []
    for begin in range(0, len(images), CHUNK_FRAMES):
        chunk = poses[begin : begin + CHUNK_FRAMES]
        plates = find_plates(
            images[begin : begin + CHUNK_FRAMES],
            [frame.people for frame in chunk],
            1 / lift.fps,
            begin * TRACKS_PER_FRAME,
        )
        frames += [
            replace(frame, index=begin + n, plates=found)
            for n, (frame, found) in enumerate(zip(chunk, plates, strict=True))
        ]
    return frames


def with_hands(change):
    """What changes the hands of everybody in a frame, whose row it gets."""

    def changed(row, frame):
        people = []
        for person in frame.people:
            xy, confidence = person.xy_px.copy(), person.confidence.copy()
            xy[HANDS], confidence[HANDS] = change(row, xy[HANDS], confidence[HANDS])
            people.append(replace(person, xy_px=xy, confidence=confidence))
        return replace(frame, people=tuple(people))

    return changed


def unseen(_row, xy, confidence):
    return np.full_like(xy, np.nan), np.zeros_like(confidence)


def misplaced(row, xy, confidence):
    """Off by a different amount every third of a second, as behind a plate."""
    return xy + np.random.default_rng(row // 10).normal(0, 60, 2).astype(np.float32), confidence


def nobody(row, frame):
    return replace(frame, people=()) if NOBODY_S[0] <= frame.time_s < NOBODY_S[1] else frame


#: Name → what changes the people, and how the film is made.
CASES = {
    "as it is": (None, {}),
    "hands covered": (with_hands(unseen), {"hides_hands": True}),
    "hands misplaced": (with_hands(misplaced), {"hides_hands": True}),
    "blurred": (with_hands(unseen), {"exposures": 4}),
    "nobody seen in the pull": (nobody, {}),
}


#: Views and cases; a film with motion blur has four times the pictures.
VIEWS_AND_CASES = [
    pytest.param(
        view,
        case,
        id=f"{view}-{case}",
        marks=pytest.mark.thorough if (view, case) == ("oblique", "blurred") else (),
    )
    for view in ("side", "oblique")
    for case in CASES
]


@pytest.mark.parametrize(("view", "case"), VIEWS_AND_CASES)
def test_path_and_velocity_are_those_of_the_bar(view, case):
    change, film = CASES[case]
    lift = Lift(reps=1, fps=30, width_px=640, height_px=480, view=view)
    images, true, poses = covered(lift, **film)
    if change is not None:
        poses = [change(row, frame) for row, frame in enumerate(poses)]
    lifter = observe_lifters(tracked(lift, images, poses))[0]
    motion = observe_lift(lifter).motion
    found = find_bar_plate(motion, lifter.plates)
    bar = track_bar(motion, found, PLATE_MM, 0.0, SMOOTH_HZ)
    true_px = np.array([frame.lifter.plate_px for frame in true], float)
    px_per_m = true_px[0, 3] / (PLATE_MM / 2000)
    assert bar.seen.mean() > 0.9
    assert found.plate.diameter_px == pytest.approx(2 * true_px[0, 3], rel=0.06)
    off_m = (bar.xy_px - true_px[:, :2]) / px_per_m
    off_m -= np.median(off_m, axis=0)  # the far plate, or the back of the near one
    path_m = float(np.sqrt((off_m**2).sum(1).mean()))
    time_s = np.array([frame.time_s for frame in true])
    off_m_s = np.gradient(off_m[:, 1], time_s)
    velocity_m_s = float(np.sqrt((off_m_s**2).mean()))
    print(f"\n{view}, {case}: path {path_m:.4f} m, velocity {velocity_m_s:.3f} m/s")
    assert path_m < MAX_PATH_M
    assert velocity_m_s < MAX_VELOCITY_M_S
