import json

import pytest
from builders import analysis_of, run_coach
from services.writer.tables import PoseRecord, SourceRecord, analysis_document, analysis_json

from coach.cli import rescore
from services.scorer.score import posture_model
from shared.data.job_options import SMOOTH_HZ, JobOptions
from shared.errors import UsageError
from synthetic import Lift

OPTIONS = JobOptions("blazepose-full")
SET = Lift(reps=2, view="side", fault="hips_shoot_up", severity=22, second_lifter=True)


@pytest.fixture(scope="module")
def document():
    analysis = analysis_of(SET)
    frames = len(analysis.lifter.frames)
    source = SourceRecord("/clips/set.mp4", "ab" * 32, 1280, 960, frames / 30, frames, 30.0)
    return analysis_document(analysis, source, PoseRecord("blazepose-full", 1))


@pytest.fixture
def stored(document, tmp_path):
    (tmp_path / "set").mkdir()
    path = tmp_path / "set" / "analysis.json"
    path.write_text(analysis_json(document))
    return path


def test_judging_again_gives_the_same(document, stored):
    assert rescore.run([stored], None, OPTIONS, None, as_json=False) == 0
    again = json.loads((stored.parent / "rescored" / "analysis.json").read_text())
    assert json.loads(stored.read_text()) == document  # what was stored stays
    for one, other in zip([document, *document["others"]], [again, *again["others"]], strict=True):
        assert other["summary"]["score"] == pytest.approx(one["summary"]["score"], abs=0.005)
        assert [rep["start_s"] for rep in one["reps"]] == [rep["start_s"] for rep in other["reps"]]
        assert [f["kind"] for f in one["faults"]] == [f["kind"] for f in other["faults"]]
    assert {path.name for path in (stored.parent / "rescored").iterdir()} == {
        "analysis.json", "frames.csv", "report.html", "manifest.json",
    }  # fmt: skip


def test_another_model_and_another_plate_change_the_result(document, stored, tmp_path):
    model = posture_model.load_default()
    path = tmp_path / "model.json"
    type(model)(**{**vars(model), "intercept": 5.0}).save(path)
    options = JobOptions("blazepose-full", plate_mm=400)
    rescore.run([stored], tmp_path / "again", options, path, as_json=False)
    again = json.loads((tmp_path / "again" / "set" / "analysis.json").read_text())
    assert again["summary"]["score"] > document["summary"]["score"] + 0.1
    smaller = again["reps"][0]["rom_m"] / document["reps"][0]["rom_m"]
    assert smaller == pytest.approx(400 / 450, rel=0.01)


def ranges(folder):
    """The range of motion in metres that an analysis tells of its repetitions."""
    return [rep["rom_m"] for rep in json.loads((folder / "analysis.json").read_text())["reps"]]


def with_plate(stored, plate_mm):
    """Say in the manifest beside an analysis with which plate it was made."""
    options = {"backend": "blazepose-full", "plate_mm": plate_mm, "height_cm": 0.0}
    (stored.parent / "manifest.json").write_text(json.dumps({"options": options}))


def test_the_plate_stays_the_first_times_where_none_is_given(stored, tmp_path):
    with_plate(stored, 400)
    usual = run_coach("analyze", "--rescore", str(stored), "--out", str(tmp_path / "usual"))
    asked = run_coach(
        "analyze", "--rescore", str(stored), "--plate-mm", "450", "--out", str(tmp_path / "asked")
    )
    assert (usual.returncode, asked.returncode) == (0, 0)
    usual_m, asked_m = (ranges(tmp_path / name / "set") for name in ("usual", "asked"))
    assert usual_m == pytest.approx([400 / 450 * range_m for range_m in asked_m], rel=0.01)
    # What was judged again says so, and can be judged once more.
    manifest = json.loads((tmp_path / "usual" / "set" / "manifest.json").read_text())
    assert manifest["options"] == {"plate_mm": 400.0, "height_cm": 0.0, "smooth_hz": SMOOTH_HZ}
    once_more = tmp_path / "usual" / "set" / "analysis.json"
    rescore.run([once_more], tmp_path / "more", OPTIONS, None, as_json=False, given=())
    assert ranges(tmp_path / "more" / "set") == pytest.approx(usual_m, rel=0.01)


@pytest.mark.parametrize("text", ["{", "[]", '{"options": {"plate_mm": "x"}}', '{"options": 3}'])
def test_a_damaged_manifest_is_refused_by_name(stored, text):
    (stored.parent / "manifest.json").write_text(text)
    with pytest.raises(UsageError, match="manifest"):
        rescore.run([stored], None, OPTIONS, None, as_json=False, given=())


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda d: d.pop("frames"), "no analysis"),
        (lambda d: d["frames"][0].pop("measured"), "measured"),
        (lambda d: d["frames"][3]["measured"].update(box=[1, 2]), "box"),
        (lambda d: d["frames"][3]["measured"].update(turn_deg="x"), "turn_deg"),
    ],
)
def test_a_damaged_analysis_is_refused_by_name(stored, damage, what):
    content = json.loads(stored.read_text())
    damage(content)
    stored.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=rf"analysis\.json.*{what}"):
        rescore.run([stored], None, OPTIONS, None, as_json=False)
    assert not (stored.parent / "rescored").exists()


def test_the_analysis_itself_is_never_overwritten(stored):
    with pytest.raises(UsageError, match="--out"):
        rescore.run([stored], stored.parents[1], OPTIONS, None, as_json=False)


def test_the_command_needs_clips_or_analyses_and_says_so(tmp_path):
    nothing = run_coach("analyze")
    assert nothing.returncode == 2
    assert "which clips" in nothing.stderr
    missing = run_coach("analyze", "--rescore", str(tmp_path / "none.json"))
    assert missing.returncode == 2
    assert "none.json" in missing.stderr
