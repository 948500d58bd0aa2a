"""Sources and results stay inside the allowed folders, whatever links are put where, and when."""

import os

import numpy as np
import pytest
from builders import write_clip
from PIL import Image

from shared.errors import CoachError, OutputError, UsageError
from shared.media import containers
from shared.media.breakoff import breaks_off
from shared.media.limits import SourceLimits, allowed_folder, check_unmoved
from shared.media.picture_file import opened_picture
from shared.media.source import open_source

SECRET, PUBLIC = 250, 20


def picture(path, grey):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((48, 64, 3), grey, np.uint8)).save(path)
    return path


@pytest.fixture
def inside(tmp_path):
    folder = tmp_path / "allowed"
    folder.mkdir()
    return folder


@pytest.fixture
def secret(tmp_path):
    """A folder outside, with pictures and a film."""
    folder = tmp_path / "secret"
    for name in ("1.png", "2.png", "3.png"):
        picture(folder / name, SECRET)
    write_clip(folder / "a.mp4", frames=3)
    return folder


@pytest.fixture
def limits(inside):
    return SourceLimits(roots=(inside,))


def swap(path, target):
    """Put a link in the place of a file or folder, as `ln -sfn` does: in one step."""
    link = path.with_name(".new")
    link.symlink_to(target)
    if path.is_dir():
        path.rename(path.with_name(".old"))
    os.replace(link, path)


@pytest.mark.parametrize(
    "name",
    [
        "link.png",
        "link.mp4",
        "folder",
        "folder/1.png",
        "chain.png",
        "sequence",
        "deep/link/1.png",
        "../secret/1.png",
        "folder/../secret/1.png",
        "deep/link/../../secret/a.mp4",
    ],
)
def test_links_at_every_level_are_resolved(inside, secret, limits, name):
    (inside / "link.png").symlink_to(secret / "1.png")
    (inside / "link.mp4").symlink_to("../secret/a.mp4")
    (inside / "folder").symlink_to(secret)
    (inside / "chain.png").symlink_to("link.png")
    (inside / "deep").mkdir()
    (inside / "deep" / "link").symlink_to("../folder")
    picture(inside / "sequence" / "1.png", PUBLIC)
    (inside / "sequence" / "2.png").symlink_to(secret / "2.png")
    with pytest.raises(CoachError):
        open_source(inside / name, limits)


def test_links_within_the_roots_are_followed(inside, limits):
    picture(inside / "real" / "1.png", PUBLIC)
    (inside / "link").symlink_to("real")
    (inside / "link.png").symlink_to("link/1.png")
    for name in ("link", "link.png", "link/1.png", "real/../link/1.png"):
        with open_source(inside / name, limits) as source:
            assert len(list(source.frames())) == 1


def test_links_put_into_a_sequence_while_it_is_read_are_refused(inside, secret, limits):
    for name in ("1.png", "2.png", "3.png"):
        picture(inside / "sequence" / name, PUBLIC)
    with open_source(inside / "sequence", limits) as source:
        frames = source.frames()
        assert next(frames).image.mean() == PUBLIC
        swap(inside / "sequence" / "2.png", secret / "2.png")
        with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
            next(frames)


def test_a_folder_swapped_while_it_is_read_is_refused(inside, secret, limits):
    for name in ("1.png", "2.png"):
        picture(inside / "sequence" / name, PUBLIC)
    with open_source(inside / "sequence", limits) as source:
        swap(inside / "sequence", secret)
        with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
            list(source.frames())


def test_a_picture_swapped_after_it_was_opened_is_refused(inside, secret, limits):
    path = picture(inside / "a.png", PUBLIC)
    with open_source(path, limits) as source:
        swap(path, secret / "1.png")
        with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
            list(source.frames())


def open_picture(path, limits):
    with opened_picture(path, limits):
        pass


@pytest.mark.parametrize(
    ("opening", "target"),
    [(containers.open_container, "a.mp4"), (open_picture, "1.png"), (breaks_off, "a.mp4")],
)
def test_what_is_opened_counts_and_not_what_was_checked(inside, secret, limits, opening, target):
    path = inside / "a.mp4"
    path.symlink_to(secret / target)
    with pytest.raises(UsageError, match="COACH_SOURCE_ROOTS"):
        opening(path, limits)


def test_ffmpeg_opens_the_file_that_was_checked(inside, secret, limits, monkeypatch):
    path = write_clip(inside / "a.mp4", frames=5)
    really_open = containers.av.open

    def swap_and_open(name, **options):
        swap(path, secret / "a.mp4")  # at the last moment
        return really_open(name, **options)

    monkeypatch.setattr(containers.av, "open", swap_and_open)
    with containers.open_container(path, limits) as container:
        assert container.streams.video[0].frames == 5


def test_a_pipe_in_the_place_of_a_file_does_not_block(inside, limits):
    os.mkfifo(inside / "a.png")
    with pytest.raises(CoachError, match="not a file"):
        limits.open(inside / "a.png")


def folder(path, root):
    return allowed_folder(path, [root], "COACH_OUT_ROOTS")


def test_result_folders_stay_below_the_roots(inside, secret):
    (inside / "link").symlink_to(secret)
    (inside / "real").mkdir()
    (inside / "near").symlink_to("real")
    (inside / "round").symlink_to("round")
    for name in ("link", "link/new", "../secret/new", "link/../new", "near/../../x", "..", "a/.."):
        with pytest.raises(UsageError, match="COACH_OUT_ROOTS|no folder"):
            folder(inside / name, inside)
    with pytest.raises(OutputError):
        folder(inside / "round" / "new", inside)
    assert folder(inside / "near" / "new", inside) == inside / "real" / "new"
    assert folder(inside / "new" / "newer", inside) == inside / "new" / "newer"


def test_a_result_folder_replaced_by_a_link_is_noticed(inside, secret):
    (inside / "real").mkdir()
    out = folder(inside / "real" / "lift", inside)
    check_unmoved(out, [inside], "COACH_OUT_ROOTS")
    swap(inside / "real", secret)
    with pytest.raises(UsageError, match="COACH_OUT_ROOTS"):
        check_unmoved(out, [inside], "COACH_OUT_ROOTS")
