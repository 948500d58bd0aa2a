"""The scorer's process; one is enough for many pose workers, and more are harmless."""

from functools import cache
from typing import TYPE_CHECKING

from shared.queue import keys, worker
from shared.queue.batches import Batches
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.settings import Settings, read_settings

if TYPE_CHECKING:
    from services.scorer.worker import Scorer


def main(settings: Settings, burst: bool = False) -> None:
    """Score until stopped, or with `burst` until no keypoints are left and none will come.

    Judging is loaded with the first message, because SciPy takes most of a second of processor
    time, in which pose workers that start on the same machine load their networks.

    Raises:
        ModelError: the model that the settings name is missing or damaged.
    """
    context = worker.start_worker_context("scorer", settings)
    consumer = worker.join(context, keys.KEYPOINTS, keys.SCORER_GROUP)

    @cache
    def scorer() -> "Scorer":
        from services.scorer.score import lift_model
        from services.scorer.worker import Scorer

        return Scorer(context, consumer, lift_model.chosen(settings.posture_model))

    if settings.posture_model is not None:
        scorer()  # now: a wrong setting ends the process and fails no job
    monitor = StalledJobMonitor(context.client, context.store, settings)
    batches = Batches(context.client, settings.batch_jobs, settings.task_timeout_s)

    def look_after_jobs() -> None:
        batches.begin_if_due()
        monitor.repair_if_due()

    worker.consume(
        context,
        consumer,
        lambda delivery: scorer().handle(delivery),
        is_drained=(lambda: worker.is_scoring_drained(context)) if burst else None,
        between=look_after_jobs,
    )


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
