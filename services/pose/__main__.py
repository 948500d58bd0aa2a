"""The pose worker's process; run as many as there are cores."""

from functools import lru_cache

from services.pose import engines
from services.pose.backends import Backend, check_backend, knows_options, load_backend, networks_of
from services.pose.worker import PoseWorker
from shared.data.pose_options import PoseOptions
from shared.errors import CapabilityError, Permanent
from shared.queue import keys, worker
from shared.settings import Settings, read_settings

#: Jobs with other options may alternate; a network takes up to half a gigabyte, and there is one
#: more while it is loaded.
_LOADED = 2


def main(settings: Settings, burst: bool = False) -> None:
    """Find poses until stopped, or with `burst` until no frames are left.

    Raises:
        UsageError, ModelError: the backend cannot run here. That is known before the first chunk
            is taken: a worker that is set up badly ends, and fails nobody's job.
    """
    context = worker.start_worker_context("pose", settings)
    backend_name = context.settings.backend
    threads = context.settings.pose_threads
    engine, precision = context.settings.engine, context.settings.precision
    networks = networks_of(backend_name)
    # Only the int8 forms of what a job's options ask for may have been made.
    only_some = precision == "int8" and knows_options(backend_name)
    engines.check(engine, precision, () if only_some else networks)

    @lru_cache(_LOADED)
    def backends(options: PoseOptions) -> Backend:
        check_backend(backend_name, options)  # what no worker can do fails the job
        try:
            return load_backend(backend_name, threads, options)
        except Permanent as error:
            raise CapabilityError(f"this worker cannot look as a job asks: {error}") from error

    if not knows_options(backend_name):
        backends(PoseOptions())  # at once, for it takes seconds; others wait for a chunk's options
    consumer = worker.join(context, keys.frames(backend_name), keys.POSE_GROUP)
    worker.consume(
        context,
        consumer,
        PoseWorker(backends, consumer, context.store).handle,
        is_drained=(lambda: worker.is_pose_drained(context, backend_name)) if burst else None,
    )


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
