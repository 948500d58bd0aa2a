"""A short film for jobs whose work takes hardly any time."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

#: Frames of the film: one chunk.
FRAMES = 16


def write_film(path: Path) -> Path:
    """Write a grey film of 160×120 pixels."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for index in range(FRAMES):
            image = np.full((120, 160, 3), 40 + 5 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
