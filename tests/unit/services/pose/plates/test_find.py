"""Plates of a chunk: detected around the people, and followed between the detections."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from builders import person

from services.pose.plates.find import find_plates
from shared.data.skeleton import L_HIP, L_WRIST, NECK, R_HIP, R_WRIST
from synthetic import Lift, render, render_poses, truth

#: Frames of the chunks here, as of the pipeline's.
CHUNK = 16
#: Time between two of them.
STEP_S = 1 / 30


def lifter_at(hands_px, trunk_length_px=100.0, turn_deg=0.0):
    """A person with the hands at a place and a trunk of a length."""
    someone = person()
    xy = np.full_like(someone.xy_px, np.nan)
    xy[[L_WRIST, R_WRIST]] = hands_px
    xy[[L_HIP, R_HIP]] = np.add(hands_px, (-40, -60))
    xy[NECK] = np.add(hands_px, (-40, -60 - trunk_length_px))
    low, high = np.add(hands_px, (-80, -220)), np.add(hands_px, (60, 60))
    box = np.concatenate([low, high]).astype(np.float32)
    return replace(someone, xy_px=xy, turn_deg=turn_deg, box_px=box)


def ellipse(plate):
    return np.array([plate.x_px, plate.y_px, plate.half_width_px, plate.half_height_px])


def picture(*ellipses, ground=130, grey=60, shape=(480, 640)):
    image = np.full((*shape, 3), ground, np.uint8)
    for x, y, wide, high in ellipses:
        cv2.ellipse(image, (x, y), (wide, high), 0, 0, 360, (grey,) * 3, -1, cv2.LINE_AA)
    return image


def plates_in(image, someone):
    """The plates of a chunk of one frame."""
    [found] = find_plates([image], [[someone]], 0.0)
    return found


def draw_disc(image, x_px, y_px, radius_px=43, turn=0.0):
    """A plate with letters, at a place given to a sixteenth of a pixel."""
    sixteenths = [(radius_px, (60, 60, 60)), (radius_px * 0.7, (90, 90, 90)), (12, (200, 200, 200))]
    for radius, colour in sixteenths:
        centre = (round(x_px * 16), round(y_px * 16))
        cv2.circle(image, centre, round(radius * 16), colour, -1, cv2.LINE_AA, 4)
    for n in range(5):
        angle = turn + n * 2 * np.pi / 5
        at = x_px + 0.55 * radius_px * np.cos(angle), y_px + 0.55 * radius_px * np.sin(angle)
        centre = (round(at[0] * 16), round(at[1] * 16))
        cv2.circle(image, centre, 4 * 16, (220, 220, 220), -1, cv2.LINE_AA, 4)


def path_px(row):
    """Where the disc is: it sets off, and rises by up to 8 px a frame."""
    return 320.0, 360.0 - 8.0 * max(row - 3, 0) ** 2 / (max(row - 3, 0) + 3)


def chunk_of_disc(exposures=1, occluder=None, frames=CHUNK):
    """A chunk in which a disc is lifted beside one at rest.

    Args:
        exposures: pictures that are averaged: motion blur over half of the time between frames.
        occluder: draws on the picture of each row.
        frames: frames of the chunk.
    """
    images = []
    for row in range(frames):
        light = np.zeros((480, 640, 3), np.float32)
        for n in range(exposures):
            image = picture((520, 400, 40, 40), grey=90)
            draw_disc(image, *path_px(row + 0.5 * (n - (exposures - 1) / 2) / exposures))
            light += image / exposures
        image = light.astype(np.uint8)
        if occluder is not None:
            occluder(image, row)
        images.append(image)
    return images


def followed_disc(images):
    """Row → the plate that is nearest to the disc in it, if it is one of its size."""
    people = [[lifter_at((330, 330))]] * len(images)
    near = {}
    for row, found in enumerate(find_plates(images, people, STEP_S, first_track=500)):
        for plate in found:
            off_px = np.hypot(*np.subtract((plate.x_px, plate.y_px), path_px(row)))
            if off_px < 12 and abs(plate.half_height_px - 43) < 5:
                near[row] = plate
    return near


def off_px(near):
    return {
        row: float(np.hypot(*np.subtract((plate.x_px, plate.y_px), path_px(row))))
        for row, plate in near.items()
    }


@pytest.mark.parametrize("grey", [60, 100, 180])
@pytest.mark.parametrize(
    ("place", "turn_deg"),
    [
        ((320, 300, 43, 43), 0.0),  # as large as bumpers are
        ((360, 320, 20, 20), 0.0),  # iron plates, beside the hands
        ((330, 300, 37, 43), 30.0),  # an upright ellipse, seen at an angle
        ((330, 290, 80, 80), 0.0),  # near the camera
        ((400, 390, 43, 43), 0.0),  # away from the hands: they are misplaced
    ],
)
def test_a_plate_is_found_with_its_position_and_size(place, turn_deg, grey):
    found = plates_in(picture(place, grey=grey), lifter_at((330, 290), turn_deg=turn_deg))
    assert np.abs(ellipse(found[0]) - place).max() <= 1.5
    assert found[0].confidence > 0.9
    assert not found[0].is_followed


@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_plates_scale_with_the_image(factor):
    image = cv2.resize(picture((320, 300, 43, 43)), None, fx=factor, fy=factor)
    someone = lifter_at((330, 290))
    scaled = replace(someone, xy_px=someone.xy_px * factor, box_px=someone.box_px * factor)
    found = plates_in(image, scaled)
    assert np.abs(ellipse(found[0]) / factor - (320, 300, 43, 43)).max() <= 2


def test_a_red_plate_is_found_before_a_floor_as_grey_as_it():
    image = np.full((480, 640, 3), 76, np.uint8)
    cv2.circle(image, (320, 300), 43, (10, 10, 237), -1, cv2.LINE_AA)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    assert np.ptp(grey.astype(int)) <= 4
    found = plates_in(image, lifter_at((330, 290)))
    assert np.abs(ellipse(found[0]) - (320, 300, 43, 43)).max() <= 1.5


def test_the_rim_is_the_outermost_ring():
    image = picture((320, 300, 43, 43))
    for radius, grey in ((30, 120), (14, 230)):  # letters' ring, and a bright hub
        cv2.circle(image, (320, 300), radius, (grey,) * 3, -1, cv2.LINE_AA)
    found = plates_in(image, lifter_at((330, 290)))
    assert abs(found[0].half_height_px - 43) <= 1.5


def test_half_a_rim_is_enough_and_a_quarter_is_not():
    for hidden_fraction, expected in ((0.35, 1), (0.85, 0)):
        image = picture((320, 300, 43, 43))
        edge = round(300 + 45 - 90 * hidden_fraction)
        image[edge:, :] = 130
        image[edge:, ::7] = 90  # bars of a rack before it
        found = plates_in(image, lifter_at((330, 290)))
        sized = [plate for plate in found if abs(plate.half_height_px - 43) < 5]
        assert len(sized) >= expected
        if not expected:
            assert not sized


def test_a_plate_that_leaves_the_picture_is_found():
    image = picture((320, 300, 43, 43))[:315]
    found = plates_in(image, lifter_at((330, 290)))
    assert np.abs(ellipse(found[0]) - (320, 300, 43, 43)).max() <= 2


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_straight_lines_have_no_confident_plates(seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(90, 130, (480, 640, 3), np.uint8)
    for _ in range(12):
        ends = rng.integers(0, 480, (2, 2))
        cv2.line(image, ends[0].tolist(), ends[1].tolist(), (30, 30, 30), 6)
    found = plates_in(image, lifter_at((330, 290)))
    assert all(plate.confidence <= 0.75 for plate in found)


def test_where_nobody_is_seen_plates_are_found_in_the_whole_picture():
    [found] = find_plates([picture((520, 380, 43, 43))], [[]], 0.0)
    assert np.abs(ellipse(found[0]) - (520, 380, 43, 43)).max() <= 2
    assert find_plates([], [], 0.0) == []


@pytest.mark.parametrize("exposures", [1, 9], ids=["sharp", "blurred"])
def test_a_lifted_disc_is_one_track_through_the_chunk(exposures):
    near = followed_disc(chunk_of_disc(exposures))
    assert sorted(near) == list(range(CHUNK))
    assert len({plate.track for plate in near.values()}) == 1
    assert near[0].track >= 500
    assert max(off_px(near).values()) < 1.5
    assert 1 <= sum(not plate.is_followed for plate in near.values()) < CHUNK


def test_a_disc_that_is_hidden_at_first_is_followed_backwards():
    """It is hidden at the first detection, and seen again before the second."""

    def hide(image, row):
        if row < 7:
            image[:, 300:640] = 130  # bars of a rack, over most of the rim
            image[:, 300:640:9] = 60

    near = followed_disc(chunk_of_disc(occluder=hide))
    assert set(range(7, CHUNK)) <= set(near)
    assert len({near[row].track for row in range(7, CHUNK)}) == 1


def test_a_disc_is_found_again_behind_a_shin_and_two_hands():
    def cover(image, _row):
        cv2.rectangle(image, (308, 0), (334, 480), (150, 170, 200), -1)
        for x in (270, 360):
            cv2.circle(image, (x, 300), 16, (140, 160, 190), -1)

    near = followed_disc(chunk_of_disc(occluder=cover))
    assert len(near) >= 0.8 * CHUNK
    assert max(off_px(near).values()) < 3


def test_a_disc_that_is_covered_for_a_moment_is_not_invented():
    def cover(image, row):
        if 8 <= row < 11:
            image[150:420, 250:390] = (200, 180, 160)

    near = followed_disc(chunk_of_disc(occluder=cover))
    assert not {8, 9, 10} & set(near)
    assert set(range(8)) <= set(near)
    assert len({near[row].track for row in range(8)}) == 1


def test_a_disc_at_rest_stays_where_it_is():
    found = find_plates(chunk_of_disc(), [[lifter_at((400, 330))]] * CHUNK, STEP_S)
    resting = [
        [plate for plate in plates if np.hypot(plate.x_px - 520, plate.y_px - 400) < 3]
        for plates in found
    ]
    assert all(len(plates) == 1 for plates in resting)
    assert np.ptp([plates[0].y_px for plates in resting]) < 0.5


def test_nothing_is_followed_over_a_change_of_size_of_the_picture():
    images = chunk_of_disc()
    images[8:] = [cv2.resize(image, (320, 240)) for image in images[8:]]
    people = [[lifter_at((330, 330))]] * CHUNK
    found = find_plates(images, people, STEP_S)
    tracks = [{plate.track for plate in plates} for plates in found]
    assert set().union(*tracks[:8])
    assert not set().union(*tracks[:8]) & set().union(*tracks[8:])


def test_the_same_chunk_gives_the_same_plates():
    images = chunk_of_disc(3)
    people = [[lifter_at((330, 330))]] * CHUNK
    copies = [one.copy() for one in images]
    assert find_plates(images, people, STEP_S) == find_plates(copies, people, STEP_S)


#: Maximum distance from the plate's face, in px. Derived: at 25° the rim of the back face is 6 px
#: beside that of the front face, and is the clearer one now and then.
OFF_PX = {"side": 4.0, "oblique": 8.0}


@pytest.mark.parametrize("view", OFF_PX)
def test_plates_of_a_rendered_bar_are_found(view):
    lift = Lift(reps=1, fps=6, width_px=640, height_px=480, view=view)
    images = [frame.image for frame in render(lift)]
    people = [poses.people for poses in render_poses(lift)]
    off, sizes, found = [], [], []
    for begin in range(0, len(images), CHUNK):
        chunk = slice(begin, begin + CHUNK)
        found += find_plates(images[chunk], people[chunk], 1 / lift.fps)
    for plates, true in zip(found, truth(lift), strict=True):
        x_px, y_px, _, half_height_px = true.lifter.plate_px[:4]
        away = [np.hypot(plate.x_px - x_px, plate.y_px - y_px) for plate in plates]
        off.append(min(away, default=99.0))
        if off[-1] < OFF_PX[view]:
            sizes.append(plates[int(np.argmin(away))].half_height_px / half_height_px)
    assert np.mean(np.array(off) < OFF_PX[view]) >= 0.9
    assert np.median(sizes) == pytest.approx(1, abs=0.05)
