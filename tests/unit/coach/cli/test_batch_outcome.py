"""What `coach batch` says when Ctrl-C ends it."""

from pathlib import Path, PurePosixPath

import pytest

from coach.archive.batch import Batch
from coach.archive.ledger import Ledger
from coach.archive.places import Places
from coach.archive.recordings import Recording
from coach.archive.rows import Row
from coach.archive.work import BatchOptions, Stores
from coach.cli.batch_outcome import say_interrupted
from shared.data.job_options import JobOptions
from shared.media.limits import DEFAULT_LIMITS

OPTIONS = BatchOptions(JobOptions("scripted"), DEFAULT_LIMITS, jobs=4, task_timeout_s=60)


@pytest.mark.parametrize(
    ("is_watch", "waits", "expected"),
    [
        (False, True, "interrupted: 1 done, 1 waiting; run the same command to go on\n"),
        (True, True, "not finished: 1 waiting; the same command goes on with that\n"),
        (True, False, ""),  # its usual end
    ],
)
def test_end_of_a_watch_is_no_interruption(tmp_path, capsys, is_watch, waits, expected):
    ledger = Ledger(tmp_path / "ledger", is_kept=False)
    batch = Batch(OPTIONS, Stores(Places(tmp_path, None, video=False), ledger))
    batch.rows[PurePosixPath("a.mp4")] = [Row(recording="a.mp4", state="done")]
    if waits:
        batch.add([Recording(Path("/archive/b.mp4"), PurePosixPath("b.mp4"))])
    say_interrupted(batch, is_deployment=True, is_here=True, is_watch=is_watch)
    assert capsys.readouterr().err == expected
