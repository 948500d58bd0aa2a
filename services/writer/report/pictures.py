"""The pictures that a report shows: which frames, cut to the lifter, small. Pure."""

import base64
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.data.analysis import Analysis, Lifter, LifterFrame, Rep

#: Longer side of a picture to look at, pixels, and the most bytes it may take.
PICTURE_PX, _PICTURE_BYTES = 720, 80_000

#: Up to so many repetitions on the page, longer side of a thumbnail, pixels. Beyond the last,
#: repetitions get numbers alone.
_THUMBS_PX = ((12, 320), (30, 240), (60, 180))
MAX_REPS = _THUMBS_PX[-1][0]

#: All thumbnails together, and one, bytes: a page of 30 repetitions must travel by mail.
_ALL_THUMBS_BYTES, _THUMB_BYTES = 2_200_000, 30_000

#: Qualities of JPEG that are tried, best first.
_QUALITIES = (84, 72, 60, 45)

#: A picture is not shrunk below this to save bytes, pixels.
_LEAST_PX = 32

#: Around the lifter and the bar, as a share of their height: the plates, and some room.
_MARGIN = 0.16

#: A picture is at least so wide against its height: a standing lifter, the plates before him.
_ASPECT = 0.8

#: The floor is where a lifter's lowest points are higher in this share of frames, percent.
_FLOOR = 90

#: Faults that are shown with a picture: the surest of each kind.
_MAX_FAULTS = 8

#: Left, top, right, bottom of a part of a frame, whole pixels.
Crop = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A picture that is wanted: its name on the page, of what frame and part, how large."""

    key: str
    frame: LifterFrame
    crop_px: Crop
    side_px: int
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the page: JPEG as a data URI, and the part of the frame it shows."""

    data: str
    crop_px: Crop


def requested_pictures(analysis: Analysis) -> dict[int, list[PictureRequest]]:
    """Frame number → the pictures to take of that frame."""
    reps = max(1, sum(len(lifter.reps[:MAX_REPS]) for lifter in analysis.lifters))
    thumb_px = next((side for most, side in _THUMBS_PX if reps <= most), _THUMBS_PX[-1][1])
    thumb = thumb_px, min(_THUMB_BYTES, _ALL_THUMBS_BYTES // (3 * reps))
    picture = PICTURE_PX, _PICTURE_BYTES
    size_px = analysis.source.width, analysis.source.height
    requests: dict[int, list[PictureRequest]] = defaultdict(list)
    for number, lifter in enumerate(analysis.lifters, start=1):
        frames = [frame for frame in lifter.frames if np.isfinite(frame.xy_px).any()]
        if not frames:
            continue
        floors = _floors_px(frames)
        for wishes, size in ((_thumbs, thumb), (_pictures, picture)):
            for key, frame, shown in wishes(lifter, frames):
                crop = crop_of(shown, floors[frame.shot], *size_px)
                requests[frame.index].append(PictureRequest(f"{number}-{key}", frame, crop, *size))
    return dict(requests)


#: A picture's key, its frame, and the frames whose lifter must fit into it.
_Wish = tuple[str, LifterFrame, Sequence[LifterFrame]]


def _thumbs(lifter: Lifter, frames: list[LifterFrame]) -> Iterator[_Wish]:
    """Start, middle and top of each repetition, cut alike so that they can be compared."""
    for rep in lifter.reps[:MAX_REPS]:
        middle_s = (rep.start_s + rep.top_s) / 2
        moments = {"start": rep.start_s, "middle": middle_s, "top": rep.top_s}
        shown = {name: at(frames, time_s) for name, time_s in moments.items() if time_s == time_s}
        for name, frame in shown.items():
            yield f"rep-{rep.index}-{name}", frame, list(shown.values())


def _pictures(lifter: Lifter, frames: list[LifterFrame]) -> Iterator[_Wish]:
    """What is looked at large: the best repetition, the bar's path, the faults."""
    for place in picked_faults(lifter):
        fault = lifter.faults[place]
        shown = min(frames, key=lambda frame: abs(frame.index - fault.shown_at))
        yield f"fault-{fault.kind}", shown, [shown]
    rep = best_rep(lifter)
    if rep is None:
        best = max(frames, key=lambda frame: np.nan_to_num(frame.score))
        yield "hero", best, [best]
        return
    lifted = [frame for frame in frames if rep.start_s <= frame.time_s <= rep.top_s]
    middle, top = at(frames, (rep.start_s + rep.top_s) / 2), at(frames, rep.top_s)
    yield "hero", middle, [middle]
    yield "path", top, [top, *lifted]


def best_rep(lifter: Lifter) -> Rep | None:
    """The repetition with the highest score, a whole one if there is any."""
    shown = [rep for rep in lifter.reps if np.isfinite([rep.start_s, rep.top_s]).all()]
    return max(shown, key=lambda rep: (not rep.partial, np.nan_to_num(rep.score)), default=None)


def picked_faults(lifter: Lifter) -> list[int]:
    """Places of the faults that are shown: the surest of each kind, the most frequent kinds first.

    Of kinds in equally many repetitions, the surer one comes first.
    """
    of_kind: dict[str, list[int]] = defaultdict(list)
    for place, fault in enumerate(lifter.faults):
        of_kind[fault.kind].append(place)

    def confidence(place: int) -> float:
        return lifter.faults[place].confidence

    picked = [(len(places), max(places, key=confidence)) for places in of_kind.values()]
    picked.sort(key=lambda pick: (-pick[0], -confidence(pick[1])))
    return [place for _, place in picked[:_MAX_FAULTS]]


def take_picture(shot: PictureRequest, image: NDArray[np.uint8]) -> Picture:
    """A wanted picture from its frame, BGR uint8 (height, width, 3), within its bytes."""
    left, top, right, bottom = shot.crop_px
    part = image[top:bottom, left:right]
    side_px = min(shot.side_px, max(part.shape[:2]))
    while True:
        scale = side_px / max(part.shape[:2])
        size = (max(1, round(scale * part.shape[1])), max(1, round(scale * part.shape[0])))
        small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        for quality in _QUALITIES:
            _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if len(data) <= shot.most_bytes or side_px <= _LEAST_PX:
                uri = "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()
                return Picture(uri, shot.crop_px)
        side_px = side_px * 3 // 4


def _floors_px(frames: Sequence[LifterFrame]) -> dict[int, float]:
    """Down to where a lifter usually stands in the picture, in each stretch of film.

    Bent over the bar, ankles behind plates are put too high: feet would be cut off.
    """
    low: dict[int, list[float]] = defaultdict(list)
    for frame in frames:
        points = frame.xy_px if frame.person is None else (*frame.xy_px, *frame.person.sole_px)
        low[frame.shot].append(float(np.nanmax(np.array(points)[:, 1])))
    return {shot: float(np.percentile(lows, _FLOOR)) for shot, lows in low.items()}


def crop_of(frames: Sequence[LifterFrame], floor_px: float, width_px: int, height_px: int) -> Crop:
    """The part around the lifter and the bar of some frames, down to the floor, in the picture."""
    points = np.concatenate([np.vstack([frame.xy_px, frame.bar_px]) for frame in frames])
    points = points[np.isfinite(points).all(-1)].astype(np.float64)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    bottom = max(bottom, floor_px)
    margin = _MARGIN * max(bottom - top, 0.7 * (right - left))
    wide = max(_ASPECT * (bottom - top + 2 * margin), right - left + 2 * margin)
    x = (left + right) / 2
    x0, y0 = max(0, round(x - wide / 2)), max(0, round(top - margin))
    x1, y1 = min(width_px, round(x + wide / 2)), min(height_px, round(bottom + margin))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return 0, 0, width_px, height_px
    return x0, y0, x1, y1


def at(frames: Sequence[LifterFrame], time_s: float) -> LifterFrame:
    """The frame that is nearest in time."""
    return min(frames, key=lambda frame: abs(frame.time_s - time_s))
