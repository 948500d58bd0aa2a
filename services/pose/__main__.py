"""The pose worker's process; run as many as there are cores."""

from functools import lru_cache

from services.pose.backends import Backend, knows_options, load_backend
from services.pose.worker import PoseWorker
from shared import keys, worker
from shared.pose_options import PoseOptions
from shared.settings import Settings

#: Jobs with other options may alternate; a network takes up to half a gigabyte.
_LOADED = 2


def main(redis_url: str, burst: bool = False) -> None:
    """Find poses until stopped, or with `burst` until no frames are left."""
    around = worker.set_up("pose", redis_url)
    backend_name = around.settings.backend
    threads = around.settings.pose_threads

    @lru_cache(_LOADED)
    def backends(options: PoseOptions) -> Backend:
        return load_backend(backend_name, threads, options)

    if not knows_options(backend_name):
        backends(PoseOptions())  # at once, for it takes seconds; others wait for a chunk's options
    consumer = worker.join(around, keys.frames(backend_name), keys.POSE_GROUP)
    worker.consume(
        around,
        consumer,
        PoseWorker(backends, consumer, around.store).handle,
        is_drained=(lambda: worker.is_pose_drained(around, backend_name)) if burst else None,
    )


if __name__ == "__main__":
    worker.run(lambda: main(Settings().redis_url))
