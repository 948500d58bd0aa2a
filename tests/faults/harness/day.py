"""The recording of the schedules: two sets, and somebody who rows.

    0 s      20 s        90 s       300 s   306 s      330 s
    empty    a set       rows       ‖       a set      end

At 300 s the gate's second part begins. Nothing but the key frames is decoded where nobody moves.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from synthetic import Lift, render
from synthetic.camera import camera_of
from synthetic.scene import draw_gym

#: File name, without its ending; the date in it is the recording's time of day.
FILE = "cam1_20261127_181500"

_FPS, _WIDTH_PX, _HEIGHT_PX = 8, 256, 192

_LIFT = Lift(reps=1, fps=_FPS, width_px=_WIDTH_PX, height_px=_HEIGHT_PX)

#: Where somebody is seen → what is done there. The gate's parts are of 300 s.
_SHOWN = {
    20: _LIFT,
    90: replace(_LIFT, exercise="row"),
    306: replace(_LIFT, style="sumo"),
}
_END_S = 330

#: Time between two key frames, in seconds, as surveillance cameras have it. Where nobody moves they
#: store fewer pictures; here one a second.
_KEY_S = 4


def is_shown(time_s: float) -> bool:
    """Whether anybody is in the picture at a time."""
    return any(from_s <= time_s < from_s + lift.duration_s for from_s, lift in _SHOWN.items())


def write(path: Path) -> None:
    """Write the recording."""
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=_FPS, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH_PX, _HEIGHT_PX, "yuv420p"
        stream.codec_context.time_base = Fraction(1, _FPS)
        for index, image in _images():
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, _FPS)
            if index % (_KEY_S * _FPS) == 0:
                frame.pict_type = PictureType.I
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


def _images() -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """The pictures, and the time of each in 1/`_FPS` s."""
    gym = draw_gym(_WIDTH_PX, _HEIGHT_PX, camera_of(_LIFT))
    shown = {
        round(from_s * _FPS) + frame.index: frame.image
        for from_s, lift in _SHOWN.items()
        for frame in render(lift)
    }
    for index in range(_END_S * _FPS):
        if index in shown or index % _FPS == 0:
            yield index, shown.get(index, gym)
