"""The pictures that a report shows: which frames, cut to the lifter, small. Pure."""

import base64
from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.messages import Analysis, LifterAnalysis, LifterFrame

#: Longer side of a picture, pixels: thumbnails of repetitions, and pictures to look at.
THUMB_PX, PICTURE_PX = 260, 720
_JPEG_QUALITY = 80

#: Around the lifter's box, as a share of its longer side: the plates, and some room.
_MARGIN = 0.22

#: In a long set the first repetitions get thumbnails, the others numbers alone.
MAX_REPS = 24

#: Faults that are shown with a picture: the surest of each kind.
_MAX_FAULTS = 8


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that is wanted: its name on the page, what part of the frame, how large."""

    key: str
    crop_px: tuple[int, int, int, int]
    side_px: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the page: JPEG as a data URI, and the part of the frame it shows."""

    data: str
    crop_px: tuple[int, int, int, int]

    @property
    def width(self) -> int:
        """Width of what it shows, in the frame's pixels."""
        return self.crop_px[2] - self.crop_px[0]

    @property
    def height(self) -> int:
        """Height of what it shows, in the frame's pixels."""
        return self.crop_px[3] - self.crop_px[1]


def wanted(analysis: Analysis, width_px: int, height_px: int) -> dict[int, list[Shot]]:
    """Frame number → the pictures to take of that frame."""
    shots: dict[int, list[Shot]] = defaultdict(list)
    for number, lifter in enumerate(analysis.lifters, start=1):
        frames = [frame for frame in lifter.frames if frame.person is not None]
        if not frames:
            continue

        def want(key: str, frame: LifterFrame, side_px: int, number: int = number) -> None:
            crop = crop_of(frame, width_px, height_px)
            shots[frame.index].append(Shot(f"{number}-{key}", crop, side_px))

        for rep in lifter.reps[:MAX_REPS]:
            moments = {"start": rep.start_s, "middle": (rep.start_s + rep.top_s) / 2}
            for name, time_s in {**moments, "top": rep.top_s}.items():
                want(f"rep-{rep.index}-{name}", _at(frames, time_s), THUMB_PX)
        for place in picked_faults(lifter):
            fault = lifter.faults[place]
            shown = min(frames, key=lambda frame: abs(frame.index - fault.shown_at))
            want(f"fault-{fault.kind}", shown, PICTURE_PX)
        best = max(lifter.reps, key=lambda rep: np.nan_to_num(rep.score), default=None)
        if best is not None:
            want("path", _at(frames, best.top_s), PICTURE_PX)
        else:
            scored = [frame for frame in frames if np.isfinite(frame.score)] or frames
            want("worst", min(scored, key=lambda frame: np.nan_to_num(frame.score)), PICTURE_PX)
    return dict(shots)


def picked_faults(lifter: LifterAnalysis) -> list[int]:
    """Places of the faults that are shown: the surest of each kind, the surest kinds first."""
    surest: dict[str, int] = {}
    order = sorted(range(len(lifter.faults)), key=lambda place: -lifter.faults[place].confidence)
    for place in order:
        surest.setdefault(lifter.faults[place].kind, place)
    return list(surest.values())[:_MAX_FAULTS]


def take(shot: Shot, image: NDArray[np.uint8]) -> Picture:
    """A wanted picture from its frame, BGR uint8 (height, width, 3)."""
    left, top, right, bottom = shot.crop_px
    part = image[top:bottom, left:right]
    scale = min(1.0, shot.side_px / max(part.shape[:2]))
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    uri = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
    return Picture(uri, shot.crop_px)


def crop_of(frame: LifterFrame, width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """The lifter's box with room around it, upright (4:5), within the picture."""
    left, top, right, bottom = (float(v) for v in frame.box_px)
    high = max(bottom - top, right - left) * (1 + 2 * _MARGIN)
    wide = max(0.8 * high, (right - left) * (1 + 2 * _MARGIN))
    x, y = (left + right) / 2, (top + bottom) / 2
    x0, y0 = max(0, round(x - wide / 2)), max(0, round(y - high / 2))
    x1, y1 = min(width_px, round(x + wide / 2)), min(height_px, round(y + high / 2))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return 0, 0, width_px, height_px
    return x0, y0, x1, y1


def _at(frames: list[LifterFrame], time_s: float) -> LifterFrame:
    return min(frames, key=lambda frame: abs(frame.time_s - time_s))
