import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from builders import grey_of

from shared.media.encode import VideoEncoder
from shared.media.source import open_source

#: Script that encodes noise under a limit on the size of files, which acts like a full disk.
FULL_DISK = """
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
except OutputError as error:
    print(error)
else:
    sys.exit("the limit was not met")
open_files = [os.readlink(f) for f in Path("/proc/self/fd").iterdir() if f.is_symlink()]
sys.exit(str(open_files) if any(name.endswith("o.mp4") for name in open_files) else 0)
"""


def greys(count, size_px=(64, 48)):
    width, height = size_px
    return [np.full((height, width, 3), grey_of(i), np.uint8) for i in range(count)]


def encode(path, images, pts, time_base):
    """Encode frames, and read the file as a source."""
    height, width = images[0].shape[:2]
    with VideoEncoder(path, (width, height), time_base) as encoder:
        for image, at in zip(images, pts, strict=True):
            encoder.write(image, at)
    with open_source(path) as source:
        return source.info, list(source.frames())


def stream_times(path):
    """The times in the file, exact, and the stream's length."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        length_s = stream.duration * stream.time_base
        return [f.pts * stream.time_base for f in container.decode(video=0)], length_s


@pytest.mark.parametrize(
    ("pts", "time_base"),
    [
        (list(range(0, 400, 40)), Fraction(1, 1000)),  # constant
        ([0, 33, 67, 100, 400, 433, 1000, 1001, 1002, 5000], Fraction(1, 1000)),  # variable
        ([1001 * i for i in range(10)], Fraction(1, 30000)),  # NTSC
        ([50 + i for i in range(10)], Fraction(1, 240)),  # 240 fps, a late start
        (list(range(10)), Fraction(1, 1)),  # 1 fps
    ],
)
def test_each_frame_keeps_its_time_and_picture(tmp_path, pts, time_base):
    info, frames = encode(tmp_path / "o.mp4", greys(10), pts, time_base)
    times = [frame.pts * info.time_base for frame in frames]
    shift = times[0] - pts[0] * time_base
    assert [time - shift for time in times] == [p * time_base for p in pts]
    assert all(abs(frame.image.mean() - grey_of(frame.index)) < 3 for frame in frames)


@pytest.mark.parametrize(
    ("pts", "time_base", "length_s"),
    [
        (range(25), Fraction(1, 25), 1),
        (range(30), Fraction(1001, 30000), Fraction(1001, 1000)),
        (range(0, 2000, 10), Fraction(1, 1000), 2),  # 100 fps
    ],
)
def test_last_frame_lasts_as_long_as_the_one_before(tmp_path, pts, time_base, length_s):
    encode(tmp_path / "o.mp4", greys(len(pts)), pts, time_base)
    assert stream_times(tmp_path / "o.mp4")[1] == length_s


@pytest.mark.parametrize(
    ("pts", "expected_s"),
    [
        ([0, 10**9, 4 * 10**9, 9 * 10**9], [0, 1, 4, 9]),  # pauses beyond 2³¹ ns
        ([0, 1, 2, 10**6], [0, Fraction(1, 10**6), Fraction(2, 10**6), Fraction(1, 1000)]),
    ],
)
def test_time_stamps_in_nanoseconds_stay_distinct(tmp_path, pts, expected_s):
    encode(tmp_path / "o.mp4", greys(len(pts)), pts, Fraction(1, 10**9))
    assert stream_times(tmp_path / "o.mp4")[0] == expected_s


def test_odd_sizes_are_padded_and_colours_survive(tmp_path):
    colours = np.zeros((31, 33, 3), np.uint8)
    colours[:, :16], colours[:, 16:] = (200, 60, 40), (30, 160, 220)
    info, frames = encode(tmp_path / "o.mp4", [colours] * 3, [0, 40, 80], Fraction(1, 1000))
    assert (info.width_px, info.height_px) == (34, 32)
    image = frames[1].image.astype(int)
    assert np.abs(image[4:28, 3:13] - (200, 60, 40)).mean() < 4
    assert np.abs(image[4:28, 20:30] - (30, 160, 220)).mean() < 4


def test_full_disk_is_an_output_error_and_leaves_no_file_open(tmp_path):
    path = tmp_path / "o.mp4"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"cannot write {path}" in done.stdout
