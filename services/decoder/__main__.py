"""The decoder's process: an RQ worker on the queue of decode tasks."""

import services.decoder.task  # noqa: F401  (here, not in each task's process)
from shared.queue import tasks, worker
from shared.settings import Settings, read_settings


def main(settings: Settings, burst: bool = False) -> None:
    """Decode until stopped, or with `burst` until no task is left."""
    context = worker.start_worker_context("decoder", settings)
    tasks.run_worker(context.client, "decode", burst, settings.task_timeout_s)


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
