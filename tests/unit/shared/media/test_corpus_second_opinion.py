"""FFmpeg's own command line shows the same pictures at the same times, wherever it is installed.

Only kinds are here that its versions from 5.1 on show right without being told more than the file
says: upright pictures, square pixels, times from the start. Colours are those of small untagged
films, since FFmpeg takes BT.601 for all of these.
"""

import os
import shutil
from fractions import Fraction

import numpy as np
import pytest
from corpus import boxes, ebml, joining, pattern, recorders
from corpus.checks import watch
from corpus.muxing import (
    H264,
    H264_B,
    HEVC,
    MJPEG,
    MPEG2,
    MPEG4,
    Coding,
    remux,
    scenes,
    write_film,
)
from corpus.second_opinion import shown_by_ffmpeg


@pytest.fixture(scope="module", autouse=True)
def ffmpeg():
    if shutil.which("ffmpeg") is None:
        assert not os.environ.get("CI"), "CI must have ffmpeg"
        pytest.skip("no ffmpeg on this machine")


NUMBERS = range(3, 23)

#: Largest mean difference of the two readers' pictures, levels: their enlarging differs at edges.
PICTURE_TOLERANCE = 5


def film(folder, suffix, coding=H264, size_px=(128, 96), **more):
    return write_film(folder / f"film.{suffix}", scenes(NUMBERS, size_px), coding, **more)


def turned(folder, name, suffix="mp4"):
    stored = [pattern.turn(i, pattern.inverse(pattern.MATRICES[name])) for i in scenes(NUMBERS)]
    path = write_film(folder / "film.mp4", stored, H264)
    boxes.set_matrix(path, pattern.MATRICES[name])
    return path if suffix == "mp4" else remux(path, folder / f"film.{suffix}")


def shaped(folder, suffix, across, down):
    path = film(folder, suffix, size_px=(96, 80))
    if suffix == "mkv":
        return ebml.set_display_size(path, 96 * across, 80 * down)
    return boxes.set_pixel_shape(path, across, down)


def joined(folder, suffix, coding, starts_s):
    return joining.joined_takes(folder / f"film.{suffix}", coding, "mp2", starts_s)


UNEVEN = {"pts": [n * n for n in range(20)], "time_base": Fraction(1, 100), "fps": 25}
NO_B = Coding(options={"bf": "0"})

#: Name → what writes the file.
KINDS = {
    **{f"matrix {name}": lambda f, n=name: turned(f, n) for name in pattern.MATRICES},
    "pasp 4:3": lambda f: shaped(f, "mp4", 4, 3),
    "pasp 10:11": lambda f: shaped(f, "mov", 10, 11),
    "pasp 1:2": lambda f: shaped(f, "mp4", 1, 2),
    "display size 16:15": lambda f: shaped(f, "mkv", 16, 15),
    "shape in the stream": lambda f: film(f, "ts", Coding(sample_aspect=Fraction(64, 45))),
    "b-frames mp4": lambda f: film(f, "mp4", H264_B),
    "b-frames mkv": lambda f: film(f, "mkv", H264_B),
    "b-frames ts": lambda f: film(f, "ts", H264_B),
    "b-frames flv": lambda f: film(f, "flv", H264_B),
    "hevc": lambda f: film(f, "mp4", HEVC),
    # Not in .mpg, where FFmpeg 5.1 gives two frames the same time.
    "mpeg2 ts": lambda f: film(f, "ts", MPEG2),
    "mpeg4 avi": lambda f: film(f, "avi", MPEG4),
    "mjpeg mov": lambda f: film(f, "mov", MJPEG),
    "vp9": lambda f: film(f, "webm", Coding("libvpx-vp9")),
    "wmv2": lambda f: film(f, "asf", Coding("wmv2")),
    "uneven mp4": lambda f: film(f, "mp4", **UNEVEN),
    "uneven mkv": lambda f: film(f, "mkv", **UNEVEN),
    "NTSC": lambda f: film(f, "mp4", H264_B, fps=Fraction(30_000, 1001)),
    "late start": lambda f: film(f, "mkv", pts=range(500, 520)),
    "trimmed": lambda f: boxes.set_edits(film(f, "mp4", NO_B), [(400, 8 * 512)]),
    "a cut": lambda f: boxes.set_edits(film(f, "mp4", NO_B), [(200, 0), (200, 15 * 512)]),
    "paused": lambda f: boxes.set_edits(film(f, "mp4", NO_B), [(400, -1), (800, 0)]),
    "takes anew": lambda f: joined(f, "ts", NO_B, [0, 0]),
    "takes back": lambda f: joined(f, "ts", NO_B, [100, 0]),
    "takes ahead": lambda f: joined(f, "ts", NO_B, [0, 10_800]),
    "takes of mpeg2": lambda f: joined(f, "mpg", MPEG2, [0, 0]),
    "dav": lambda f: recorders.write_dhav(f / "film.dav", scenes(NUMBERS), NO_B),
    "dv": lambda f: recorders.write_dv(f / "film.dv", range(6), "PAL"),
    "gif": lambda f: film(f, "gif", Coding("gif", "rgb8"), fps=10),
}


@pytest.mark.parametrize("kind", KINDS)
def test_ffmpeg_shows_the_same_pictures_at_the_same_times(tmp_path, kind):
    path = KINDS[kind](tmp_path)
    # DV is interlaced by its decoder's word, whatever its pictures are.
    theirs = shown_by_ffmpeg(path, "yadif=deint=interlaced" if kind == "dv" else "")
    ours = watch(path)
    assert ours.numbers == [pattern.number_of(image) for _, image in theirs]
    # At a seam, FFmpeg leaves the gap of its own estimate of the last frame's length.
    tolerance_s = 0.06 if kind.startswith("takes") else 0.0015
    assert ours.times_s == pytest.approx([time_s for time_s, _ in theirs], abs=tolerance_s)
    for frame, (_, image) in zip(ours.frames, theirs, strict=True):
        assert frame.image.shape == pytest.approx(image.shape, abs=1)
        rows, columns = (min(a, b) for a, b in zip(frame.image.shape, image.shape, strict=True)
                         if a > 3)  # fmt: skip
        pair = [picture[:rows, :columns].astype(int) for picture in (frame.image, image)]
        assert np.abs(pair[0] - pair[1]).mean() < PICTURE_TOLERANCE
