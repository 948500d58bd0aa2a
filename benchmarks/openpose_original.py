"""Joints of `openpose-mpi --original` compared with the original program's recorded run.

`python benchmarks/openpose_original.py [BACKEND [FOLDER]]`. The recording shows the original's
joints as red dots; the same frames are processed again. FOLDER holds the original's clip and
recording (../shared/clips by default). Needs the real weights: `coach models pull openpose-mpi`, or
COACH_OPENPOSE_WEIGHTS. With another BACKEND, that one is compared with the original.
"""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from services.pose import weights
from services.pose.backends import TimedImage, load_backend
from services.pose.runtime import runtime_from_environment
from shared.data.pose_options import PoseOptions
from shared.data.skeleton import MPI_15
from shared.media.source import open_source

CLIP, RECORDING = "sravb_e.mp4", "sravb_e_recorded_output.avi"
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "clips"

#: Frames of the clip that the recording omits, at its beginning.
SKIPPED_FRAMES = 1

#: Radius of a dot in the recording, and blur of its rim by compression, in px.
_DOT_PX, _BLUR_PX = 8, 2

#: Cells of the network's maps along each side of the image; the original's joints lie on them.
_CELLS = 46


def dots_of(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Centres of red dots: 1 where a whole dot may be centred, otherwise 0.

    Dots that overlap by up to a fifth of their width are separate; nearer ones are merged.
    """
    blue, green, red = (image[..., channel].astype(int) for channel in range(3))
    is_red = ((red > 150) & (green < 100) & (blue < 100)).astype(np.uint8)
    side = 2 * (_DOT_PX - _BLUR_PX) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.erode(is_red, disc).astype(np.uint8)


def distances_px(
    image: NDArray[np.uint8], xy_px: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Distances from joints (n, 2) to the nearest dots, and from dots to the nearest joints."""
    dots = dots_of(image)
    height, width = dots.shape
    away = cv2.distanceTransform(1 - dots, cv2.DIST_L2, 5)
    seen = xy_px[np.isfinite(xy_px).all(-1)]
    column, row = np.clip(np.rint(seen), 0, (width - 1, height - 1)).astype(int).T
    count, labels = cv2.connectedComponents(dots)
    middles = [np.argwhere(labels == dot)[:, ::-1].mean(0) for dot in range(1, count)]
    nearest = [np.linalg.norm(seen - middle, axis=-1).min() for middle in middles]
    return away[row, column], np.array(nearest, np.float32)


def main(backend_name: str = "openpose-mpi", folder: Path = FOLDER) -> None:
    """Compare and print a table; print a message if something is missing."""
    missing = [name for name in (CLIP, RECORDING) if not (folder / name).exists()]
    if missing:
        print(f"skipped: no {' and no '.join(missing)} in {folder}")
        return
    is_original = backend_name == "openpose-mpi"
    runtime = replace(runtime_from_environment(), threads=2)
    has_weights = runtime.openpose_weights or weights.is_cached(backend_name, runtime.models_dir)
    if is_original and not has_weights:
        print("skipped: openpose-mpi's weights are not cached: `coach models pull openpose-mpi`")
        return
    backend = load_backend(backend_name, runtime, PoseOptions(original=is_original))
    source, recorded = (_frames(folder / name) for name in (CLIP, RECORDING))
    images = [
        TimedImage(image, float(number)) for number, image in enumerate(source[SKIPPED_FRAMES:])
    ]
    cell_px = recorded[0].shape[1] / _CELLS
    table = Table("frame", "joints seen", "joint to dot, median px", "maximum", "within a cell",
                  "dots with a joint within a cell")  # fmt: skip
    for number, (people, image) in enumerate(zip(backend.people(images), recorded, strict=True)):
        if not people:
            table.add_row(str(number), "0")
            continue
        to_dot, to_joint = distances_px(image, people[0].xy_px)
        table.add_row(
            str(number),
            f"{len(to_dot)} of {len(MPI_15)}",
            f"{np.median(to_dot):.1f}",
            f"{to_dot.max():.1f}",
            f"{(to_dot <= cell_px).sum()} of {len(to_dot)}",
            f"{(to_joint <= cell_px + _BLUR_PX).sum()} of {len(to_joint)}",
        )
    Console(width=120).print(table)


def _frames(clip: Path) -> list[NDArray[np.uint8]]:
    with open_source(clip) as source:
        return [frame.image.copy() for frame in source.frames()]


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(Path, sys.argv[2:3]))
