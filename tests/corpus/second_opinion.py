"""What FFmpeg's own command line shows of a file: upright, with square pixels, and when."""

import io
import subprocess
from pathlib import Path

import av
import numpy as np

#: Enlarges the smaller side, so that pixels become square.
_SQUARE = "scale=round(iw*max(sar\\,1)):round(ih*max(1/sar\\,1)):flags=bilinear,setsar=1"

#: As `_SQUARE`, for pixels of unknown shape.
_AS_IT_IS = "null"


def shown_by_ffmpeg(path: Path, filters: str = "") -> list[tuple[float, np.ndarray]]:
    """Time in seconds and BGR picture of each frame, as the `ffmpeg` program gives them."""
    with av.open(str(path)) as container:
        has_shape = any(stream.sample_aspect_ratio for stream in container.streams.video)
    chain = ",".join(part for part in (filters, _SQUARE if has_shape else _AS_IT_IS) if part)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-an", "-sn", "-dn"]
    command += ["-vf", chain, "-fps_mode", "passthrough", "-enc_time_base", "1:90000"]
    command += ["-c:v", "rawvideo", "-pix_fmt", "bgr24", "-f", "nut", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    with av.open(io.BytesIO(done.stdout), format="nut") as container:
        return [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="bgr24"))
            for frame in container.decode(video=0)
        ]
