"""An analysis in memory, in JSON and back."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from analyses import NAN, analysis, fault, lifter_set, nobody, rep, unseen, with_joints
from builders import analysis_of
from schemas import strict, wrong_in

from shared.data.analysis import Analysis
from shared.data.frames import Measured
from shared.data.job_options import JudgingOptions
from shared.data.messages import Plate
from synthetic import Lift


def half_seen():
    """An analysis in which as much is unknown as can be."""
    lifter = lifter_set(reps=2)
    xy = lifter.frames[0].xy_px.copy()
    xy[4] = np.nan
    first = replace(with_joints(lifter.frames[0], xy), score=NAN, phase=None, filled=("Head",))
    alone = unseen(1, 0.1, measured=Measured(None, (Plate(1.0, 2.0, 3.0, 4.0, 0.5),)))
    ended = rep(2, end_s=NAN, eccentric_s=NAN, rom=NAN, score=NAN)
    unknown = replace(
        lifter,
        frames=(first, alone, *lifter.frames[2:]),
        reps=(rep(1), ended),
        faults=(fault(1, value=NAN),),
    )
    return analysis(unknown, nobody(), warnings=('a <warning> of \u2028 "frames": "frames 0"',))


ANALYSES = {
    "rendered": analysis_of(Lift(reps=2, fps=10, width_px=640, height_px=480, view="oblique")),
    "three lifters": analysis(lifter_set(reps=1), lifter_set(reps=2, place=0.7), nobody()),
    "half seen": half_seen(),
    "nobody": analysis(nobody()),
    "no frames": analysis(nobody(frames=0)),
    "other options": replace(
        analysis(), judging=JudgingOptions(350, 181.5, 6, {"rounded_back": {"threshold_deg": 30}})
    ),
}


@pytest.mark.parametrize("one", ANALYSES.values(), ids=ANALYSES)
def test_json_comes_back_as_the_same_json(one):
    text = one.to_json()
    assert Analysis.from_json(text).to_json() == text
    assert Analysis.from_json(text.encode()).to_json() == text


@pytest.mark.parametrize("one", ANALYSES.values(), ids=ANALYSES)
def test_json_fits_the_published_schema(one):
    assert wrong_in("analysis", strict(one.to_json())) == []


def test_values_come_back_as_precise_as_they_are_written():
    one = ANALYSES["rendered"]
    back = Analysis.from_json(one.to_json())
    assert (back.source, back.pose, back.judging, back.job) == (
        replace(one.source, duration_s=round(one.source.duration_s, 4)),
        one.pose,
        one.judging,
        one.job,
    )
    for frame_back, had in zip(back.frames, one.frames, strict=True):
        np.testing.assert_allclose(frame_back.xy_px, had.xy_px, atol=0.006)
        np.testing.assert_allclose(frame_back.person.xy_px, had.person.xy_px, atol=0.006)
        np.testing.assert_allclose(frame_back.person.outline_px, had.person.outline_px, atol=0.006)
        assert frame_back.person.xy_px.dtype == frame_back.xy_px.dtype == np.float32
        assert frame_back.time_s == pytest.approx(had.time_s, abs=1e-6)
        assert frame_back.phase is had.phase
        [plate], [plate_had] = frame_back.measured.plates, had.measured.plates
        assert plate.half_width_px == pytest.approx(plate_had.half_width_px, abs=0.006)
    assert [rep.unit for rep in back.reps] == [rep.unit for rep in one.reps]
    assert back.summary.view is one.summary.view


def test_the_file_has_a_line_a_frame():
    one = ANALYSES["three lifters"]
    lines = [line.strip().rstrip(",") for line in one.to_json().splitlines()]
    listed = [json.loads(line) for line in lines if line.startswith('{"index"')]
    document = json.loads(one.to_json())
    assert listed == [f for lifter in (document, *document["others"]) for f in lifter["frames"]]
    assert len(document["others"][0]["reps"]) == 2


def test_a_document_says_first_what_it_is():
    assert list(json.loads(analysis().to_json()))[:7] == [
        "schema", "job", "source", "pose", "judging", "posture_model", "warnings",
    ]  # fmt: skip


def test_the_unknown_is_null_and_comes_back_as_nan():
    document = strict(half_seen().to_json())
    first, second, *_ = document["frames"]
    assert first["keypoints"][4] is None
    assert len(first["keypoints"][5]) == 3
    assert (first["score"], first["phase"]) == (None, None)
    assert second["keypoints"] == [None] * 15
    assert second["measured"]["person"] is None
    assert second["measured"]["plates"][0]["half_height_px"] == 4.0
    assert document["faults"][0]["value"] is None
    back = Analysis.from_json(json.dumps(document))
    assert np.isnan(back.frames[0].xy_px[4]).all()
    assert back.frames[0].joint_confidence[4] == 0
    assert math.isnan(back.reps[1].end_s)
    assert math.isnan(back.faults[0].value)
    assert back.frames[1].person is None
    assert np.isnan(back.frames[1].box_px).all()
    assert back.others[0].summary.tilt_deg is not None
