"""The summary while a batch runs: written and uploaded as often as it should be."""

from pathlib import Path, PurePosixPath

import pytest

from coach.archive import renewal
from coach.archive.batch import Batch
from coach.archive.ledger import LEDGER, Ledger
from coach.archive.opening import Opened
from coach.archive.places import Places
from coach.archive.recordings import LocalArchive, Recording
from coach.archive.remote import RemoteFolder
from coach.archive.summary import CSV
from coach.archive.work import BatchOptions, Stores
from shared.data.job_options import JobOptions
from shared.errors import OutputError
from shared.media.limits import DEFAULT_LIMITS

OPTIONS = BatchOptions(JobOptions("scripted"), DEFAULT_LIMITS, jobs=4, task_timeout_s=60)


def unreadable(name):
    return Recording(Path(name), PurePosixPath(name), error="it cannot be read")


@pytest.fixture
def renewed(tmp_path, monkeypatch):
    """A summary whose results are kept in another folder, its batch, and what it says."""
    monkeypatch.setattr(renewal, "_DELIVER_S", 0.0)
    monkeypatch.setattr(renewal, "_MAX_FRACTION", 1e9)
    (tmp_path / "out").mkdir()
    remote = RemoteFolder((tmp_path / "store").as_uri())
    places = Places(tmp_path / "out", remote, video=False)
    stores = Stores(places, Ledger(tmp_path / "out" / LEDGER), results=remote)
    opened = Opened(LocalArchive(tmp_path, tmp_path / "out"), stores, "gym", remote.url)
    batch, said = Batch(OPTIONS, stores), []
    return renewal.RenewedSummary(opened, batch, said.append), batch, said


def test_summary_is_delivered_when_it_has_changed(renewed, tmp_path):
    summary, batch, said = renewed
    batch.add([unreadable("a.mp4")])
    summary.renew_if_due("still running")
    delivered = tmp_path / "store" / CSV
    assert "a.mp4" in delivered.read_text("utf-8")
    delivered.unlink()
    summary.renew_if_due("still running")
    assert not delivered.exists()  # nothing has changed
    summary.finish()
    assert delivered.exists()
    assert said == []


def test_store_that_takes_no_summary_ends_a_batch_only_at_its_end(renewed, tmp_path):
    summary, batch, said = renewed
    (tmp_path / "store").write_text("no folder")
    batch.add([unreadable("a.mp4")])
    for _ in range(2):
        summary.renew_if_due("still running")
    assert len(said) == 1
    assert "it is tried again every 0 s" in said[0]
    with pytest.raises(OutputError):
        summary.finish()
    (tmp_path / "store").unlink()
    summary.renew_if_due("still running")
    assert (tmp_path / "store" / CSV).exists()
