"""Analyses of earlier schemas are read, so that stored ones can be loaded and judged again.

`schema_2.json`, `schema_3.json` and `schema_4.json` were written by the last versions of those
schemas: a few frames of rendered sets.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from builders import analysis_of
from schemas import wrong_in

from services.scorer.analysis import judge_again
from services.scorer.score import lift_model
from shared.data.analysis import (
    ANALYSIS_SCHEMA,
    Analysis,
    BarSource,
    Exercise,
    LengthUnit,
    Verdict,
)
from shared.data.job_options import JudgingOptions
from shared.data.messages import Plate
from shared.errors import UsageError
from synthetic import Lift

TEXT = (Path(__file__).parent / "schema_2.json").read_text("utf-8")
OF_SCHEMA_3 = (Path(__file__).parent / "schema_3.json").read_text("utf-8")
OF_SCHEMA_4 = (Path(__file__).parent / "schema_4.json").read_text("utf-8")
MANIFEST = json.dumps(
    {"schema": 2, "options": {"plate_mm": 350.0, "height_cm": 181.0, "smooth_hz": 6.0, "every": 1}}
)

#: A frame in which a plate was seen.
WITH_PLATE = 1


def changed(change):
    """The stored analysis after a change."""
    document = json.loads(TEXT)
    change(document)
    return json.dumps(document)


def test_an_analysis_of_schema_2_has_todays_fields():
    old, one = json.loads(TEXT), Analysis.from_json(TEXT, MANIFEST)
    assert wrong_in("analysis", json.loads(one.to_json())) == []
    assert [frame.index for frame in one.frames] == [frame["index"] for frame in old["frames"]]
    first, was = one.frames[0], old["frames"][0]
    assert first.bar_px.tolist() == pytest.approx(was["bar"], abs=1e-3)
    assert first.shot == was["segment"]
    assert one.bar.basis == old["bar"]["scale"]
    assert [rule.reason for rule in one.not_judged] == [rule["why"] for rule in old["abstentions"]]
    assert one.reps[0].rom_m_interval == tuple(old["reps"][0]["rom_m_interval"])
    assert len(one.others) == 1
    assert math.isnan(one.summary.trunk_length_px)


def test_an_analysis_of_schema_3_has_todays_fields_and_unknown_colours():
    old, one = json.loads(OF_SCHEMA_3), Analysis.from_json(OF_SCHEMA_3)
    assert wrong_in("analysis", json.loads(one.to_json())) == []
    assert math.isnan(one.score)  # it was on another scale
    assert one.summary.exercise is Exercise.UNKNOWN
    assert one.summary.style == old["summary"]["style"]
    for lifter in one.lifters:
        assert all(np.isnan(frame.person.clothes_lab).all() for frame in lifter.frames)


def test_scores_of_schema_4_are_on_another_scale_and_left_out():
    old, one = json.loads(OF_SCHEMA_4), Analysis.from_json(OF_SCHEMA_4)
    assert wrong_in("analysis", json.loads(one.to_json())) == []
    assert old["summary"]["contributions"]
    assert old["frames"][1]["score"] is not None
    for lifter in one.lifters:
        assert math.isnan(lifter.score)
        assert lifter.summary.verdict is Verdict.NONE
        assert "another scale" in lifter.summary.unscored
        assert lifter.summary.contributions == ()
        assert [rep.contributions for rep in lifter.reps] == [()] * len(lifter.reps)
        assert all(math.isnan(rep.score) and rep.score_interval is None for rep in lifter.reps)
        assert all(math.isnan(frame.score) for frame in lifter.frames)


def test_everything_but_the_scores_of_schema_4_is_as_it_was():
    old, now = json.loads(OF_SCHEMA_4), json.loads(Analysis.from_json(OF_SCHEMA_4).to_json())
    for lifter in (old, *old["others"], now, *now["others"]):
        for scored in (lifter["summary"], *lifter["reps"], *lifter["frames"]):
            for name in ("score", "score_interval", "verdict", "unscored", "undiminished"):
                scored.pop(name, None)
            scored.pop("contributions", None)
    for lifter in (now, *now["others"]):
        for frame in lifter["frames"]:
            if frame["measured"]["person"]:
                assert not frame["measured"]["person"].pop("is_interpolated")
    assert (old.pop("schema"), now.pop("schema")) == (4, ANALYSIS_SCHEMA)
    assert now.pop("posture_model") == ""
    assert now == old


@pytest.mark.parametrize("part", ["summary", "reps", "frames", "others"])
def test_damage_in_an_analysis_of_schema_4_is_refused(part):
    document = json.loads(OF_SCHEMA_4) | {part: 7}
    with pytest.raises(UsageError, match="schema 4"):
        Analysis.from_json(json.dumps(document))


def test_damage_in_an_analysis_of_schema_3_is_refused():
    document = json.loads(OF_SCHEMA_3)
    document["frames"][1]["measured"] = 7
    with pytest.raises(UsageError, match="schema 3"):
        Analysis.from_json(json.dumps(document))


def test_what_was_measured_has_names_now():
    was = json.loads(TEXT)["frames"][WITH_PLATE]["measured"]
    measured = Analysis.from_json(TEXT).frames[WITH_PLATE].measured
    [plate] = was["plates"]
    assert measured.plates == (Plate(*plate),)
    person = measured.person
    assert person.xy_px[0].tolist() == pytest.approx(was["keypoints"][0][:2], abs=1e-3)
    assert person.confidence[0] == pytest.approx(was["keypoints"][0][2])
    assert person.feet_px[3].tolist() == pytest.approx(was["feet"][3][:2], abs=1e-3)
    np.testing.assert_allclose(person.outline_px, np.array(was["trunk"], float), atol=1e-3)
    assert person.box_px.tolist() == pytest.approx(was["box"], abs=1e-3)
    assert person.detection_confidence == was["presence"]


def test_frames_without_the_lifter_keep_their_plates():
    def hide(document):
        document["frames"][0]["measured"] = None
        document["frames"][1]["measured"] = {"plates": [[1, 2, 3, 4, 0.5]]}

    first, second, *_ = Analysis.from_json(changed(hide)).frames
    assert (first.person, first.measured.plates) == (None, ())
    assert (second.person, second.measured.plates) == (None, (Plate(1, 2, 3, 4, 0.5),))


def test_unseen_joints_and_soles_are_unknown():
    def hide(document):
        document["frames"][0]["measured"]["keypoints"][4] = None
        document["frames"][0]["measured"]["sole"] = [[None, None], [None, None]]
        del document["frames"][1]["measured"]["sole"]  # as before soles were looked for

    first, second, *_ = Analysis.from_json(changed(hide)).frames
    assert np.isnan(first.person.xy_px[4]).all()
    assert first.person.confidence[4] == 0
    assert np.isnan(first.person.sole_px).all()
    assert np.isnan(second.person.sole_px).all()


def test_lengths_of_the_torso_are_lengths_of_the_trunk():
    def in_torsos(document):
        document["bar"]["unit"] = document["reps"][0]["unit"] = "torso"
        document["faults"][0]["unit"] = "torso lengths"

    one = Analysis.from_json(changed(in_torsos))
    assert one.bar.unit is one.reps[0].unit is LengthUnit.TRUNK
    assert one.faults[0].unit == "trunk lengths"


def test_the_manifest_says_how_it_was_judged():
    one = Analysis.from_json(TEXT, MANIFEST.encode())
    assert one.judging == JudgingOptions(350, 181, 6)
    assert one.warnings == ()


@pytest.mark.parametrize("manifest", [None, "{}", '{"options": []}'])
def test_without_a_manifest_the_defaults_hold_and_a_warning_says_so(manifest):
    one = Analysis.from_json(TEXT, manifest)
    assert one.judging == JudgingOptions()
    assert ["did not store how it judged" in warning for warning in one.warnings] == [True]


def test_an_analysis_of_today_needs_no_manifest():
    one = Analysis.from_json(TEXT, MANIFEST)
    assert Analysis.from_json(one.to_json()).judging == one.judging
    assert Analysis.from_json(one.to_json(), MANIFEST.replace("350", "400")).judging == one.judging


def as_of_schema_3(analysis):
    """The analysis as the version before plates were tracked wrote it."""
    document = json.loads(analysis.to_json()) | {"schema": 3}
    for lifter in (document, *document["others"]):
        for frame in lifter["frames"]:
            for plate in frame["measured"]["plates"]:
                del plate["track"], plate["is_followed"]
    return document


def test_plates_of_schema_3_were_detected_and_have_no_track():
    document = as_of_schema_3(analysis_of(Lift(reps=1, fps=15, view="side")))
    one = Analysis.from_json(json.dumps(document))
    assert wrong_in("analysis", json.loads(one.to_json())) == []
    plates = [plate for frame in one.frames for plate in frame.measured.plates]
    assert len(plates) == len(one.frames)
    assert {(plate.track, plate.is_followed) for plate in plates} == {(None, False)}


def test_an_analysis_of_schema_3_finds_the_same_bar_again():
    analysis = analysis_of(Lift(reps=2, view="side"))
    old = Analysis.from_json(json.dumps(as_of_schema_3(analysis)))
    again = judge_again(old, analysis.judging, lift_model.load_default())
    assert len(again.reps) == 2
    assert again.bar.source is BarSource.PLATE
    assert again.bar.px_per_unit == pytest.approx(analysis.bar.px_per_unit, rel=1e-3)
    off_px = [
        np.abs(a.bar_px - b.bar_px).max()
        for a, b in zip(again.frames, analysis.frames, strict=True)
    ]
    assert max(off_px) < 0.1


@pytest.mark.parametrize("damage", [{"plates": 7}, {"plates": [7]}, None, 7])
def test_damage_of_schema_3_is_refused(damage):
    document = as_of_schema_3(analysis_of(Lift(reps=1, fps=15, view="side")))
    document["frames"][0]["measured"] = damage
    with pytest.raises(UsageError):
        Analysis.from_json(json.dumps(document))


def test_it_can_be_judged_again():
    again = judge_again(
        Analysis.from_json(TEXT), JudgingOptions(height_cm=180), lift_model.load_default()
    )
    assert math.isfinite(again.summary.trunk_length_px)
    assert wrong_in("analysis", json.loads(again.to_json())) == []


@pytest.mark.parametrize(
    "path",
    [
        ("abstentions",), ("others",), ("bar",), ("bar", "unit"), ("frames",),
        ("frames", 0), ("frames", 0, "bar"), ("frames", 0, "measured"),
        ("frames", 0, "measured", "feet"), ("frames", 0, "measured", "plates"),
        ("frames", 0, "measured", "keypoints", 3), ("reps", 0, "unit"), ("summary",),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [7, "text", [1], {"a": 1}])
def test_damage_is_refused(path, value):
    *owners, last = path

    def damage(document):
        at = document
        for part in owners:
            at = at[part]
        at[last] = value

    with pytest.raises(UsageError):
        Analysis.from_json(changed(damage), MANIFEST)


def test_a_damaged_manifest_is_refused():
    for manifest in ("{", '{"options": {"plate_mm": "450"}}', '{"options": {"smooth_hz": 1000}}'):
        with pytest.raises(UsageError):
            Analysis.from_json(TEXT, manifest)
