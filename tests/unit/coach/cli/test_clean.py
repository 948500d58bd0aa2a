"""`coach clean`: only old results of Coach, only at allowed places, never through links."""

import json
import os
from dataclasses import replace

import pytest

from coach.cli import clean
from coach.cli.ages import seconds_of
from services.writer.contents import sha256_of
from services.writer.removal import find_results, remove_result
from shared import claims
from shared.claims import Owner
from shared.data.job_options import JobOptions
from shared.errors import UsageError
from shared.names import CLAIMS_FOLDER
from shared.queue.job import new_job
from shared.settings import Settings


@pytest.fixture
def out(tmp_path):
    """A folder for results; its path has no links."""
    (tmp_path / "out").mkdir()
    return (tmp_path / "out").resolve()


def publish(store, out, name, state="done", created_s=1000.0, sha256="ab" * 32, **values):
    """A job with a result of two files; its id."""
    folder = out / name
    folder.mkdir()
    job = replace(
        new_job(out.parent / f"{name}.mp4", sha256, folder, JobOptions("movenet")),
        state=state, created_s=created_s, progress_s=created_s, **values,
    )  # fmt: skip
    files = {}
    for file in ("analysis.json", "report.html"):
        (folder / file).write_text(f"{file} of {name}")
        files[file] = {"sha256": sha256_of(folder / file), "bytes": 1}
    source = {"path": job.source, "sha256": job.sha256}
    manifest = {"job": job.id, "created_s": created_s, "source": source, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    store.create(job)
    return job.id


@pytest.fixture
def run(valkey_url, capsys):
    """Runs the command; what it has removed."""

    def clean_up(*folders, jobs=(), older_than_s=86400.0, dry_run=False, **settings):
        chosen = Settings(redis_url=valkey_url, **settings)
        clean.run(folders, jobs, older_than_s, dry_run, chosen, True)
        return json.loads(capsys.readouterr().out)

    return clean_up


def test_old_result_and_its_record_go_together(store, out, run):
    old = publish(store, out, "old")
    young = publish(store, out, "young", created_s=4e9)
    running = publish(store, out, "running", state="running")
    assert [one["job"] for one in run(dry_run=True)] == [old]
    assert (out / "old" / "manifest.json").exists()
    [removed] = run()
    assert (removed["job"], removed["out"], removed["left"]) == (old, str(out / "old"), [])
    assert removed["bytes"] > 0
    assert {entry.name for entry in out.iterdir()} == {"young", "running"}
    assert {*store.ids()} == {young, running}
    with pytest.raises(UsageError, match="coach cancel"):
        run(jobs=[running])
    assert [one["job"] for one in run(jobs=[young])] == [young]


def test_a_persons_own_and_edited_files_stay(store, out, run):
    publish(store, out, "lift")
    (out / "lift" / "notes.txt").write_text("mine")
    (out / "lift" / "report.html").write_text("edited")
    [removed] = run()
    assert removed["left"] == ["notes.txt", "report.html"]
    assert {entry.name for entry in (out / "lift").iterdir()} == {"notes.txt", "report.html"}


def test_results_without_records_are_found_in_a_folder(client, store, out, run):
    (out / "camera" / "monday").mkdir(parents=True)
    job = publish(store, out / "camera" / "monday", "lift")
    client.flushdb()
    assert run() == []
    assert [one["job"] for one in run(out)] == [job]
    assert list(find_results(out)) == []
    assert (out / "camera" / "monday").is_dir()


def test_links_are_not_followed(client, store, out, run, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    publish(store, tmp_path / "elsewhere", "lift")
    publish(store, out, "linked")
    os.rename(out / "linked", tmp_path / "moved")
    (out / "linked").symlink_to(tmp_path / "moved")
    client.flushdb()
    (out / "folder").symlink_to(tmp_path / "elsewhere")
    assert run(out) == []
    assert (tmp_path / "elsewhere" / "lift" / "manifest.json").exists()
    assert (tmp_path / "moved" / "manifest.json").exists()


def test_file_that_is_a_link_stays(store, out, run, tmp_path):
    publish(store, out, "lift")
    os.rename(out / "lift" / "report.html", tmp_path / "report.html")
    (out / "lift" / "report.html").symlink_to(tmp_path / "report.html")
    [removed] = run()
    assert removed["left"] == ["report.html"]
    assert (tmp_path / "report.html").exists()


def test_places_that_are_not_allowed_are_left_alone(store, out, run, tmp_path, capsys):
    publish(store, out, "lift")
    (tmp_path / "allowed").mkdir()
    with pytest.raises(SystemExit):
        run(out_roots=[tmp_path / "allowed"])
    assert "COACH_OUT_ROOTS" in capsys.readouterr().err
    assert (out / "lift" / "manifest.json").exists()
    assert len(store.ids()) == 1
    with pytest.raises(UsageError, match="COACH_OUT_ROOTS"):
        run(out, out_roots=[tmp_path / "allowed"])


def test_result_of_a_later_job_at_the_same_place_stays(store, out, run):
    job = publish(store, out, "lift")
    manifest = json.loads((out / "lift" / "manifest.json").read_text())
    (out / "lift" / "manifest.json").write_text(json.dumps({**manifest, "job": "0" * 16}))
    [removed] = run()
    assert (removed["job"], removed["out"]) == (job, None)
    assert (out / "lift" / "report.html").exists()


@pytest.fixture
def recording(store, out):
    """A recording that was done long ago, with two sets; one has a person's file beside it."""
    job_id = publish(store, out, "day", kind="recording")
    for number, name in enumerate(("set-00-00-10", "set-00-12-35")):
        publish(store, out / "day", name, recording=job_id, sha256=f"{number}" * 64)
        (out / "day" / name / "clip.mp4").write_text(name)
        change(out / "day" / name, sha256_of(out / "day" / name / "clip.mp4"))
    (out / "day" / "set-00-12-35" / "clip.srt").write_text("mine")
    return job_id


def change(folder, sha256):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["source"]["sha256"] = sha256
    (folder / "manifest.json").write_text(json.dumps(manifest))


def left_in(out):
    return {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize("how", ["by age", "by id", "without records"])
def test_recording_goes_with_its_sets_and_their_clips(client, store, out, run, recording, how):
    if how == "without records":
        client.flushdb()
    removed = run(*([out] * (how != "by age")), jobs=[recording] if how == "by id" else ())
    assert len(removed) == 3
    assert left_in(out) == {"day/set-00-12-35/clip.srt"}
    assert store.ids() == []


def test_sets_stay_while_their_recording_does(client, store, out, run, recording):
    client.hset(f"coach:job:{recording}", "state", "running")
    there = left_in(out)
    sets = [job_id for job_id in store.ids() if job_id != recording]
    with pytest.raises(UsageError, match="has not ended"):
        run(jobs=sets[:1])
    assert run() == []
    for job_id in sets:  # their records may expire before
        store.forget(job_id)
    assert run(out) == []
    assert left_in(out) == there


@pytest.mark.parametrize("how", ["by age", "by id", "in its folder"])
def test_sets_whose_records_expired_before_go_with_their_recording(store, out, run, recording, how):
    for job_id in store.ids():
        if job_id != recording:
            store.forget(job_id)
    planned = plan_of(run, out, recording, how, dry_run=True)
    assert len(planned) == 3
    done = plan_of(run, out, recording, how)
    assert [one["job"] for one in done] == [one["job"] for one in planned]
    assert left_in(out) == {"day/set-00-12-35/clip.srt"}


def plan_of(run, out, recording, how, **options):
    jobs = [recording] if how == "by id" else ()
    return run(*([out] if how == "in its folder" else ()), jobs=jobs, **options)


def test_old_sets_stay_while_their_recordings_result_is_young(client, store, out, run, recording):
    manifest = out / "day" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "created_s": 4e9}))
    store.forget(recording)
    there = left_in(out)
    assert run() == run(out) == []  # with their records
    client.flushdb()
    assert run(out) == []  # and without them
    assert left_in(out) == there


def test_result_judged_again_in_a_results_folder_has_its_own_age(client, store, out, run):
    publish(store, out, "lift")
    publish(store, out / "lift", "rescored", created_s=4e9)
    client.flushdb()
    assert len(run(out)) == 1
    assert (out / "lift" / "rescored" / "manifest.json").exists()


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1y", "1e9d", "30 d"])
def test_what_is_no_age_is_refused(text):
    with pytest.raises(UsageError, match="is no age"):
        seconds_of(text)


def test_clip_submitted_while_its_old_result_is_removed_keeps_its_claim(
    store, out, run, monkeypatch
):
    old = publish(store, out, "old")
    job = store.get(old)
    owner = Owner.of(job.source, job.sha256)

    def remove(result, dry_run):
        claims.claim(out / "old", owner)
        store.create(replace(job, state="queued"))
        return remove_result(result, dry_run)

    monkeypatch.setattr(clean, "remove_result", remove)
    run(jobs=[old])
    assert store.is_active(old)
    assert (out / CLAIMS_FOLDER / "old").is_dir()
