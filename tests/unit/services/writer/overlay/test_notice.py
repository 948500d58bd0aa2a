from dataclasses import replace

import numpy as np
import pytest
from analyses import analysis, changed, lifter_set
from drawn_frames import GREY, SIZES, drawn, inked

SENTENCE = "no deadlift was seen in this clip, so nothing was scored: film one whole rep"


def refused(size_px=(320, 240)):
    """A lifter who shows no deadlift: seen, and not judged."""
    lifter = lifter_set(size_px=size_px, faults=())
    frames = tuple(_unjudged(frame) for frame in lifter.frames)
    return analysis(
        changed(
            lifter, frames=frames, reps=(), score=float("nan"), contributions=(),
            warnings=(SENTENCE,),
        ),
    )  # fmt: skip


def _unjudged(frame):
    return replace(frame, score=float("nan"), phase=None, bar_px=np.full(2, np.nan, np.float32))


@pytest.mark.parametrize("size_px", SIZES)
def test_the_sentence_is_whole_and_on_top(size_px):
    one = refused(size_px)
    assert one.refusal == SENTENCE
    image = drawn(one, 1.0, size_px)
    bodies = drawn(one, 1.0, size_px, amount="bodies")
    rows, columns = np.nonzero((image != bodies).any(-1))
    assert rows.min() == 0
    assert rows.max() < size_px[1] / 2
    light = (image[: rows.max()] > 230).all(-1)
    assert 2 <= np.nonzero(light)[1].min()
    assert np.nonzero(light)[1].max() <= size_px[0] - 3


def test_there_is_neither_panel_nor_curve_nor_bar():
    image, bodies = (drawn(refused(), 1.0, amount=amount) for amount in ("full", "bodies"))
    height = np.nonzero((image != bodies).any(-1))[0].max() + 1
    assert (image[height:] == bodies[height:]).all()


def test_no_overlay_draws_no_sentence():
    assert (drawn(refused(), 1.0, amount="none") == GREY).all()
    top, *_ = inked(drawn(refused(), 1.0, amount="minimal"))
    assert top == 0
