"""The pose worker's process; run as many as there are cores."""

from services.pose.backends import load_backend
from services.pose.worker import PoseWorker
from shared import keys, worker
from shared.settings import Settings


def main(redis_url: str, burst: bool = False) -> None:
    """Find poses until stopped, or with `burst` until no frames are left."""
    around = worker.set_up("pose", redis_url)
    backend_name = around.settings.backend
    backend = load_backend(backend_name, around.settings.pose_threads)
    consumer = worker.join(around, keys.frames(backend_name), keys.POSE_GROUP)
    worker.consume(
        around,
        consumer,
        PoseWorker(backend, consumer, around.store).handle,
        is_drained=(lambda: worker.is_pose_drained(around, backend_name)) if burst else None,
    )


if __name__ == "__main__":
    worker.run(lambda: main(Settings().redis_url))
