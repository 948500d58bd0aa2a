"""What a batch submits for a recording."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from coach.archive.batch import Batch
from coach.archive.ledger import LEDGER, Ledger
from coach.archive.places import Places
from coach.archive.recordings import Recording
from coach.archive.work import BatchOptions, Stores
from shared.data.job_options import JobOptions
from shared.media.limits import DEFAULT_LIMITS

OPTIONS = BatchOptions(
    JobOptions("scripted", video=False), DEFAULT_LIMITS, jobs=4, task_timeout_s=60, name="gym"
)


@pytest.fixture
def submit(client, store, clip, tmp_path):
    """Submits the clip with some options; its job."""

    def submit_clip(**options):
        out = tmp_path / "out"
        out.mkdir()
        stores = Stores(Places(out, None, video=False), Ledger(out / LEDGER, is_kept=False))
        batch = Batch(replace(OPTIONS, **options), stores)
        batch.add([Recording(clip, PurePosixPath(clip.name))])
        batch.submit_next(client, store)
        assert not batch.rows
        [job_id] = store.ids()
        return store.get(job_id)

    return submit_clip


@pytest.mark.parametrize(("sets", "kind"), [("on", "recording"), ("auto", "clip")])
def test_a_recording_is_judged_set_by_set_if_asked_to(submit, sets, kind):
    assert submit(job=replace(OPTIONS.job, sets=sets)).kind == kind
