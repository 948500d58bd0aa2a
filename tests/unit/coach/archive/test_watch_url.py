"""What is given of an archive by URL that is listed again and again."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from coach.archive.recordings import Found, Recording
from coach.archive.watch_url import UrlWatch
from shared.errors import SourceError

ONE = Recording(Path("/spool/a.mp4"), PurePosixPath("a.mp4"), 5, 1.0, version="first")


class Store:
    """Lists what it is told to, or does not answer."""

    def __init__(self, *listed):
        self.listed = listed
        self.said = []

    def find(self):
        if self.listed is None:
            raise SourceError("s3://gym: no answer")
        return Found(tuple(self.listed))

    def watch(self, poll_s=0.0):
        return UrlWatch(self.find, poll_s, 0.0, self.said.append)


def given(watch):
    return watch.find_complete()[1]


def test_recording_is_given_when_two_listings_agree():
    store = Store(ONE)
    with store.watch() as watch:
        assert given(watch) == []
        store.listed = [grown := replace(ONE, version="second")]
        assert given(watch) == []  # it is still being written
        assert given(watch) == [grown]
        assert given(watch) == []
        watch.give_again([ONE.relative])
        assert given(watch) == [grown]


def test_recording_that_is_replaced_is_given_again():
    store = Store(ONE)
    with store.watch() as watch:
        assert [given(watch), given(watch)] == [[], [ONE]]
        store.listed = [new := replace(ONE, version="second")]
        assert [given(watch), given(watch)] == [[], [new]]


def test_recording_that_was_away_is_given_again():
    store = Store(ONE)
    with store.watch() as watch:
        assert [given(watch), given(watch)] == [[], [ONE]]
        listed, store.listed = store.listed, []
        assert given(watch) == []
        store.listed = listed
        assert [given(watch), given(watch)] == [[], [ONE]]


def test_what_cannot_be_taken_is_given_once_and_at_once():
    store = Store(bad := replace(ONE, error="not a path of folders"))
    with store.watch() as watch:
        assert [given(watch), given(watch)] == [[bad], []]


def test_store_that_is_away_ends_nothing_but_the_first_listing():
    store = Store(ONE)
    with store.watch() as watch:
        assert given(watch) == []
        listed, store.listed = store.listed, None
        assert [watch.find_complete(), watch.find_complete()] == [(None, [])] * 2
        assert store.said == ["s3://gym: no answer; it is tried again every 0 s"]
        store.listed = listed
        assert given(watch) == [ONE]
        assert store.said[1:] == ["the archive answers again"]
    store.listed = None
    with pytest.raises(SourceError):
        store.watch().__enter__()


def test_archive_is_not_listed_before_its_time():
    store = Store()
    with store.watch(poll_s=1000.0) as watch:
        assert watch.find_complete() == (Found(()), [])
        assert watch.find_complete() == (None, [])
