"""Traces, as a real collector receives them."""

import subprocess
import sys
import time

import pytest
from otlp_receiver import receiving

from shared.data.job_options import JobOptions
from shared.errors import UsageError
from shared.queue.job import new_job
from shared.tracing import Traces, new_traceparent


@pytest.fixture
def job(tmp_path):
    return new_job(tmp_path / "a.mp4", "ab" * 32, tmp_path, JobOptions("movenet"))


def test_a_jobs_spans_are_one_trace_below_the_span_of_the_job(job):
    traces = Traces()
    with receiving() as receiver:
        traces.begin("pose", receiver.url)
        with traces.span("score", lambda: job.traceparent, chunk=3), traces.span("judge"):
            pass
        traces.end_of_job(job, "the disk is full")
        traces.flush()
    assert {service for service, _ in receiver.spans} == {"coach-pose"}
    spans = {span.name: span for _, span in receiver.spans}
    assert spans.keys() == {"score", "judge", "job"}
    assert {span.trace_id.hex() for span in spans.values()} == {job.traceparent[3:35]}
    assert spans["job"].span_id.hex() == job.traceparent[36:52]
    assert not spans["job"].parent_span_id
    assert spans["score"].parent_span_id == spans["job"].span_id
    assert spans["judge"].parent_span_id == spans["score"].span_id
    assert spans["score"].attributes[0].value.int_value == 3
    assert spans["job"].status.message == "the disk is full"
    assert spans["job"].start_time_unix_nano == int(job.created_s * 1e9)


def test_without_an_endpoint_nothing_is_imported():
    code = (
        "import sys; from shared.queue import worker; from shared.tracing import TRACES\n"
        "TRACES.begin('pose', '')\n"
        "with TRACES.span('pose', lambda: 1 / 0): pass\n"
        "assert not {'opentelemetry.exporter', 'prometheus_client'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_lost_collector_holds_up_nothing(job):
    traces = Traces()
    traces.begin("pose", "http://127.0.0.1:9")  # nobody listens on that port
    with traces.span("pose", lambda: job.traceparent):
        pass
    started_s = time.monotonic()
    traces.flush()
    assert time.monotonic() - started_s < 30


def test_endpoint_that_is_no_url_is_refused():
    with pytest.raises(UsageError, match="COACH_OTLP_ENDPOINT"):
        Traces().begin("pose", "collector:4318")


def test_each_job_has_a_trace_of_its_own():
    assert new_traceparent() != new_traceparent()
