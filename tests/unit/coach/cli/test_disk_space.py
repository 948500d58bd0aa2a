"""What results are expected to take on the disk."""

import shutil

import pytest

from coach.cli.disk_space import check_space
from shared.errors import OutputError

MB = 2**20


@pytest.mark.parametrize(
    ("kind", "video", "needed_mb"),
    [
        ("clip", True, 16 + 600),
        ("clip", False, 16),
        ("recording", True, 16 + 150),  # clips of its sets, and their annotated videos
        ("recording", False, 16 + 50),
    ],
)
def test_space_for_results_depends_on_what_is_written(
    kind, video, needed_mb, tmp_path, monkeypatch
):
    source = tmp_path / "film.mp4"
    with source.open("wb") as file:
        file.truncate(300 * MB)
    usage = shutil.disk_usage(tmp_path)

    def check(free_mb):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free_mb * MB))
        check_space([(source, kind)], tmp_path, video)

    check(needed_mb + 1)
    with pytest.raises(OutputError, match="GB left"):
        check(needed_mb - 1)
