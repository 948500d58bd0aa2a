import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from shared.media.encode import VideoEncoder

GREY = np.full((48, 64, 3), 90, np.uint8)


def encode(path, pts, time_base):
    with VideoEncoder(path, (64, 48), time_base) as encoder:
        for at in pts:
            encoder.write(GREY, at)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        length_s = stream.duration * stream.time_base
        return [f.pts * stream.time_base for f in container.decode(video=0)], length_s


@pytest.mark.parametrize(
    ("pts", "time_base", "length_s"),
    [
        (range(25), Fraction(1, 25), 1),
        (range(30), Fraction(1001, 30000), Fraction(1001, 1000)),
        (range(0, 2000, 10), Fraction(1, 1000), 2),  # 100 fps
    ],
)
def test_the_last_frame_lasts_as_long_as_the_one_before(tmp_path, pts, time_base, length_s):
    assert encode(tmp_path / "o.mp4", pts, time_base)[1] == length_s


@pytest.mark.parametrize(
    ("pts", "expected_s"),
    [
        ([0, 10**9, 4 * 10**9, 9 * 10**9], [0, 1, 4, 9]),  # pauses beyond 2³¹ ns
        ([0, 1, 2, 10**6], [0, Fraction(1, 10**6), Fraction(2, 10**6), Fraction(1, 1000)]),
    ],
)
def test_time_stamps_in_nanoseconds_do_not_collapse(tmp_path, pts, expected_s):
    assert encode(tmp_path / "o.mp4", pts, Fraction(1, 10**9))[0] == expected_s


def test_nothing_is_held_open_after_a_failure(tmp_path):
    script = """
import os, resource, signal, sys, numpy as np
from fractions import Fraction
from pathlib import Path
from shared.media.encode import VideoEncoder
from shared.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)
try:
    with VideoEncoder(Path(sys.argv[1]), (320, 240), Fraction(1, 25)) as encoder:
        for pts in range(200):
            encoder.write(np.roll(noise, pts * 7, 1), pts)
except OutputError:
    pass
else:
    sys.exit("the limit was not met")
held = [os.readlink(f) for f in Path("/proc/self/fd").iterdir() if f.is_symlink()]
sys.exit(str(held) if any(name.endswith("o.mp4") for name in held) else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "o.mp4")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
