import hashlib
import json
import os
import socket
import sys
from dataclasses import replace

import pytest

from services.writer.contents import contents_of
from services.writer.publish import is_published, publish, staging
from shared import claims
from shared.claims import Owner
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


OWNER = Owner("/c.mp4", "ab" * 32)


def write_files(folder, text="x", names=("analysis.json", "report.html")):
    for name in names:
        (folder / name).write_text(text)


def publish_files(out, text, manifest=MANIFEST, names=("analysis.json", "report.html")):
    with staging(out, manifest.job) as folder:
        write_files(folder, text, names)
        publish(folder, out, manifest)


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


def test_only_what_a_dead_process_of_this_host_left_is_removed(tmp_path):
    for name in (str(os.getpid()), "9" * 30, str(os.getppid()), "lab2-7"):
        (tmp_path / f".job.{socket.gethostname()}-{name}.partial").mkdir()
    with staging(tmp_path / "clip", "job"):
        pass
    left = {path.name.removeprefix(f".job.{socket.gethostname()}-") for path in tmp_path.iterdir()}
    assert left == {f"{os.getppid()}.partial", "lab2-7.partial"}  # alive, and of another host


def test_another_sources_result_is_not_replaced(tmp_path):
    out = tmp_path / "clip"
    publish_files(out, "old")
    for path, said in (("/d.mp4", "/c.mp4"), ("/c.mp4", "earlier content of /c.mp4")):
        other = replace(MANIFEST, job="other", source=ManifestSource(path, "cd" * 32))
        with pytest.raises(OutputError, match=f"{said}.*--out"):
            publish_files(out, "new", other)
    assert (out / "report.html").read_text() == "old"
    assert is_published(out, "job", 1.0)


@pytest.mark.parametrize("name", ["report.html", "analysis.json", "manifest.json"])
def test_persons_own_file_is_not_replaced(tmp_path, name):
    out = tmp_path / "clip"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(OutputError, match=f"{name}.*move it away"):
        publish_files(out, "new")
    assert {path.name: path.read_text() for path in out.iterdir()} == {name: "mine"}


def test_file_that_was_edited_while_the_job_ran_is_not_replaced(tmp_path):
    out = tmp_path / "clip"
    publish_files(out, "old")
    (out / "report.html").write_text("with my notes")
    with pytest.raises(OutputError, match=r"report\.html.*changed since"):
        publish_files(out, "new")
    assert (out / "report.html").read_text() == "with my notes"
    assert (out / "analysis.json").read_text() == "old"


def test_file_in_place_of_a_folder_or_a_link_is_not_replaced(tmp_path):
    out, own = tmp_path / "clip", tmp_path / "own.html"
    publish_files(out, "old")
    own.write_text("old")
    (out / "report.html").unlink()
    (out / "report.html").symlink_to(own)
    with pytest.raises(OutputError, match=r"report\.html"):
        publish_files(out, "new")
    assert own.read_text() == "old"


def test_only_the_products_files_of_an_earlier_run_are_removed(tmp_path):
    out = tmp_path / "clip"
    publish_files(out, "old", names=("annotated.mp4", "frames.csv", "report.html"))
    (out / "annotated.mp4").write_text("mine")
    (out / "notes.txt").write_text("mine")
    publish_files(out, "new", names=("report.html",))
    left = {path.name: path.read_text() for path in out.iterdir() if path.name != "manifest.json"}
    assert left == {"report.html": "new", "annotated.mp4": "mine", "notes.txt": "mine"}
    assert is_published(out, "job", 1.0)


def test_longest_name_is_published(tmp_path):
    out = tmp_path / ("x" * 255)
    publish_files(out, "new")
    assert is_published(out, "job", 1.0)


def test_kill_at_any_line_leaves_a_folder_that_the_next_try_completes(tmp_path):
    line = 0
    while True:
        line += 1
        folder = tmp_path / f"{line}"
        folder.mkdir()
        out = folder / "clip"
        publish_files(out, "old", names=("annotated.mp4", "frames.csv", "report.html"))
        (out / "notes.txt").write_text("mine")
        claims.claim(out, OWNER)
        killed = publish_and_die(line, out)
        check_consistent(out)
        assert contents_of(out).owner == OWNER  # nobody else takes the folder meanwhile
        publish_files(out, f"newer {line}")
        check_consistent(out)
        assert is_published(out, "job", 1.0)
        names = ["analysis.json", "manifest.json", "notes.txt", "report.html"]
        assert sorted(path.name for path in out.iterdir()) == names
        assert (out / "notes.txt").read_text() == "mine"
        assert [path.name for path in folder.iterdir()] == ["clip"]
        if not killed:
            break
    assert line > 40


def publish_and_die(line, out):
    """Run `publish` in a process that is killed at a line of it; whether that line was reached."""
    child = os.fork()
    if child == 0:
        left = line

        def trace(frame, event, _):
            nonlocal left
            if not frame.f_code.co_filename.endswith("services/writer/publish.py"):
                return None
            left -= event == "line"
            if left == 0:
                os._exit(9)
            return trace

        sys.settrace(trace)
        publish_files(out, "new")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def check_consistent(out):
    """Fail if a folder has a manifest, and files that are not as it says."""
    if (out / "manifest.json").exists():
        manifest = json.loads((out / "manifest.json").read_text())
        for name, record in manifest["files"].items():
            content = (out / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == record["sha256"], name
