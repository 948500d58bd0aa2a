import pytest

from services.writer.publish import is_published, publish, staging
from shared.data.job_options import JobOptions
from shared.data.manifest import FrameCounts, Manifest, ManifestSource
from shared.errors import OutputError

MANIFEST = Manifest(
    job="job",
    created_s=1.0,
    source=ManifestSource("/c.mp4", "ab" * 32),
    options=JobOptions("blazepose-full"),
    frames=FrameCounts(source=10, analysed=10),
)


def write_files(folder, text="x"):
    for name in ("analysis.json", "report.html"):
        (folder / name).write_text(text)


def test_result_appears_whole_with_its_manifest(tmp_path):
    out = tmp_path / "clip"
    with staging(out, "job") as folder:
        write_files(folder)
        assert not out.exists()
        publish(folder, out, MANIFEST)
    assert is_published(out, "job", 1.0)
    assert not is_published(out, "job", 2.0)  # an earlier run of the same job
    assert not is_published(out, "other", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["clip"]


def test_result_without_one_of_its_files_is_not_published(tmp_path):
    out = tmp_path / "clip"
    with staging(out, "job") as folder:
        write_files(folder)
        publish(folder, out, MANIFEST)
    (out / "report.html").unlink()
    assert not is_published(out, "job", 1.0)


def test_failure_keeps_the_old_result_and_leaves_nothing_else(tmp_path):
    out = tmp_path / "clip"
    with staging(out, "job") as folder:
        write_files(folder, "old")
        publish(folder, out, MANIFEST)

    def fail():
        with staging(out, "job") as folder:
            write_files(folder, "new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (out / "report.html").read_text() == "old"
    assert is_published(out, "job", 1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["clip"]


def test_folder_that_cannot_be_written_is_an_output_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--out"), staging(tmp_path / "file" / "clip", "job"):
        pass
