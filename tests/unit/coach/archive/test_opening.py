"""What is refused before any recording is looked at."""

import pytest

from coach.archive.opening import open_archive
from shared.errors import OutputError


@pytest.mark.parametrize("name", ["index.html", "summary.csv", ".coach-archive.jsonl"])
def test_folder_called_like_a_file_of_the_results_is_refused_first(tmp_path, name):
    (tmp_path / "archive").mkdir()
    (tmp_path / "out" / name).mkdir(parents=True)
    sources, out = [str(tmp_path / "archive")], str(tmp_path / "out")
    with (
        pytest.raises(OutputError, match="rename the folder"),
        open_archive(sources, out, None, tmp_path / "spool", 10**9, True, dry_run=False),
    ):
        pass
