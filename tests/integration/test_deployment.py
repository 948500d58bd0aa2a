"""Jobs through a running deployment: real worker processes on a real server."""

import json
from pathlib import Path

import pytest
from builders import run_coach, wait_for, wait_for_end, write_clip

from shared.queue import keys

pytestmark = pytest.mark.slow


def submit(deployment, out, *clips):
    done = deployment.coach("submit", *map(str, clips), "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ended(deployment, job):
    return deployment.status(job)["state"] in ("done", "failed", "cancelled")


@pytest.mark.parametrize(
    "any_url",
    ["valkey_url", pytest.param("redis_server_url", marks=pytest.mark.thorough)],
    indirect=True,
)
def test_job_goes_through_all_workers_and_status_shows_it(deployment, models, short_film, tmp_path):
    for service in ("decoder", "pose", "scorer", "writer"):
        deployment.worker(service)
    [job] = submit(deployment, tmp_path / "out", short_film)
    assert set(job) == {"job", "source", "out"}
    assert job["source"] == str(short_film)
    wait_for(lambda: ended(deployment, job["job"]), 90, "the job to end")
    asked = deployment.coach("status", job["job"], "--json")
    assert asked.returncode == 0, asked.stderr
    final = json.loads(asked.stdout)
    assert final["state"] == "done", final
    assert final["error"] is None
    assert final["out"] == str(tmp_path / "out" / short_film.stem)
    frames = final["progress"]["frames"]
    assert final["progress"] == {
        name: frames for name in ("decoded", "posed", "scored", "written", "frames")
    }
    files = {p.name for p in Path(final["out"]).iterdir()}
    assert files == {
        "annotated.mp4", "analysis.json", "frames.csv", "report.html", "manifest.json",
    }  # fmt: skip
    listed = json.loads(deployment.coach("status", "--json").stdout)
    assert [entry["job"] for entry in listed] == [job["job"]]


def test_burst_workers_end_and_a_vanished_source_fails_no_other_job(on_valkey, models, tmp_path):
    good, gone = (write_clip(tmp_path / name) for name in ("good.mp4", "gone.mp4"))
    jobs = submit(on_valkey, tmp_path / "out", gone, good)
    gone.unlink()
    workers = [
        on_valkey.worker(s, "--burst") for s in ("writer", "scorer", "pose", "decoder")
    ]  # the wrong way round: each waits for those before it
    for worker in workers:
        assert wait_for_end(worker, 180) == 0
    assert on_valkey.client.xinfo_consumers(keys.KEYPOINTS, keys.SCORER_GROUP) == []
    failed, done = (on_valkey.status(job["job"]) for job in jobs)
    assert failed["state"] == "failed"
    assert "gone.mp4" in failed["error"]
    assert done["state"] == "done"
    assert not (tmp_path / "out" / "gone").exists()


@pytest.mark.parametrize(
    ("backend", "environment", "message"),
    [
        ("blazepose-full", {"COACH_ENGINE": "onnxruntime"}, "reads ONNX networks only"),
        ("openpose-mpi", {"COACH_OPENPOSE_WEIGHTS": "/nonexistent"}, "/nonexistent"),
    ],
)
def test_pose_worker_with_wrong_settings_ends_and_fails_no_job(
    on_valkey, models, clip, tmp_path, backend, environment, message
):
    environment = {"COACH_MODELS_DIR": str(tmp_path / "models"), **environment}
    if backend == "blazepose-full":
        environment.pop("COACH_MODELS_DIR")
    done = on_valkey.coach(
        "submit", str(clip), "--out", str(tmp_path / "out"), "--backend", backend, "--json"
    )
    [job] = json.loads(done.stdout)
    on_valkey.worker("decoder")
    wait_for(lambda: on_valkey.status(job["job"])["progress"]["decoded"] == 40, 60)
    bad = on_valkey.worker("pose", "--backend", backend, **environment)
    assert bad.wait(60) == 2
    assert message in (tmp_path / "pose-1.log").read_text()
    assert on_valkey.status(job["job"])["state"] == "running"


def test_source_changed_after_submission_fails_its_job(on_valkey, models, clip, tmp_path):
    [job] = submit(on_valkey, tmp_path / "out", clip)
    write_clip(clip, frames=10)
    on_valkey.worker("decoder", "--burst").wait(60)
    assert "has changed" in on_valkey.status(job["job"])["error"]


def test_unknown_job_is_refused(on_valkey):
    done = on_valkey.coach("status", "nonsense", "--json")
    assert done.returncode == 2
    assert "nonsense" in done.stderr


@pytest.mark.parametrize("arguments", [("status",), ("submit", "clip.mp4")])
def test_unreachable_server_ends_with_one_clear_line(arguments, tmp_path, clip, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run_coach(*arguments, "--redis", "redis://127.0.0.1:1/0")
    assert done.returncode == 2, done.stderr
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr
