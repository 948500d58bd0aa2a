"""The comparison of two checkouts' analyses finds what differs, and nothing else."""

import json

import pytest
from builders import analysis_of, load_script

from synthetic import Lift

compare = load_script("benchmarks/compare.py")


@pytest.fixture
def results(tmp_path):
    """Two folders with the same result."""
    text = analysis_of(Lift(reps=1, fps=10)).to_json()
    for name in ("before", "after"):
        (tmp_path / name / "lift").mkdir(parents=True)
        (tmp_path / name / "lift" / "analysis.json").write_text(text)
    return tmp_path / "before", tmp_path / "after"


def changed(folder, change):
    path = folder / "lift" / "analysis.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_the_same_analyses_are_alike(results, capsys):
    assert compare.compare(*results) == 0
    assert " different: " not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (
            lambda d: d["frames"][3]["keypoints"][1].__setitem__(0, 17.5),
            "frames[3].keypoints[1][0]",
        ),
        (lambda d: d["reps"].clear(), "reps.length"),
        (lambda d: d["summary"].update(style="sumo"), "summary.style"),
        (lambda d: d["bar"].update(px_per_unit=None), "bar.px_per_unit"),
    ],
)
def test_one_changed_value_is_found(results, change, where, capsys):
    changed(results[1], change)
    assert compare.compare(*results) == 1
    assert where in capsys.readouterr().out.replace("\n", "").replace(" ", "")


def test_times_of_the_run_do_not_count(results):
    changed(results[1], lambda d: d["frames"][0].update(pose_ms=123.4))
    assert compare.compare(*results) == 0


def test_a_missing_result_is_a_difference(results, capsys):
    (results[1] / "lift" / "analysis.json").unlink()
    assert compare.compare(*results) == 1
    assert "no result after: lift" in capsys.readouterr().out


@pytest.mark.parametrize(("part", "status"), [("faults", 0), ("not_judged", 1)])
def test_only_the_reasons_of_faults_may_be_reworded(results, part, status):
    for folder, reason in zip(results, ("old words", "new words"), strict=True):
        changed(folder, lambda d, text=reason: d.update({part: [{"reason": text}]}))
    assert compare.compare(*results) == status
