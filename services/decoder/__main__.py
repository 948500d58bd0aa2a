"""The decoder's process: an RQ worker on the queue of decode tasks."""

from functools import partial

import services.decoder.task  # noqa: F401  (here, not in each task's process)
from shared.data import document
from shared.data.job_options import JobOptions
from shared.memory import share_with_children
from shared.queue import keys, tasks, worker
from shared.settings import Settings, read_settings

#: Interval at which a burst worker looks for jobs of a batch that have begun, in seconds.
_CHECK_S = 0.5


def main(settings: Settings, burst: bool = False) -> None:
    """Decode until stopped, or with `burst` until no task is left, and no batch has more."""
    context = worker.start_worker_context("decoder", settings)
    document.prepare(JobOptions)
    share_with_children()
    work_off = partial(
        tasks.run_worker,
        context.client,
        "decode",
        settings=settings,
        stop=context.stop,
        requests=context.requests,
    )
    if not burst:
        work_off(burst=False)
        return
    while not context.stop.wait(_CHECK_S):
        has_more = context.client.exists(keys.BATCHES)  # it is asked before their tasks are done
        is_empty = work_off(burst=True)
        if not has_more or not is_empty:
            break


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
