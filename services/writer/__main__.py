"""The writer's process: an RQ worker on the queue of write tasks."""

from functools import partial

import services.writer.task  # noqa: F401  (here, not in each task's process)
from services.writer import report, results
from shared.data import codec, document
from shared.data.analysis import Analysis
from shared.data.job_options import JobOptions
from shared.data.manifest import Manifest
from shared.memory import share_with_children
from shared.queue import tasks, worker
from shared.settings import Settings, read_settings

#: Interval at which a burst worker checks whether the earlier stages are done, in seconds.
_CHECK_S = 0.5


def main(settings: Settings, burst: bool = False) -> None:
    """Write until stopped; with `burst`, until all stages have no work left."""
    context = worker.start_worker_context("writer", settings)
    report.load_templates()
    results.library_versions()
    document.prepare(JobOptions, Analysis, Manifest)
    codec.prepare(Analysis)
    share_with_children()
    work_off = partial(
        tasks.run_worker,
        context.client,
        "write",
        settings=settings,
        stop=context.stop,
        requests=context.requests,
    )
    if not burst:
        work_off(burst=False)
        return
    while not context.stop.wait(_CHECK_S):
        upstream_drained = worker.is_scoring_drained(context)
        is_empty = work_off(burst=True)
        if upstream_drained or not is_empty:
            break


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
