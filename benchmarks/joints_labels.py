"""Pictures of lifters with hand-placed joints: `joints.csv` and the folder `pictures` beside it.

The pictures are stored stretched to a square; their true shape is portrait. The README beside
them describes the columns.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.media.frames import Image

F64 = NDArray[np.float64]

#: Labelled kinds of joints, each on two sides: the format of `joints.csv`.
KINDS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_SHOULDER, _HIP = KINDS.index("shoulder"), KINDS.index("hip")

#: Width and height of the restored picture, px, and px of `joints.csv` per px of it: the README's
#: shape (1080×1920), at the size to which the product shrinks its pictures.
WIDTH_PX, HEIGHT_PX, _LABEL_SCALE = 450, 800, 2.4

#: Percentile of a video's trunk lengths that is the standing lifter's: the README's.
_STANDING_PERCENTILE = 90

#: Minimum lean of the trunk of a lifter who is bent over, in degrees. Chosen: half of upright.
BENT_DEG = 45.0

#: Videos whose near plate lies before the lifter: the README's.
_PLATE_VIDEOS = frozenset({"IMG_1310"})


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of one picture.

    Attributes:
        file: Name of the picture.
        video: Video that it is a frame of.
        view: From where the camera sees the lifter, in words.
        xy_px: float64 (2, 6, 2): side, kind of `KINDS`, x and y in px of the restored picture; NaN
            where not labelled. Which side is the left one is unknown.
        seen: bool (2, 6), whether the labeller saw the joint, and did not guess where it is hidden.
        trunk_px: Trunk length of the standing lifter in this video, px.
    """

    file: str
    video: str
    view: str
    xy_px: F64
    seen: NDArray[np.bool_]
    trunk_px: float = float("nan")

    @property
    def is_bent_over(self) -> bool:
        """Whether the trunk leans by more than `BENT_DEG`, to the side or towards the camera.

        The lean follows from the trunk's height in the picture and its standing length.
        """
        height_px = _trunk(self.xy_px)[1]
        return bool(np.abs(height_px) < self.trunk_px * np.cos(np.radians(BENT_DEG)))

    @property
    def is_bent_aside(self) -> bool:
        """Whether the trunk leans by more than `BENT_DEG` within the picture."""
        x, y = np.abs(_trunk(self.xy_px))
        return bool(np.degrees(np.arctan2(x, y)) > BENT_DEG)

    @property
    def is_behind_plate(self) -> bool:
        """Whether a near plate lies before the lifter."""
        return self.video in _PLATE_VIDEOS or "plate" in self.view


def read_labels(table: Path) -> list[Labels]:
    """Every picture of a `joints.csv`, in its order, with the trunk lengths of the videos."""
    with table.open() as opened:
        return with_trunk_lengths([_labels(row) for row in csv.DictReader(opened)])


def with_trunk_lengths(pictures: Sequence[Labels]) -> list[Labels]:
    """The pictures with the trunk length of the standing lifter of their video."""
    lengths: dict[str, list[float]] = {}
    for picture in pictures:
        lengths.setdefault(picture.video, []).append(float(np.hypot(*_trunk(picture.xy_px))))
    standing = {
        video: float(np.nanpercentile(some, _STANDING_PERCENTILE))
        for video, some in lengths.items()
    }
    return [replace(picture, trunk_px=standing[picture.video]) for picture in pictures]


def read_picture(folder: Path, labels: Labels) -> Image:
    """A picture in its true shape, BGR uint8 (HEIGHT_PX, WIDTH_PX, 3).

    Raises:
        FileNotFoundError: it is missing or is no picture.
    """
    path = folder / "pictures" / labels.file
    image = cv2.imread(str(path))
    if image is None:
        raise FileNotFoundError(f"cannot read the picture {path}")
    return cv2.resize(image, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)


def _labels(row: dict[str, str]) -> Labels:
    names = [[f"{kind}{side}" for kind in KINDS] for side in (1, 2)]
    xy = [[[float(row[f"{n}_{axis}"] or "nan") for axis in "xy"] for n in side] for side in names]
    visibility = np.array([[int(row[f"{name}_v"]) for name in side] for side in names])
    xy_px = np.array(xy) / _LABEL_SCALE
    xy_px[visibility == 0] = np.nan
    return Labels(row["file"], row["video"], row["view"], xy_px, visibility == 2)


def _trunk(xy_px: F64) -> F64:
    """From the middle of the hips to the middle of the shoulders, px."""
    middle = xy_px.mean(0)
    return np.asarray(middle[_SHOULDER] - middle[_HIP])
