"""Contact sheets of pictures with found skeletons and hand-placed joints, the worst first."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.joints_labels import HEIGHT_PX, WIDTH_PX, read_picture
from benchmarks.joints_scores import Scored
from shared.data.messages import Person
from shared.data.skeleton import LIMBS, MPI_15
from shared.media.frames import Image

#: Pictures of a sheet across and down, and their scale. Chosen: a sheet then fits a screen.
_ACROSS, _DOWN, _SCALE = 6, 3, 0.5

#: Colours of labels, right and wrong, and of the skeleton's right, left and middle, BGR.
_RIGHT, _WRONG = (90, 220, 90), (60, 60, 255)
_LIMBS = {"R": (60, 160, 255), "L": (255, 170, 60)}
_MIDDLE = (235, 235, 235)


def write_sheets(
    seen: Sequence[tuple[Scored, Person | None]], folder: Path, out: Path
) -> list[Path]:
    """Write every picture into sheets `000.png`, …; returns their paths.

    A ring marks each label: green where the found joint is right, red where it is wrong or missing.

    Args:
        seen: each picture's scores, and the lifter.
        folder: as in `read_picture`.
        out: folder for the sheets; made if it is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    worst_first = sorted(seen, key=lambda one: int(one[0].right.sum()))
    size, paths = _ACROSS * _DOWN, []
    for begin in range(0, len(worst_first), size):
        tiles = [draw(folder, *one) for one in worst_first[begin : begin + size]]
        tiles += [np.zeros_like(tiles[0])] * (size - len(tiles))
        rows = [np.hstack(tiles[at : at + _ACROSS]) for at in range(0, size, _ACROSS)]
        paths.append(out / f"{begin // size:03}.png")
        cv2.imwrite(str(paths[-1]), np.vstack(rows))
    return paths


def draw(folder: Path, scored: Scored, lifter: Person | None) -> Image:
    """One picture with its labels and the skeleton, at the scale of a sheet."""
    labels = scored.labels
    size = round(WIDTH_PX * _SCALE), round(HEIGHT_PX * _SCALE)
    tile = cv2.resize(read_picture(folder, labels), size, interpolation=cv2.INTER_AREA)
    if lifter is not None:
        points = lifter.xy_px * _SCALE
        for start, end in LIMBS:
            if np.isfinite(points[[start, end]]).all():
                colour = _LIMBS.get(MPI_15[end][0], _MIDDLE)
                ends = np.round(points[[start, end]]).astype(int)
                cv2.line(tile, ends[0].tolist(), ends[1].tolist(), colour, 2, cv2.LINE_AA)
    for xy_px, is_right in zip(labels.xy_px.reshape(-1, 2), scored.right.ravel(), strict=True):
        if np.isfinite(xy_px).all():
            centre = np.round(xy_px * _SCALE).astype(int).tolist()
            cv2.circle(tile, centre, 4, _RIGHT if is_right else _WRONG, 2, cv2.LINE_AA)
    text = f"{Path(labels.file).stem} {scored.right.sum()}/{scored.is_labelled.sum()}"
    for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(tile, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, width, cv2.LINE_AA)
    return tile
