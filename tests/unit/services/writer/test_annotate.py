import threading
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from builders import analysis_of, write_clip

from services.writer.annotate import render
from shared.errors import OutputError
from shared.media.fingerprint import fingerprint
from synthetic import Lift

LIFT = Lift(reps=1, fps=5, width_px=320, height_px=240)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return write_clip(path, frames=LIFT.frames, size_px=(320, 240))


@pytest.fixture(scope="module")
def analysis(clip):
    analysis = analysis_of(LIFT)
    source = replace(analysis.source, path=str(clip), sha256=fingerprint(clip))
    return replace(analysis, source=source)


def pixels_of(path):
    with av.open(str(path)) as container:
        return np.array([frame.to_ndarray() for frame in container.decode(video=0)])


def test_same_pixels_in_every_run(analysis, clip, tmp_path):
    for name in ("first.mp4", "second.mp4"):
        render(analysis, clip, tmp_path / name)
    first, second = (pixels_of(tmp_path / name) for name in ("first.mp4", "second.mp4"))
    assert len(first) == LIFT.frames
    assert np.array_equal(first, second)


def test_error_of_the_callback_ends_all_threads(analysis, clip, tmp_path):
    drawn, before = [], threading.active_count()

    def cancel(index):
        drawn.append(index)
        if index == 3:
            raise KeyError("cancelled")

    with pytest.raises(KeyError, match="cancelled"):
        render(analysis, clip, tmp_path / "o.mp4", on_frame=cancel)
    assert drawn == [0, 1, 2, 3]
    assert threading.active_count() == before


def test_full_disk_is_an_output_error(analysis, clip):
    before = threading.active_count()
    with pytest.raises(OutputError, match="cannot write"):
        render(analysis, clip, Path("/dev/full"))
    assert threading.active_count() == before
