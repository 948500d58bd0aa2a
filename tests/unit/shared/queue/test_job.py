from dataclasses import fields, replace
from math import inf, nan
from pathlib import Path

import pytest

from shared.data.defaults import MAX_TIME_S
from shared.data.job_options import JobOptions, JudgingOptions
from shared.data.messages import EndReason
from shared.data.pose_options import PoseOptions
from shared.errors import MessageError, UsageError
from shared.queue.job import Job, from_record, new_job, to_record

OPTIONS = JobOptions("blazepose-full")


def job_of(name="a.mp4", sha256="ab", out="o", options=OPTIONS):
    return new_job(Path(name), sha256, Path(out), options)


@pytest.mark.parametrize(
    ("job", "is_the_same"),
    [
        (job_of(name="copy-of-a.mp4"), True),  # the content counts, not the name
        (job_of(sha256="cd"), False),
        (job_of(out="p"), False),
        (job_of(options=replace(OPTIONS, every=2)), False),
        (job_of(options=replace(OPTIONS, pose=PoseOptions(region=True))), False),
        (job_of(options=replace(OPTIONS, judging=JudgingOptions(plate_mm=400))), False),
    ],
)
def test_identity_is_content_options_and_output_folder(job, is_the_same):
    assert (job.id == job_of().id) == is_the_same


def test_every_field_survives_the_record():
    options = replace(
        OPTIONS,
        every=2,
        video=False,
        judging=JudgingOptions(380.0, 181.5, 4.0, {"rounded_back": {"threshold_deg": 30}}),
        pose=PoseOptions(height_px=256, stages=2, region=True),
    )
    job = replace(
        job_of(options=options),
        state="failed", width_px=640, height_px=480, fps=29.97, every=2, decoded=7, frames=9,
        sent=3, end_sent=1, chunks=4, end_reason=EndReason.TRUNCATED, written=5, repairs=1,
        kind="recording", recording="abc", from_s=1.0, to_s=2.0,
        repaired_at="write 4", repair_due_s=1.5, timeout_s=60.0, started_s=2.5, error="e",
        priority="high", batch="gym",
        error_kind="SourceError",
    )  # fmt: skip
    assert from_record(to_record(job)) == job
    default = job_of()
    unchanged = [f.name for f in fields(Job) if getattr(job, f.name) == getattr(default, f.name)]
    assert set(unchanged) <= {"source", "sha256", "out"}


@pytest.mark.parametrize("timeout_s", [inf, nan, -1.0, MAX_TIME_S + 1])
def test_a_job_that_no_worker_could_read_is_refused(timeout_s):
    with pytest.raises(UsageError, match="timeout_s"):
        new_job(Path("a.mp4"), "ab", Path("o"), OPTIONS, timeout_s)


def test_the_longest_time_limit_is_read_back():
    job = new_job(Path("a.mp4"), "ab", Path("o"), OPTIONS, MAX_TIME_S)
    assert from_record(to_record(job)) == job


def test_fields_missing_in_a_record_have_their_defaults():
    record = to_record(job_of())
    for name in ("repairs", "end_reason", "fps"):
        del record[name]
    assert from_record(record) == replace(job_of(), created_s=float(record["created_s"]),
                                          progress_s=float(record["progress_s"]),
                                          traceparent=record["traceparent"])  # fmt: skip


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("options", '{"backend": "b", "unknown": 1}'),  # an option of another version
        ("options", "damaged"),
        ("chunks", "many"),
        ("end_reason", "unknown"),
    ],
)
def test_record_of_another_version_is_refused(field, text):
    record = to_record(job_of()) | {field: text}
    with pytest.raises(MessageError, match="another version"):
        from_record(record)


def test_options_out_of_range_are_refused():
    with pytest.raises(UsageError):
        JobOptions("blazepose-full", every=-1)
