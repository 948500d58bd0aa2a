"""`coach export` on stored results."""

import json
import time

import pytest
from analyses import IN_TRUNKS, analysis, lifter_set
from schemas import validate_result

from coach.cli import export
from services.writer.exports import Format
from services.writer.publish import publish, staging
from services.writer.results import manifest_of, write_data
from shared.data.job_options import JobOptions
from shared.errors import UsageError


def stored(folder, one):
    """A result's folder as the writer leaves it."""
    with staging(folder, one.job) as staged:
        write_data(one, {}, staged, time.time())
        publish(staged, folder, manifest_of(one, JobOptions("blazepose-full"), time.time()))
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_written_result_fits_the_published_schemas(tmp_path):
    validate_result(stored(tmp_path / "lift", analysis()))


def test_results_are_exported_beside_the_analysis(tmp_path):
    folder = stored(tmp_path / "lift", analysis())
    before = names(folder)
    assert export.run([folder], Format.TRC, None) == 0
    assert names(folder) == sorted([*before, "lift.trc"])


def test_several_results_go_into_one_folder_under_their_own_names(tmp_path, capsys):
    first, second = (stored(tmp_path / name, analysis()) for name in ("first", "second"))
    out = tmp_path / "made" / "exported"
    assert export.run([first, second / "analysis.json"], Format.CSV, out, as_json=True) == 0
    expected = ["first_frames.csv", "first_reps.csv", "second_frames.csv", "second_reps.csv"]
    assert names(out) == expected
    printed = json.loads(capsys.readouterr().out)
    assert [len(one["files"]) for one in printed] == [2, 2]
    assert printed[0]["analysis"] == str(first / "analysis.json")


def test_results_of_one_name_do_not_replace_each_other(tmp_path):
    folders = [stored(tmp_path / monday / "lift", analysis()) for monday in ("mon", "tue")]
    with pytest.raises(UsageError, match="lift"):
        export.run(folders, Format.CSV, tmp_path / "exported")
    assert not list((tmp_path / "exported").glob("*"))


def test_what_cannot_be_exported_is_named(tmp_path):
    folder = stored(tmp_path / "lift", analysis(lifter_set(bar=IN_TRUNKS)))
    with pytest.raises(UsageError, match=r"lift/analysis\.json.*--height-cm"):
        export.run([folder], Format.TRC, None)
    with pytest.raises(UsageError, match="nothing"):
        export.run([tmp_path / "nothing"], Format.TRC, None)
