"""Weights that make OpenPose's network find painted figures, with exactly known joints.

Each joint is a disc and each limb a bar, in its own colour. The first layers separate the colours,
the next ones erode each area by a pixel or two, which removes blurred edges, and the others pass
the result on: discs become peaks of heat maps, bars become fields along the limbs.
"""

from itertools import product
from pathlib import Path

import av
import caffe
import cv2
import numpy as np

from services.pose.backends import Backend, TimedImage
from shared.data.messages import Person
from shared.data.skeleton import JOINTS, LIMBS

#: The figure in pixels: x, y of each joint, in the order of MPI-15.
FIGURE = np.array([
    (80, 20), (80, 58), (48, 62), (30, 100), (22, 140), (112, 62), (130, 100), (138, 140),
    (60, 140), (56, 186), (52, 234), (100, 140), (104, 186), (108, 234), (80, 98),
])  # fmt: skip

#: Two figures side by side.
LEFT, RIGHT = FIGURE + (4, 6), FIGURE + (190, 4)

_DISC_PX, _BAR_PX = 9, 14

#: Levels of the colours (blue, green, red) of joints and limbs; the background is black.
_LEVELS = (0.0, 1 / 3, 2 / 3, 1.0)
COLOURS = [colour for colour in product(_LEVELS, repeat=3) if sum(colour) >= 1.2]
COLOURS = COLOURS[: JOINTS + len(LIMBS)]


def paint(figures: list[np.ndarray], size_px: tuple[int, int]) -> np.ndarray:
    """Paint figures, each (15, 2) in pixels, on a BGR uint8 image."""
    image = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    bgr = [tuple(round(255 * level) for level in colour) for colour in COLOURS]
    for joints in figures:
        places = [tuple(map(round, map(float, joint))) for joint in joints]
        for limb, (a, b) in enumerate(LIMBS):
            cv2.line(image, places[a], places[b], bgr[JOINTS + limb], _BAR_PX)
        for joint, place in enumerate(places):
            cv2.circle(image, place, _DISC_PX, bgr[joint], -1)
    return image


def film(path: Path, frames: list[list[np.ndarray]], size_px: tuple[int, int]) -> Path:
    """Film figures, ten frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "8"})
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        for figures in frames:
            frame = av.VideoFrame.from_ndarray(paint(figures, size_px), format="bgr24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def people_in(backend: Backend, *images: np.ndarray) -> list[tuple[Person, ...]]:
    """The people of consecutive images, ten a second."""
    return list(backend.people(TimedImage(image, n / 10) for n, image in enumerate(images)))


def max_error_px(people: tuple[Person, ...], figure: np.ndarray) -> float:
    """Largest error of the joints of the person nearest to a figure."""
    return min(float(np.abs(person.xy_px - figure).max()) for person in people)


def write(path: Path, stages: int = 4) -> Path:
    """Write the weights as a caffemodel."""
    weights = {
        layer.name: [
            np.zeros((layer.outputs, layer.inputs, layer.kernel, layer.kernel), np.float32),
            np.zeros(layer.outputs, np.float32),
        ]
        for layer in caffe.openpose("mpi", stages)
        if isinstance(layer, caffe.Conv)
    }
    _separate_colours(weights)
    count = len(COLOURS)
    # A pixel counts if its eight neighbours have its colour, which removes blurred edges.
    weights["conv2_1"][0][range(count), range(count)] = 1
    weights["conv2_1"][0][range(count), range(count, 2 * count)] = -1
    weights["conv2_1"][1][:count] = -8
    _pass_on(weights["conv2_2"][0], range(count), range(count))
    for name in ("conv3_1", "conv3_2", "conv3_3", "conv3_4", "conv4_1", "conv4_2",
                 "conv4_3_CPM", "conv4_4_CPM"):  # fmt: skip
        _pass_on(weights[name][0], range(count), range(count))
    _first_stage(weights)
    for stage in range(2, stages + 1):
        _later_stage(weights, stage)
    return caffe.write_caffemodel(path, weights)


def _separate_colours(weights: caffe.Layers) -> None:
    """conv1_1: distance of each channel from each level; conv1_2: two maps per colour.

    The second map is the first one's excess over 1, so that their difference is within 0..1.
    """
    units = [(c, level, sign) for c in range(3) for level in _LEVELS for sign in (1, -1)]
    for unit, (channel, level, sign) in enumerate(units):
        weights["conv1_1"][0][unit, channel, 1, 1] = sign
        weights["conv1_1"][1][unit] = -sign * level
    for number, (colour, room) in enumerate(product(COLOURS, (1.5, 0.5))):
        output = number // 2 + (room == 0.5) * len(COLOURS)
        weights["conv1_2"][1][output] = room  # compression changes colours
        for unit, (channel, level, _) in enumerate(units):
            if level == colour[channel]:
                weights["conv1_2"][0][output, unit, 1, 1] = -5


def _first_stage(weights: caffe.Layers) -> None:
    bell = np.outer([0.25, 0.5, 0.25], [0.25, 0.5, 0.25])
    joints, limbs = range(JOINTS), range(len(LIMBS))
    weights["conv5_1_CPM_L2"][0][joints, joints] = bell
    weights["conv5_1_CPM_L1"][0][limbs, [JOINTS + limb for limb in limbs]] = 1
    weights["conv5_2_CPM_L1"][0][limbs, limbs] = 1  # bars reach over the discs at their ends
    _pass_on(weights["conv5_2_CPM_L2"][0], joints, joints)
    for name in ("conv5_3_CPM", "conv5_4_CPM"):
        _pass_on(weights[f"{name}_L2"][0], joints, joints)
        _pass_on(weights[f"{name}_L1"][0], limbs, limbs)
    _pass_on(weights["conv5_5_CPM_L2"][0], joints, joints)
    for limb, (a, b) in enumerate(LIMBS):
        along = FIGURE[b] - FIGURE[a]
        unit = along / np.linalg.norm(along) / 9
        weights["conv5_5_CPM_L1"][0][[2 * limb, 2 * limb + 1], limb, 0, 0] = unit


def _later_stage(weights: caffe.Layers, stage: int) -> None:
    """Pass on the maps of the stage before; fields as positive and negative parts."""
    joints, fields = range(JOINTS), range(2 * len(LIMBS))
    halves = [*fields, *(len(fields) + field for field in fields)]
    weights_of = [weights[f"Mconv{n}_stage{stage}_L2"][0] for n in range(1, 8)]
    _pass_on(weights_of[0], joints, [len(fields) + joint for joint in joints])
    for layer in weights_of[1:]:
        _pass_on(layer, joints, joints)
    first, *middle, last = (weights[f"Mconv{n}_stage{stage}_L1"][0] for n in range(1, 8))
    _pass_on(first, fields, fields)
    first[halves[len(fields) :], fields, 3, 3] = -1
    for layer in middle:
        _pass_on(layer, halves, halves)
    _pass_on(last, fields, fields)
    last[fields, halves[len(fields) :], 0, 0] = -1


def _pass_on(kernels: np.ndarray, outputs: object, inputs: object) -> None:
    middle = kernels.shape[-1] // 2
    kernels[outputs, inputs, middle, middle] = 1
