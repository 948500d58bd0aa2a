"""Where the result of each clip goes: one folder for one source."""

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from coach.cli import result_folders
from coach.cli.result_folders import ResultFolders
from coach.cli.submission import prepare
from services.writer.contents import contents_of
from services.writer.publish import publish, staging
from services.writer.results import VIDEO
from shared.data.job_options import JobOptions
from shared.data.manifest import FrameCounts, Manifest, ManifestSource
from shared.errors import OutputError
from shared.names import readable

OPTIONS = JobOptions("blazepose-full")


@pytest.fixture
def folders(clip, tmp_path):
    """Two folders with a clip of one name and one content."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        shutil.copy(clip, tmp_path / name / "IMG_0001.MOV")
    return [tmp_path / name / "IMG_0001.MOV" for name in ("a", "b", "c")]


def prepared(*clips, out, options=OPTIONS):
    jobs, refused = prepare(clips, out, options)
    assert refused == []
    return jobs


def finish(job, **files):
    """Publish a result of a job as the writer does."""
    out = Path(job.out)
    manifest = Manifest(
        job=job.id,
        created_s=job.created_s,
        source=ManifestSource(readable(job.source), job.sha256),
        options=job.options,
        frames=FrameCounts(1, 1),
    )
    with staging(out, job.id) as staged:
        for name in ("analysis.json", "report.html", "frames.csv"):
            (staged / name).write_text(f"{job.id} {name} {files}")
        if job.options.video:
            (staged / VIDEO).write_text(job.id)
        publish(staged, out, manifest)
    return out


def names(jobs):
    return [Path(job.out).name for job in jobs]


def test_one_name_in_one_command_gives_different_folders(folders, tmp_path, capsys):
    jobs = prepared(*folders, out=tmp_path / "out")
    assert names(jobs) == ["IMG_0001", "IMG_0001.MOV", "IMG_0001-2.MOV"]
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == 2
    assert f"its result goes to {tmp_path / 'out' / 'IMG_0001.MOV'}" in notes[0]
    assert str(folders[0]) in notes[0]


@pytest.mark.parametrize("done", [False, True])
def test_one_name_in_two_commands_gives_different_folders(folders, tmp_path, done, capsys):
    first, second, _ = folders
    [one] = prepared(first, out=tmp_path / "out")
    if done:
        finish(one)
    assert capsys.readouterr().err == ""
    [two] = prepared(second, out=tmp_path / "out")
    assert (Path(one.out).name, Path(two.out).name) == ("IMG_0001", "IMG_0001.MOV")
    assert one.id != two.id
    assert str(first) in capsys.readouterr().err
    # Both have their own folders again.
    for clip, job in ((second, two), (first, one)):
        if done:
            finish(job)
        assert names(prepared(clip, out=tmp_path / "out")) == [Path(job.out).name]


def test_own_folder_is_found_behind_one_that_was_removed(folders, tmp_path):
    one, two = (finish(job) for job in prepared(*folders[:2], out=tmp_path / "out"))
    shutil.rmtree(one)
    assert names(prepared(folders[1], out=tmp_path / "out")) == [two.name]
    assert names(prepared(folders[2], out=tmp_path / "out")) == [one.name]


def test_folders_of_many_clips_of_one_name_are_read_a_few_times_each(tmp_path, monkeypatch):
    reads = []

    def count(folder):
        reads.append(folder)
        return contents_of(folder)

    monkeypatch.setattr(result_folders, "contents_of", count)
    clips = [tmp_path / f"{number}" / "lift.mp4" for number in range(300)]
    first = ResultFolders(tmp_path, video=True)
    chosen = [first.choose(clip, "ab" * 32)[0] for clip in clips]
    assert [folder.name for folder in chosen[:3]] == ["lift", "lift.mp4", "lift-2.mp4"]
    assert chosen[-1].name == "lift-299.mp4"
    again = ResultFolders(tmp_path, video=True)
    assert [again.choose(clip, "ab" * 32)[0] for clip in reversed(clips)] == chosen[::-1]
    assert len(reads) < 6 * len(clips)


def test_commands_side_by_side_give_a_source_one_folder(tmp_path):
    a, b = tmp_path / "a" / "lift.mp4", tmp_path / "b" / "lift.mp4"
    one, two = ResultFolders(tmp_path, video=True), ResultFolders(tmp_path, video=True)
    for folders in (one, two):
        folders.choose(tmp_path / "c" / "lift.mp4", "ab" * 32)
    assert one.choose(a, "ab" * 32)[0].name == "lift.mp4"
    assert two.choose(b, "ab" * 32)[0].name == "lift-2.mp4"
    assert two.choose(a, "ab" * 32)[0].name == "lift.mp4"
    assert one.choose(b, "ab" * 32)[0].name == "lift-2.mp4"


def test_folder_that_may_not_be_read_refuses_its_clip_alone(clip, tmp_path, monkeypatch):
    def deny(folder):
        if folder.name == "clip":
            raise PermissionError(13, "Permission denied", str(folder))
        return contents_of(folder)

    (tmp_path / "out" / "clip").mkdir(parents=True)
    other = Path(shutil.copy(clip, tmp_path / "other.mp4"))
    monkeypatch.setattr(result_folders, "contents_of", deny)
    jobs, [error] = prepare([clip, other], tmp_path / "out", OPTIONS)
    assert names(jobs) == ["other"]
    assert isinstance(error, OutputError)
    assert str(clip) in str(error)


def test_persons_files_in_place_of_a_claim_refuse_their_clip_alone(clip, tmp_path):
    own = tmp_path / "out" / ".coach" / "clip" / "notes.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    other = Path(shutil.copy(clip, tmp_path / "other.mp4"))
    jobs, [error] = prepare([clip, other], tmp_path / "out", OPTIONS)
    assert names(jobs) == ["other"]
    assert f"move {own.parent} away" in str(error)
    assert own.read_text() == "mine"


def test_other_content_under_the_same_path_replaces_nothing(clip, tmp_path, capsys):
    [job] = prepared(clip, out=tmp_path / "out")
    finish(job)
    clip.write_bytes(clip.read_bytes() + b"\0")
    assert names(prepared(clip, out=tmp_path / "out")) == ["clip.mp4"]
    assert "an earlier content" in capsys.readouterr().err


def test_links_result_is_named_as_the_link(clip, tmp_path):
    link = tmp_path / "my best.mp4"
    link.symlink_to(clip)
    [job] = prepared(link, out=tmp_path / "out")
    assert (Path(job.out).name, job.source) == ("my best", str(link))


@pytest.mark.parametrize("name", ["notes.txt", "report.html", "annotated.mp4", "manifest.json"])
def test_folder_of_a_person_is_not_taken(clip, tmp_path, name, capsys):
    own = tmp_path / "out" / "clip" / name
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    assert names(prepared(clip, out=tmp_path / "out")) == ["clip.mp4"]
    assert str(own.parent) in capsys.readouterr().err
    assert not (tmp_path / "out" / ".coach" / "clip").exists()


def test_recording_that_was_cancelled_finds_the_folder_of_its_sets_again(clip, tmp_path):
    sets = tmp_path / "out" / clip.stem / "set-00-12-35"
    sets.mkdir(parents=True)
    (sets / "manifest.json").touch()
    [job] = prepared(clip, out=tmp_path / "out")
    assert Path(job.out) == sets.parent


def test_empty_folder_is_free(clip, tmp_path):
    (tmp_path / "out" / "clip").mkdir(parents=True)
    (tmp_path / "out" / "clip" / ".DS_Store").touch()
    assert names(prepared(clip, out=tmp_path / "out")) == ["clip"]


def test_result_that_a_person_edited_is_not_replaced(clip, tmp_path, capsys):
    [job] = prepared(clip, out=tmp_path / "out")
    (finish(job) / "report.html").write_text("with my notes")
    assert names(prepared(clip, out=tmp_path / "out")) == ["clip.mp4"]
    assert "report.html" in capsys.readouterr().err


def test_persons_file_that_no_result_overwrites_does_not_matter(clip, tmp_path):
    options = JobOptions("blazepose-full", video=False)
    [job] = prepared(clip, out=tmp_path / "out", options=options)
    out = finish(job)
    for name in ("annotated.mp4", "notes.txt"):
        (out / name).write_text("mine")
    assert names(prepared(clip, out=tmp_path / "out", options=options)) == ["clip"]
    finish(job)
    assert (out / "annotated.mp4").read_text() == "mine"
    assert names(prepared(clip, out=tmp_path / "out")) == ["clip.mp4"]  # with a video


def test_pictures_are_not_mixed_with_their_result(tmp_path, monkeypatch):
    folder = tmp_path / "pictures"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    cv2.imwrite(str(folder / "1.png"), np.full((8, 8, 3), 9, np.uint8))
    [job] = prepared(Path("pictures"), out=Path())
    assert Path(job.out) == tmp_path / "pictures-2"


def test_name_in_latin_1_is_shown_and_opened(clip, tmp_path):
    named = tmp_path / os.fsdecode(b"d\xe9adlift.mp4")
    shutil.copy(clip, named)
    [job] = prepared(named, out=tmp_path / "out")
    assert names([job]) == ["d_adlift"]
    assert job.source == str(named)
    manifest = json.loads((finish(job) / "manifest.json").read_text("utf-8"))
    assert manifest["source"]["path"] == str(tmp_path / r"d\xe9adlift.mp4")
    assert names(prepared(named, out=tmp_path / "out")) == ["d_adlift"]


@pytest.mark.parametrize("stem", ["挙" * 78, "x" * 251])
def test_names_up_to_the_limit_are_taken(clip, tmp_path, stem):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        shutil.copy(clip, tmp_path / name / f"{stem}.mp4")
    jobs = prepared(*sorted(tmp_path.glob("?/*.mp4")), out=tmp_path / "out")
    assert names(jobs)[0] == stem
    assert len({finish(job) for job in jobs}) == 3


def test_path_that_is_too_long_is_refused_before_the_work(clip, tmp_path):
    long = tmp_path / ("x" * 200 + ".mp4")
    shutil.copy(clip, long)
    out = tmp_path
    while len(str(out)) < 3900:
        out = out / ("d" * min(200, 3900 - len(str(out))))
    jobs, [error] = prepare([long, clip], out, OPTIONS)
    assert names(jobs) == ["clip"]
    assert isinstance(error, OutputError)
    assert str(long) in str(error)
    assert "shorter --out" in str(error)
    assert finish(jobs[0]).is_dir()
