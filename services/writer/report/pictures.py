"""The pictures of a report: which frames are shown, cropped to the lifter, and how small. Pure."""

import base64
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.report.advice import advise
from services.writer.report.best_rep import find_best_rep
from services.writer.report.crop import Crop, crop_around, find_floors
from services.writer.report.headline import rank_faults
from services.writer.report.moments import find_nearest_frame
from shared.data.analysis import Analysis, Lifter, LifterFrame

#: Longer side of a large picture, in pixels, and its largest size in bytes.
PICTURE_PX, _PICTURE_BYTES = 720, 80_000

#: Up to this number of repetitions on the page → longer side of a thumbnail, in pixels. Repetitions
#: beyond the last number have no thumbnails.
_THUMBS_PX = ((12, 320), (30, 240), (60, 180))
MAX_REPS = _THUMBS_PX[-1][0]

#: Largest size of all thumbnails together and of one, in bytes: a page of 30 repetitions must be
#: small enough for mail.
_ALL_THUMBS_BYTES, _THUMB_BYTES = 2_200_000, 30_000

#: Qualities of JPEG that are tried, best first.
_QUALITIES = (84, 72, 60, 45)

#: Longer side below which a picture is not shrunk to save bytes, in pixels.
_MIN_PX = 32

#: Most kinds of faults that are shown.
MAX_FAULTS = 8


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A picture that the page needs.

    Attributes:
        key: its name on the page.
        frame: the lifter in the frame that it shows.
        crop_px: the part of the frame that it shows.
        side_px: its longer side.
        max_bytes: its largest size.
    """

    key: str
    frame: LifterFrame
    crop_px: Crop
    side_px: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the page: JPEG as a data URI, and the part of the frame that it shows."""

    data: str
    crop_px: Crop


def requested_pictures(analysis: Analysis) -> dict[int, list[PictureRequest]]:
    """Index of a frame → the pictures to take of that frame."""
    reps = max(1, sum(len(lifter.reps[:MAX_REPS]) for lifter in analysis.lifters))
    thumb_px = next((side for limit, side in _THUMBS_PX if reps <= limit), _THUMBS_PX[-1][1])
    thumb_size = thumb_px, min(_THUMB_BYTES, _ALL_THUMBS_BYTES // (3 * reps))
    picture_size = PICTURE_PX, _PICTURE_BYTES
    size_px = analysis.source.width, analysis.source.height
    requests: dict[int, list[PictureRequest]] = defaultdict(list)
    for number, lifter in enumerate(analysis.lifters, start=1):
        frames = [frame for frame in lifter.frames if np.isfinite(frame.xy_px).any()]
        if not frames:
            continue
        floors = find_floors(frames)
        for select, size in ((_select_thumbs, thumb_size), (_select_pictures, picture_size)):
            for key, frame, fitted in select(lifter, frames):
                crop = crop_around(fitted, floors[frame.shot], *size_px)
                requests[frame.index].append(PictureRequest(f"{number}-{key}", frame, crop, *size))
    return dict(requests)


#: A picture's key, its frame, and the frames whose lifter must fit into it.
_Selection = tuple[str, LifterFrame, Sequence[LifterFrame]]


def _select_thumbs(lifter: Lifter, frames: list[LifterFrame]) -> Iterator[_Selection]:
    """Start, middle and top of each repetition, with the same crop so that they are comparable."""
    for rep in lifter.reps[:MAX_REPS]:
        middle_s = (rep.start_s + rep.top_s) / 2
        moments = {"start": rep.start_s, "middle": middle_s, "top": rep.top_s}
        shown = {
            name: find_nearest_frame(frames, time_s)
            for name, time_s in moments.items()
            if np.isfinite(time_s)
        }
        for name, frame in shown.items():
            yield f"rep-{rep.index}-{name}", frame, list(shown.values())


def _select_pictures(lifter: Lifter, frames: list[LifterFrame]) -> Iterator[_Selection]:
    """The large pictures: what to do first, the other faults, and the bar's path."""
    advice = advise(lifter)
    if advice is not None and advice.worst is not None:
        pair = [one.frame for one in (advice.worst, advice.best) if one is not None]
        is_one_shot = len({frame.shot for frame in pair}) == 1
        for name, frame in zip(("first-worst", "first-best"), pair, strict=False):
            yield name, frame, pair if is_one_shot else [frame]
    for row in rank_faults(lifter)[1:MAX_FAULTS]:
        fault = lifter.faults[row]
        frame = min(frames, key=lambda frame: abs(frame.index - fault.shown_at))
        yield f"fault-{fault.kind}", frame, [frame]
    rep = find_best_rep(lifter)
    if rep is None:
        best = max(frames, key=lambda frame: np.nan_to_num(frame.score))
        yield "hero", best, [best]
        return
    pull = [frame for frame in frames if rep.start_s <= frame.time_s <= rep.top_s]
    top = find_nearest_frame(frames, rep.top_s)
    if advice is None or advice.worst is None:
        middle = find_nearest_frame(frames, (rep.start_s + rep.top_s) / 2)
        yield "hero", middle, [middle]
    yield "path", top, [top, *pull]


def take_picture(request: PictureRequest, image: NDArray[np.uint8]) -> Picture:
    """Crop, shrink and encode a picture.

    Args:
        request: what to show; the picture keeps within its `max_bytes`.
        image: the frame, uint8 (height, width, 3), BGR.
    """
    left, top, right, bottom = request.crop_px
    part = image[top:bottom, left:right]
    side_px = min(request.side_px, max(part.shape[:2]))
    while True:
        scale = side_px / max(part.shape[:2])
        size = (max(1, round(scale * part.shape[1])), max(1, round(scale * part.shape[0])))
        small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        for quality in _QUALITIES:
            _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if len(data) <= request.max_bytes or side_px <= _MIN_PX:
                uri = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
                return Picture(uri, request.crop_px)
        side_px = side_px * 3 // 4
