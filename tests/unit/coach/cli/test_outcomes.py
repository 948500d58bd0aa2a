"""What `coach analyze` prints of a finished job."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from analyses import NAN, analysis, changed, lifter_set, nobody

from coach.cli.outcomes import print_outcomes
from services.writer import report
from shared.data.analysis import Verdict
from shared.data.job_options import JobOptions
from shared.queue.job import new_job

UNSCORED = {
    "score": NAN,
    "score_interval": None,
    "verdict": Verdict.NONE,
    "unscored": "no score: …",
}


def printed(one, folder, capsys, as_json=False):
    job = new_job(Path("/clips/lift.mp4"), "ab" * 32, folder, JobOptions("movenet"))
    (folder / "analysis.json").write_text(one.to_json())
    print_outcomes([replace(job, state="done")], as_json)
    return capsys.readouterr()


@pytest.mark.parametrize(
    ("lifter", "said"),
    [
        (lifter_set(), "Hips shoot up in rep 2; 3 reps; score 0.74 (0.63–0.82)"),
        (
            lifter_set(faults=(), not_judged=()),
            "Good set; 3 reps, no fault seen; score 0.74 (0.63–0.82)",
        ),
        (
            lifter_set(faults=(), not_judged=(), **UNSCORED),
            "No score for this set; 3 reps, no fault seen; no score: …",
        ),
        (
            changed(lifter_set(), reps=(), faults=()),
            "No rep in this clip; the bar was not seen to go from the floor to lockout",
        ),
    ],
)
def test_the_line_says_what_the_report_says(lifter, said, tmp_path, capsys):
    one = analysis(lifter)
    err = printed(one, tmp_path, capsys).err
    assert f"/clips/lift.mp4: {said}" in err
    assert report.headline_of(one).title in report.render(one, {})
    assert err.splitlines()[0].endswith(f" → {tmp_path}")


def test_notes_follow_and_nothing_is_said_twice(tmp_path, capsys):
    assert "  note: the picture leans a little" in printed(analysis(), tmp_path, capsys).err
    without = analysis(nobody(), warnings=("nobody was found in this clip",))
    err = printed(without, tmp_path, capsys).err
    assert err.count("obody was found") == 1


def test_scripts_get_the_interval_and_the_verdict(tmp_path, capsys):
    [outcome] = json.loads(printed(analysis(), tmp_path, capsys, as_json=True).out)
    assert outcome["score_interval"] == [0.63, 0.82]
    assert outcome["verdict"] == "good"  # as in analysis.json
    assert outcome["warnings"] == ["the picture leans a little"]
    [outcome] = json.loads(
        printed(analysis(lifter_set(**UNSCORED)), tmp_path, capsys, as_json=True).out
    )
    assert (outcome["score"], outcome["score_interval"], outcome["verdict"]) == (None, None, "")
