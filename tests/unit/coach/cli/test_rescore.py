import json
from dataclasses import replace

import pytest
from builders import analysis_of, run_coach

from coach.cli import rescore
from coach.files import load
from services.scorer.score import lift_model
from shared.data.job_options import JudgingOptions
from shared.errors import UsageError
from synthetic import Lift

OPTIONS = JudgingOptions()
SET = Lift(reps=2, view="side", fault="hips_shoot_up", severity=22, second_lifter=True)


@pytest.fixture(scope="module")
def analysis():
    return analysis_of(SET)


@pytest.fixture
def stored(analysis, tmp_path):
    (tmp_path / "set").mkdir()
    path = tmp_path / "set" / "analysis.json"
    path.write_text(analysis.to_json())
    return path


def test_judging_again_gives_the_same(analysis, stored):
    before = stored.read_bytes()
    assert rescore.run([stored], None, OPTIONS, None, as_json=False) == 0
    again = load(stored.parent / "rescored")
    assert stored.read_bytes() == before  # what was stored stays
    for one, other in zip(analysis.lifters, again.lifters, strict=True):
        assert other.score == pytest.approx(one.score, abs=0.005)
        starts = [rep.start_s for rep in one.reps]
        assert [rep.start_s for rep in other.reps] == pytest.approx(starts, abs=1e-4)
        assert [fault.kind for fault in other.faults] == [fault.kind for fault in one.faults]
    assert {path.name for path in (stored.parent / "rescored").iterdir()} == {
        "analysis.json", "frames.csv", "report.html", "manifest.json",
    }  # fmt: skip


def test_another_model_and_another_plate_change_the_result(analysis, stored, tmp_path):
    model = lift_model.load_default()
    path = tmp_path / "model.json"
    replace(model, intercept=5.0).save(path)
    options = JudgingOptions(plate_mm=400)
    rescore.run([stored], tmp_path / "again", options, path, False, given=["plate_mm"])
    again = load(tmp_path / "again" / "set")
    assert again.score > analysis.score + 0.1
    smaller = again.reps[0].rom_m / analysis.reps[0].rom_m
    assert smaller == pytest.approx(400 / 450, rel=0.01)


def ranges(folder):
    """The range of motion of an analysis's repetitions, metres."""
    return [rep.rom_m for rep in load(folder).reps]


def test_the_plate_stays_the_first_times_where_none_is_given(tmp_path):
    (tmp_path / "set").mkdir()
    stored = tmp_path / "set" / "analysis.json"
    stored.write_text(analysis_of(SET, plate_mm=400.0).to_json())
    usual = run_coach("analyze", "--rescore", str(stored), "--out", str(tmp_path / "usual"))
    asked = run_coach(
        "analyze", "--rescore", str(stored), "--plate-mm", "450", "--out", str(tmp_path / "asked")
    )
    assert (usual.returncode, asked.returncode) == (0, 0)
    usual_m, asked_m = (ranges(tmp_path / name / "set") for name in ("usual", "asked"))
    assert usual_m == pytest.approx([400 / 450 * range_m for range_m in asked_m], rel=0.01)
    # What was judged again says so, and can be judged once more.
    manifest = json.loads((tmp_path / "usual" / "set" / "manifest.json").read_text())
    assert manifest["rescored"]
    assert manifest["options"]["judging"]["plate_mm"] == 400
    rescore.run([tmp_path / "usual" / "set"], tmp_path / "more", OPTIONS, None, as_json=False)
    assert ranges(tmp_path / "more" / "set") == pytest.approx(usual_m, rel=0.01)


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda d: d.pop("frames"), "frames"),
        (lambda d: d["frames"][0].pop("measured"), "measured"),
        (lambda d: d["frames"][3]["measured"]["person"].update(box_px=[1, 2]), "box_px"),
        (lambda d: d["frames"][3]["measured"]["person"].update(turn_deg="x"), "turn_deg"),
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


def test_results_of_one_name_do_not_replace_each_other(stored, tmp_path):
    other = tmp_path / "other" / "set"
    other.mkdir(parents=True)
    (other / "analysis.json").write_bytes(stored.read_bytes())
    with pytest.raises(UsageError, match=r"twice \(set\)"):
        rescore.run([stored, other], tmp_path / "again", OPTIONS, None, as_json=False)
    assert not (tmp_path / "again").exists()
