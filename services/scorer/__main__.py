"""The scorer's process; one is enough for many pose workers, and more are harmless."""

from services.scorer.score import lift_model
from services.scorer.worker import Scorer
from shared.queue import keys, worker
from shared.queue.stalled_jobs import StalledJobMonitor
from shared.settings import Settings, read_settings


def main(settings: Settings, burst: bool = False) -> None:
    """Score until stopped, or with `burst` until no keypoints are left and none will come."""
    context = worker.start_worker_context("scorer", settings)
    consumer = worker.join(context, keys.KEYPOINTS, keys.SCORER_GROUP)
    worker.consume(
        context,
        consumer,
        Scorer(context, consumer, lift_model.chosen(settings.posture_model)).handle,
        is_drained=(lambda: worker.is_scoring_drained(context)) if burst else None,
        between=StalledJobMonitor(context.client, context.store, settings).repair_if_due,
    )


if __name__ == "__main__":
    worker.run(lambda: main(read_settings()))
