"""The small picture of a result, for the page of an archive."""

import base64
import re
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from services.writer.results import REPORT, VIDEO
from shared.errors import CoachError
from shared.media.source import open_source

#: Height of a picture, and its largest width, in pixels. Chosen: a person is still seen, and a page
#: of 10,000 takes about 20 MB.
_HEIGHT_PX, _MAX_WIDTH_PX = 64, 114

#: Quality of WebP, 0 to 100. Chosen: a picture takes about 1 kB.
_QUALITY = 55

#: Part of a report in which its first photograph begins, in bytes. Chosen: before it are the style
#: and a headline, 12 kB, and it takes at most 110 kB.
_HEAD_BYTES = 2**18

_PHOTO = re.compile(rb'data:image/jpeg;base64,([A-Za-z0-9+/=]+)"')


def thumbnail_of(folder: Path, source: Path) -> str:
    """A small picture of a result as a `data:` URI; "" if there is none.

    It is the report's first photograph, or else the first frame of the annotated video or of the
    clip.
    """
    image = _photo_in(folder / REPORT)
    for clip in (folder / VIDEO, source):
        if image is None:
            image = _first_frame(clip)
    if image is None:
        return ""
    height, width = image.shape[:2]
    scale = min(_HEIGHT_PX / height, _MAX_WIDTH_PX / width)
    size = (max(1, round(scale * width)), max(1, round(scale * height)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    return "data:image/webp;base64," + base64.b64encode(data.tobytes()).decode()


def _photo_in(report: Path) -> NDArray[np.uint8] | None:
    with suppress(OSError, ValueError, cv2.error), report.open("rb") as file:
        found = _PHOTO.search(file.read(_HEAD_BYTES))
        if found:
            data = np.frombuffer(base64.b64decode(found[1]), np.uint8)
            return cv2.imdecode(data, cv2.IMREAD_COLOR)  # type: ignore[return-value]
    return None


def _first_frame(clip: Path) -> NDArray[np.uint8] | None:
    with suppress(CoachError, OSError), open_source(clip) as source:
        for frame in source.frames():
            return frame.pixels.shrunk(2 * _MAX_WIDTH_PX)
    return None
