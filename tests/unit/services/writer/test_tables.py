import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from analyses import NAN, POSE, analysis, fault, frame, lifter_set, nobody, rep, source_of, unseen
from builders import analysis_of

from services.writer.tables import analysis_document, analysis_json, frames_csv
from shared.data.messages import ANGLES, BarPath
from shared.data.recording import measured_of
from shared.data.skeleton import MPI_15
from synthetic import Lift

SET = analysis(warnings=("a <warning>",))


def document_of(one):
    return analysis_document(one, source_of(one), POSE)


def back(one):
    """The document as a strict reader gets it from the file's text."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(analysis_json(document_of(one)), parse_constant=refuse)


def test_the_contracts_fields_are_there():
    document = back(SET)
    for fields, of in (
        ("schema source pose frames reps faults summary", document),
        ("path sha256 width height duration_s frames fps", document["source"]),
        ("backend every skeleton", document["pose"]),
        ("index time_s score confidence phase keypoints pose_ms", document["frames"][0]),
        ("index start_s top_s end_s concentric_s eccentric_s rom_m", document["reps"][0]),
        ("mean_velocity_m_s score faults", document["reps"][0]),
        ("kind rep from_s to_s value unit threshold confidence cue", document["faults"][0]),
        ("score reps view warnings", document["summary"]),
    ):
        assert set(fields.split()) <= set(of)
    assert document == document_of(SET)
    assert document["summary"]["warnings"] == ["a <warning>", "the picture leans a little"]
    assert document["summary"]["faults"] == ["hips_shoot_up"]
    assert [r["faults"] for r in document["reps"]] == [[], ["hips_shoot_up"], []]


def test_the_file_has_a_line_a_frame():
    two = analysis(lifter_set(reps=1), lifter_set(reps=2, place=0.7))
    lines = [line.strip().rstrip(",") for line in analysis_json(document_of(two)).splitlines()]
    listed = [json.loads(line) for line in lines if line.startswith('{"index"')]
    assert listed == [f for one in two.lifters for f in document_of(analysis(one))["frames"]]
    assert back(two)["others"][0]["summary"]["reps"] == 2


def test_the_unknown_is_null():
    lifter = lifter_set(
        reps=2,
        faults=(fault(1, value=NAN),),
        score=NAN, tilt_deg=NAN, occlusion=NAN, turn_deg=NAN,
    )  # fmt: skip
    xy = lifter.frames[0].xy_px.copy()
    xy[4] = np.nan
    unsure = frame(0, 0.0, xy_px=xy, score=NAN, bar_px=np.full(2, NAN, np.float32), phase="")
    frames = (unsure, unseen(1, 0.1), *lifter.frames[2:])
    ended = rep(2, end_s=NAN, eccentric_s=NAN, partial="ends after the clip")
    document = back(analysis(replace(lifter, frames=frames, reps=(rep(1), ended))))
    first, second = document["frames"][:2]
    assert first["keypoints"][4] is None
    assert len(first["keypoints"][5]) == 3
    assert (first["score"], first["bar"], first["phase"]) == (None, None, None)
    assert second["keypoints"] == [None] * 15
    assert second["measured"] is None
    assert document["reps"][1]["end_s"] is None
    assert document["faults"][0]["value"] is None
    summary = document["summary"]
    assert (summary["score"], summary["tilt_deg"], summary["turn_deg"]) == (None, None, None)
    assert summary["partial_reps"] == 1


def test_a_clip_without_anybody_is_told():
    document = back(analysis(nobody(frames=3)))
    assert len(document["frames"]) == 3
    assert document["reps"] == document["faults"] == document["others"] == []
    assert document["summary"]["score"] is None
    assert document["bar"]["px_per_unit"] is None
    assert back(analysis(nobody(frames=0)))["frames"] == []


def test_metres_come_with_the_interval_of_their_scale():
    one = back(SET)["reps"][0]
    assert (one["rom_m"], one["unit"]) == (0.6, "m")
    # More pixels in a metre make less metres: 120 of 110 … 125.
    assert one["rom_m_interval"] == pytest.approx([0.6 * 120 / 125, 0.6 * 120 / 110], abs=1e-4)
    low, high = one["mean_velocity_m_s_interval"]
    assert low < one["mean_velocity_m_s"] < high


def test_without_a_scale_there_are_no_metres():
    relative = BarPath("wrists", "torso", 50.0, 48.0, 52.0, "no scale")
    one = back(analysis(lifter_set(bar=relative)))["reps"][0]
    assert (one["rom"], one["unit"]) == (0.6, "torso")
    metres = {name: value for name, value in one.items() if name.split("_interval")[0][-2:] == "_m"}
    assert metres
    assert set(metres.values()) == {None}
    assert one["mean_velocity_m_s"] is one["mean_velocity_m_s_interval"] is None


def test_what_was_measured_can_be_judged_again():
    for written, had in zip(back(SET)["frames"], SET.lifter.frames, strict=True):
        person, plates = measured_of(written["measured"])
        np.testing.assert_allclose(person.xy_px, had.person.xy_px, atol=0.006)
        np.testing.assert_allclose(plates, had.plates_px, atol=0.006)


def test_a_rendered_set_keeps_its_reps_and_plates():
    one = analysis_of(Lift(reps=2, fps=10, width_px=640, height_px=480, view="side"))
    document = back(one)
    assert document["summary"]["reps"] == 2
    assert [r["unit"] for r in document["reps"]] == ["m", "m"]
    for r in document["reps"]:
        low, high = r["rom_m_interval"]
        assert low < r["rom_m"] < high
        assert 0.3 < r["rom_m"] < 0.8
    assert {f["phase"] for f in document["frames"]} >= {"pull", "lockout", "lower"}


def test_the_table_has_a_row_a_frame():
    seen = lifter_set(reps=1)
    table = list(csv.reader(io.StringIO(frames_csv(document_of(analysis(seen))))))
    assert len(table) == 1 + len(seen.frames)
    assert {len(row) for row in table} == {len(table[0])}
    assert table[0][:8] == [
        "index", "time_s", "score", "confidence", "phase", "pose_ms", "bar_x_px", "bar_y_px",
    ]  # fmt: skip
    rest = [f"{name}_deg" for name in ANGLES]
    rest += [f"{joint}_{part}" for joint in MPI_15 for part in ("x_px", "y_px", "confidence")]
    assert table[0][8:] == [*rest, "filled"]
    row = dict(zip(table[0], table[9], strict=True))
    shown = seen.frames[8]
    assert float(row["LWrist_x_px"]) == pytest.approx(shown.xy_px[7, 0], abs=0.01)
    assert float(row["bar_y_px"]) == pytest.approx(shown.bar_px[1], abs=0.01)
    assert float(row["hip_deg"]) == pytest.approx(shown.angles[ANGLES.index("hip")], abs=0.06)
    assert (row["phase"], row["elbow_deg"]) == (shown.phase, "")


def test_the_table_leaves_empty_what_was_not_seen():
    [row] = csv.DictReader(io.StringIO(frames_csv(document_of(analysis(nobody(frames=1))))))
    assert (row["Head_x_px"], row["score"], row["bar_x_px"], row["knee_deg"]) == ("", "", "", "")
    assert row["index"] == "0"


def test_the_table_marks_what_was_filled_in():
    lifter = lifter_set(reps=1)
    filled = np.zeros(15, np.float32)
    filled[[4, 9]] = 1
    frames = (replace(lifter.frames[0], filled=filled), *lifter.frames[1:])
    one = analysis(replace(lifter, frames=frames))
    first, second, *_ = csv.DictReader(io.StringIO(frames_csv(document_of(one))))
    assert first["filled"] == "RWrist RKnee"
    assert second["filled"] == ""
