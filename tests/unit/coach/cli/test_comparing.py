"""`coach analyze --compare`: an earlier set beside a finished one."""

import json
import os
import time
from dataclasses import replace
from datetime import date

import pytest
from analyses import analysis, changed, fault, lifter_set
from builders import FILMED, analysis_of, run_coach
from schemas import validate_result

from coach.cli import comparing
from coach.files import load, load_earlier, report
from services.writer.publish import publish, staging
from services.writer.results import manifest_of, write_data
from shared.data.job_options import JobOptions
from shared.errors import OutputError, SourceError, UsageError
from shared.media.fingerprint import fingerprint
from shared.queue.job import new_job
from shared.settings import Settings

OPTIONS = JobOptions("blazepose-full")

#: Noon of 30 October 2026, so that it is this day in all time zones of the tests.
OCTOBER_S = 1793361600.0


def stored(folder, one, created_s=OCTOBER_S, video=b"a film"):
    """A result's folder as the writer leaves it."""
    with staging(folder, one.job) as staged:
        write_data(one, {}, staged, created_s)
        (staged / "annotated.mp4").write_bytes(video)
        publish(staged, folder, manifest_of(one, OPTIONS, created_s))
    return folder


@pytest.fixture
def earlier(tmp_path):
    (tmp_path / "then").mkdir()
    return stored(tmp_path / "then" / "october", analysis(lifter_set(), path="/clips/october.mp4"))


@pytest.fixture
def done(film, tmp_path):
    """A job that is done, and its result."""
    job = replace(new_job(film, fingerprint(film), tmp_path / "out" / "set", OPTIONS), state="done")
    one = analysis_of(FILMED)
    source = replace(one.source, path=str(film), sha256=job.sha256)
    (tmp_path / "out").mkdir()
    stored(tmp_path / "out" / "set", replace(one, source=source, job=job.id), time.time())
    return job


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_earlier_set_is_read_with_its_date(earlier):
    for path in (earlier, earlier / "analysis.json"):
        found = comparing.read_earlier(path)
        assert found.analysed_on == date(2026, 10, 30)
        assert len(found.analysis.reps) == 3


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"created_s": "x"}', '{"created_s": 1e99}'])
def test_without_a_manifest_its_date_is_unknown(earlier, manifest):
    (earlier / "manifest.json").unlink()
    if manifest is not None:
        (earlier / "manifest.json").write_text(manifest)
    assert load_earlier(earlier).analysed_on is None


@pytest.mark.parametrize("damage", ["", "{", '{"schema": 99}'])
def test_a_damaged_earlier_set_is_refused_by_name(earlier, damage):
    (earlier / "analysis.json").write_text(damage)
    with pytest.raises(UsageError, match=r"--compare: .*october/analysis\.json"):
        comparing.read_earlier(earlier)


def test_only_the_report_of_a_result_changes(done, earlier, tmp_path):
    out = tmp_path / "out" / "set"
    before = content(out)
    comparing.show_beside([done], comparing.read_earlier(earlier), Settings())
    after = content(out)
    assert set(after) == set(before)
    differing = {name for name in after if after[name] != before[name]}
    assert differing == {"report.html", "manifest.json"}
    page = after["report.html"].decode()
    assert "Beside your earlier set" in page
    assert "30 October 2026" in page
    assert "data:image/jpeg" in page  # with photographs
    validate_result(out)
    assert os.listdir(tmp_path / "out") == ["set"]  # nothing is left beside it


def test_where_files_cannot_be_linked_they_are_copied(done, earlier, tmp_path, monkeypatch):
    def refuse(source, place):
        raise PermissionError(1, "no hard links")

    monkeypatch.setattr(os, "link", refuse)
    before = content(tmp_path / "out" / "set")
    comparing.show_beside([done], comparing.read_earlier(earlier), Settings())
    after = content(tmp_path / "out" / "set")
    assert after["annotated.mp4"] == before["annotated.mp4"]
    assert b"Beside your earlier set" in after["report.html"]


def test_jobs_that_failed_have_nothing_to_compare(done, earlier, tmp_path):
    before = content(tmp_path / "out" / "set")
    failed = replace(done, state="failed")
    comparing.show_beside([failed], comparing.read_earlier(earlier), Settings())
    assert content(tmp_path / "out" / "set") == before


def test_a_result_that_cannot_be_completed_stays_as_it_is(done, earlier, clip, tmp_path):
    out = tmp_path / "out" / "set"
    before = content(out)
    found = comparing.read_earlier(earlier)
    with pytest.raises(SourceError, match="analyse it again"):
        comparing.show_beside([replace(done, source=str(clip))], found, Settings())
    assert content(out) == before
    (out / "manifest.json").write_text("{}")
    with pytest.raises(OutputError, match=r"manifest\.json"):
        comparing.show_beside([done], found, Settings())


def test_the_command_refuses_a_missing_set_before_any_work(clip, tmp_path):
    out, missing = tmp_path / "out", tmp_path / "nowhere"
    ended = run_coach("analyze", str(clip), "--compare", str(missing), "--out", str(out))
    assert ended.returncode == 2
    assert f"error: --compare: there is no {missing}" in ended.stderr
    assert not out.exists()


def test_a_rescored_set_is_compared_too(earlier, tmp_path):
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "analysis.json").write_text(analysis_of(FILMED).to_json())
    ended = run_coach("analyze", "--rescore", str(tmp_path / "now"), "--compare", str(earlier))
    assert ended.returncode == 0, ended.stderr
    page = (tmp_path / "now" / "rescored" / "report.html").read_text()
    assert "Earlier: october.mp4" in page
    assert json.loads((tmp_path / "now" / "rescored" / "manifest.json").read_text())["rescored"]


def test_in_python_an_analysis_or_its_place_is_compared(earlier, tmp_path):
    one = analysis(changed(lifter_set(), faults=(fault(1),)))
    for compare in (load(earlier), earlier, str(earlier / "analysis.json")):
        report(one, tmp_path / "report.html", compare=compare, analysed_on=date(2026, 11, 27))
        page = (tmp_path / "report.html").read_text()
        assert "Earlier: october.mp4" in page
        assert "27 November 2026" in page
        assert ("30 October 2026" in page) == (compare is not None and not hasattr(compare, "reps"))
