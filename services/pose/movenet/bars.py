"""Black bars beside a picture: those of a portrait film in a landscape one, for example."""

import cv2
import numpy as np
from numpy.typing import NDArray

#: Maximum brightness (0..255) of bars, and maximum fraction of brighter pixels in a row or column
#: of them. Chosen: above the noise of compression, below the darkest gyms.
_BLACK, _MAX_BRIGHT = 24, 0.02


def area_without_bars(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a BGR image without black bars; all of it if it is black."""
    blue, green, red = cv2.split(image)
    bright = cv2.threshold(cv2.max(cv2.max(blue, green), red), _BLACK, 1, cv2.THRESH_BINARY)[1]
    counts = (cv2.reduce(bright, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for axis in (1, 0))
    rows, columns = (
        np.flatnonzero(count > _MAX_BRIGHT * length)
        for count, length in zip(counts, image.shape[1::-1], strict=True)
    )
    if not (rows.size and columns.size):
        return 0, 0, image.shape[1], image.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
