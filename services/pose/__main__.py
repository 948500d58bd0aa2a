"""The pose worker's process; run one per core."""

from functools import lru_cache

from services.pose import engines
from services.pose.backends import (
    Backend,
    check_backend,
    load_backend,
    networks_of,
    supports_options,
)
from services.pose.runtime import Runtime
from services.pose.worker import PoseWorker
from shared.data.pose_options import PoseOptions
from shared.errors import CapabilityError, Permanent
from shared.queue import keys, worker
from shared.queue.watchdog import Watchdog
from shared.settings import Settings, read_settings

#: Backends kept loaded. Chosen: jobs with two sets of options may alternate. A network takes up to
#: half a gigabyte, and one more exists while another is being loaded.
_MAX_LOADED = 2


def main(settings: Settings, burst: bool = False) -> None:
    """Find poses until stopped, or with `burst` until no frames are left.

    Raises:
        UsageError, ModelError: the backend cannot run here. This is checked before the first chunk
            is taken, so that a misconfigured worker ends without failing a job.
    """
    context = worker.start_worker_context("pose", settings)
    backend_name, runtime = settings.backend, Runtime.of(settings)
    has_options = supports_options(backend_name)
    networks = networks_of(backend_name, runtime)
    # With int8, only the networks of the options that jobs use need to be quantized.
    engines.check(runtime, () if has_options and runtime.precision == "int8" else networks)

    @lru_cache(_MAX_LOADED)
    def load(options: PoseOptions) -> Backend:
        check_backend(backend_name, options)  # an option that no worker supports fails the job
        try:
            return load_backend(backend_name, runtime, options)
        except Permanent as error:
            raise CapabilityError(f"this worker cannot run the job's options: {error}") from error

    if not has_options:
        load(PoseOptions())  # now, because it takes seconds; others depend on a chunk's options
    consumer = worker.join(context, keys.frames(backend_name), keys.POSE_GROUP)
    watchdog = Watchdog(settings.hang_s)
    pose = PoseWorker(load, consumer, context.store, watchdog, settings.timings)
    worker.consume(
        context,
        consumer,
        pose.handle,
        is_drained=(lambda: worker.is_pose_drained(context, backend_name)) if burst else None,
        skip=pose.skip,
    )


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
