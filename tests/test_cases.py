"""Small files of odd kinds, which lie beside the checkout where they may be used.

All show the same four seconds of a rendered lift, with a beep each second whose pitch rises:
`base.mp4` says what is right for the others.
"""

import json

import av
import cv2
import numpy as np
import pytest
from builders import run_coach
from conftest import REAL_DATA
from corpus.sound import heard, write_through

from shared.media.source import open_source

pytestmark = [pytest.mark.clips, pytest.mark.slow, pytest.mark.timeout(300)]

#: Analysed whole; the rest is read only, and `D_hlg.mov` is written again.
ANALYSED = ["base.mp4", "A1_mirrored.mp4", "C_sar_4_3.mp4", "C_control_square.mp4"]


@pytest.fixture(scope="module")
def cases():
    if not (REAL_DATA / "cases").is_dir():
        pytest.skip("the cases do not lie beside this checkout")
    return REAL_DATA / "cases"


@pytest.fixture(scope="module")
def base(cases):
    return pictures_of(cases / "base.mp4")


@pytest.fixture(scope="module")
def analysed(cases, models, tmp_path_factory):
    """Name of each analysed case → its result folder."""
    out = tmp_path_factory.mktemp("cases")
    clips = [str(cases / name) for name in ANALYSED]
    # A look at every frame: what is compared is how the clips are read, not where is looked.
    options = ("--out", str(out), "--overlay", "none", "--every", "1")
    done = run_coach("analyze", *clips, *options, timeout_s=300)
    assert done.returncode == 0, done.stderr
    return {name: out / name.rpartition(".")[0] for name in ANALYSED}


def pictures_of(path):
    with open_source(path) as source:
        return [frame.image for frame in source.frames()]


def saturation(picture):
    return float(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)[..., 1].mean())


def document_of(folder):
    return json.loads((folder / "analysis.json").read_text())


@pytest.mark.parametrize(
    ("name", "frames", "tolerance"),
    [
        ("A1_mirrored.mp4", 120, 3),
        ("A3_flipped.mp4", 120, 3),
        ("B_cover_first.mp4", 120, 0),
        ("D_hlg.mov", 120, 5),
        ("F_interlaced_size_change.ts", 60, 6),
        ("H_silent_track_first.mp4", 120, 0),
        ("J_dahua.dav", 45, 3),
    ],
)
def test_each_case_shows_the_pictures_of_the_plain_clip(cases, base, name, frames, tolerance):
    shown = pictures_of(cases / name)
    assert len(shown) == frames
    for index in (0, frames // 3):  # the second half of F is smaller, and fitted in
        assert shown[index].shape == base[index].shape
        assert np.abs(shown[index].astype(int) - base[index]).mean() <= tolerance


def test_a_matrix_that_transposes_is_followed_as_players_do(cases, base):
    """Its maker turned the picture the other way: FFmpeg and Chromium show it upside down, too."""
    shown = pictures_of(cases / "A2_mirrored_portrait.mp4")
    assert np.abs(np.rot90(shown[60], 2).astype(int) - base[60]).mean() < 3


def test_hdr_has_the_colours_of_the_sdr_original(cases, base):
    shown = pictures_of(cases / "D_hlg.mov")
    ratios = [saturation(shown[i]) / saturation(base[i]) for i in range(0, 120, 10)]
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)


def test_pixels_of_4_to_3_give_the_angles_and_metres_of_square_ones(analysed):
    wide, square = (document_of(analysed[n]) for n in ("C_sar_4_3.mp4", "C_control_square.mp4"))
    assert (wide["source"]["width"], wide["source"]["height"]) == (640, 480)
    for angle in ("trunk_lean", "hip", "knee", "elbow"):
        pairs = [
            (one["angles"][angle], other["angles"][angle])
            for one, other in zip(wide["frames"], square["frames"], strict=True)
        ]
        off = [abs(one - other) for one, other in pairs if one is not None and other is not None]
        assert np.mean(off) < 2
    assert wide["reps"][0]["rom_m"] == pytest.approx(square["reps"][0]["rom_m"], rel=0.02)


def test_a_mirrored_clip_is_judged_as_the_plain_one(analysed):
    plain, mirrored = (document_of(analysed[n]) for n in ("base.mp4", "A1_mirrored.mp4"))
    assert len(mirrored["reps"]) == len(plain["reps"]) == 1
    assert mirrored["summary"]["facing"] == plain["summary"]["facing"]
    assert mirrored["summary"]["score"] == pytest.approx(plain["summary"]["score"], abs=0.02)


@pytest.fixture
def written(cases, tmp_path, request):
    """A case as Coach writes it: annotated if it is analysed, else as it is."""
    if request.param in ANALYSED:
        return request.getfixturevalue("analysed")[request.param] / "annotated.mp4"
    return write_through(cases / request.param, tmp_path / "written.mp4")


@pytest.mark.parametrize("written", [*ANALYSED, "D_hlg.mov"], indirect=True)
def test_written_video_has_the_display_s_shape_its_sound_and_true_tags(written):
    with av.open(str(written)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (640, 480)
        assert stream.sample_aspect_ratio in (None, 1)
        frame = next(container.decode(stream))
        tags = (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
        assert tags == (6, 1, 1, 1)  # BT.601's matrix, BT.709's primaries and transfer, limited
    beeps = heard(written)
    assert [pitch for _, pitch in beeps] == pytest.approx([440, 660, 880, 1100], abs=10)
    assert [time_s for time_s, _ in beeps] == pytest.approx([0, 1, 2, 3], abs=0.02)


def test_the_sound_that_a_person_hears_is_taken(cases, tmp_path):
    written = write_through(cases / "H_silent_track_first.mp4", tmp_path / "h.mp4")
    assert [pitch for _, pitch in heard(written)] == pytest.approx([440, 660, 880, 1100], abs=10)
