"""What is given of an archive's folder that is followed."""

import pytest

from coach.archive import watch
from coach.archive.recordings import LocalArchive
from shared.media.limits import DEFAULT_LIMITS


@pytest.fixture
def followed(clip, monkeypatch):
    """The folder of the clip, followed without pauses."""
    for name in ("_UNSETTLED_S", "_QUIET_S"):
        monkeypatch.setattr(watch, name, 0.0)
    monkeypatch.setattr(watch, "_MAX_FRACTION", 1e9)
    archive = LocalArchive(clip.parent, clip.parent / "out")
    with watch.FolderWatch(archive, DEFAULT_LIMITS, settle_s=0.0) as following:
        yield following


def given(following):
    return [one.path for one in following.find_complete()[1]]


def test_recording_is_given_again_if_asked_once_nobody_writes_to_it(followed, clip):
    assert [given(followed), given(followed)] == [[clip], []]
    [recording] = followed.find_complete()[0].recordings
    with clip.open("ab"):
        followed.give_again([recording.relative])
        assert given(followed) == []
    assert given(followed) == [clip]


def test_recording_that_was_away_is_given_again(followed, clip):
    assert given(followed) == [clip]
    clip.rename(away := clip.with_suffix(".away"))
    assert given(followed) == []
    away.rename(clip)
    assert [given(followed), given(followed)] == [[clip], []]
