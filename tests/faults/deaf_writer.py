"""A writer whose task notices no request to stop, as where a library works on one frame for long.

It is the real worker in all else. Run as a script with the settings of a writer, and with the
moment at which it gets SIGTERM: one of `MOMENTS`.
"""

import os
import signal
import sys
import time

from services.writer import task
from shared.queue import task_worker, tasks, worker
from shared.queue.task_run import TaskRun
from shared.settings import read_settings

#: RQ has registered the worker and does not handle signals yet; the task is taken and its process
#: not yet started; that is being started; it works.
MOMENTS = ("registered", "taken", "starting", "working")


def ask_to_stop(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def main(moment: str) -> None:
    pid = os.getpid()

    def work(_run: TaskRun) -> None:
        if moment == "working":
            ask_to_stop(pid)
        while True:
            time.sleep(1)

    class Asked(task_worker._Worker):
        def subscribe(self):
            if moment == "registered":
                ask_to_stop(pid)
            super().subscribe()

        def fork_work_horse(self, job, queue):
            if moment == "taken":
                ask_to_stop(pid)
            super().fork_work_horse(job, queue)

    def fork(fork=os.fork):
        if moment == "starting":
            ask_to_stop(pid)
        return fork()

    task._write, task.GRACE_S = work, 0.0
    task_worker._Worker = Asked
    os.fork = fork
    settings = read_settings()
    context = worker.start_worker_context("writer", settings)
    tasks.run_worker(context.client, "write", False, settings, context.stop, context.requests)


if __name__ == "__main__":
    worker.run(lambda: main(sys.argv[1]))
