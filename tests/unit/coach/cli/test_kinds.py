"""Which submitted films are recordings."""

from fractions import Fraction

import av
import numpy as np
import pytest

from coach.cli.submission import prepare
from shared.data.job_options import JobOptions


@pytest.mark.parametrize(
    ("sets", "duration_s", "kind"),
    [
        ("auto", 20, "clip"),
        ("auto", 400, "recording"),
        ("off", 400, "clip"),
        ("on", 20, "recording"),
    ],
)
def test_long_films_are_recordings(sets, duration_s, kind, tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1)
        for index in range(duration_s):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    [job], refused = prepare([path], tmp_path / "out", JobOptions("movenet", sets=sets))
    assert (job.kind, refused) == (kind, [])
