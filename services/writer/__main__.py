"""The writer's process: an RQ worker on the queue of write tasks."""

from shared.queue import tasks, worker
from shared.settings import Settings

#: With `burst`: pause between looks at whether earlier stages still have work, seconds.
_LOOK_S = 0.5


def main(redis_url: str, burst: bool = False) -> None:
    """Write until stopped, or with `burst` until nothing is left or to come."""
    context = worker.start_worker_context("writer", redis_url)
    if not burst:
        tasks.run_worker(context.client, "write", burst=False)
        return
    while not context.stop.wait(_LOOK_S):
        upstream_drained = worker.is_scoring_drained(context)
        tasks.run_worker(context.client, "write", burst=True)
        if upstream_drained:
            break


if __name__ == "__main__":
    worker.run(lambda: main(Settings().redis_url))
